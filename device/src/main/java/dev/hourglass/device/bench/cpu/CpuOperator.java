package dev.hourglass.device.bench.cpu;

/// One operator at one shape in plain Java, with its inputs.
///
/// Matrices are arrays of rows: the compiler makes vectors of loops over arrays that begin at the same index, which
/// rows of one large array would not.
interface CpuOperator {
    /// Operations of one call, a multiply-add being two.
    double flops();

    /// Bytes that one call must move, each operand once.
    double bytes();

    /// Bytes of inputs, outputs and what lies between.
    long memoryBytes();

    /// Computes its part.
    void run(int part, int parts);

    /// What it computed, as far as it is compared; always the same places.
    double[] outputs();

    /// The same in double precision, from the inputs.
    double[] reference();

    /// Overwrites the outputs with what cannot be right.
    void poison();

    /// Largest relative error, by the Frobenius norm.
    default double allowed() {
        return 1e-5;
    }

    /// Whether one thread does all of it.
    default boolean alone() {
        return false;
    }

    /// Who computes.
    default String backend() {
        return "java";
    }

    /// Version of who computes; empty where it is Hourglass.
    default String library() {
        return "";
    }

    /// The code that runs.
    default String kernel() {
        return getClass().getSimpleName();
    }
}
