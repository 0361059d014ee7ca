package dev.hourglass.device.bench;

/// Whether an operator computed what it should: of one that did not no time is shown.
public sealed interface Check {
    /// Its error is within what its number format allows.
    ///
    /// @param error relative, by the Frobenius norm, against double precision
    /// @param allowed at most
    record Right(double error, double allowed) implements Check {}

    /// It is not.
    ///
    /// @param error as of `Right`; NaN where an output was not written
    /// @param allowed at most
    record Wrong(double error, double allowed) implements Check {}

    /// Nothing is computed that could be compared, or the result cannot be read.
    ///
    /// @param reason in one sentence
    record Unchecked(String reason) implements Check {}

    /// @return right or wrong
    static Check of(double error, double allowed) {
        return error <= allowed ? new Right(error, allowed) : new Wrong(error, allowed);
    }
}
