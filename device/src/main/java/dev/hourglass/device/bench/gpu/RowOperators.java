package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.gpu.KernelOperator.Call;
import dev.hourglass.device.bench.gpu.KernelOperator.Cost;
import dev.hourglass.device.ffi.cuda.Grid;
import dev.hourglass.device.gpu.Gpu;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.IntConsumer;

/// Operators that take rows, one after another.
final class RowOperators {
    /// Elements that a kernel moves at once at most.
    private static final int PIECE = 8;
    /// Rows that are compared; more would take longer than the timing.
    private static final int COMPARED_ROWS = 64;
    private static final int MOST_THREADS = 1024;
    private static final int WARP = 32;
    private static final double NORM_EPSILON = 1e-6;
    private static final double LAYER_EPSILON = 1e-5;
    private static final double GELU_A = 0.7978845608;
    private static final double GELU_B = 0.044715;

    /// Operations a number, as operators are counted: a norm multiplies, adds, scales twice; the rest is rough and
    /// said so in the documentation.
    private static final int RMSNORM_FLOPS = 4;
    private static final int LAYERNORM_FLOPS = 16;
    private static final int SOFTMAX_FLOPS = 5;
    private static final int SILU_FLOPS = 5;

    private static final long ROWS = 4096;
    private static final long WIDTH = 4096;
    private static final long INNER = 14_336;
    private static final long WORDS = 151_936;

    private RowOperators() {}

    static List<KernelOperator> all() {
        return List.of(
                KernelOperator.of(
                        "rmsnorm",
                        "root-mean-square norm of T rows of H",
                        Axes.of("T", ROWS, "H", WIDTH),
                        (a, b) -> new Cost(
                                RMSNORM_FLOPS * a.at("T") * a.at("H"), b * (2.0 * a.at("T") * a.at("H") + a.at("H"))),
                        RowOperators::rmsnorm),
                KernelOperator.of(
                        "layernorm_gelu",
                        "layer norm of T rows of H and GELU behind it, in one kernel",
                        Axes.of("T", ROWS, "H", WIDTH),
                        (a, b) -> new Cost(
                                LAYERNORM_FLOPS * a.at("T") * a.at("H"), b * (2.0 * a.at("T") * a.at("H") + a.at("H"))),
                        RowOperators::layernorm),
                KernelOperator.of(
                        "softmax",
                        "softmax of T rows of N",
                        Axes.of("T", ROWS, "N", WIDTH),
                        (a, b) -> new Cost(SOFTMAX_FLOPS * a.at("T") * a.at("N"), 2.0 * b * a.at("T") * a.at("N")),
                        RowOperators::softmax),
                KernelOperator.of(
                        "silu_mul",
                        "SiLU of the gate times the up projection, T rows of I",
                        Axes.of("T", ROWS, "I", INNER),
                        (a, b) -> new Cost(SILU_FLOPS * a.at("T") * a.at("I"), 3.0 * b * a.at("T") * a.at("I")),
                        RowOperators::silu),
                KernelOperator.of(
                        "sampling",
                        "greedy choice of T tokens among V words",
                        Axes.of("T", 64, "V", WORDS),
                        (a, b) -> new Cost(a.at("T") * a.at("V"), b * a.at("T") * a.at("V") + 4.0 * a.at("T")),
                        RowOperators::argmax));
    }

    private static Call rmsnorm(Lab lab, Held held, NumberFormat format, Axes axes) {
        return norm("rmsnorm_", lab, held, format, axes, (in, weights) -> {
            int cols = in.length;
            double sum = 0;
            for (double v : in) {
                sum += v * v;
            }
            double scale = 1 / Math.sqrt(sum / cols + NORM_EPSILON);
            double[] out = new double[cols];
            for (int i = 0; i < cols; i++) {
                out[i] = in[i] * scale * weights[i];
            }
            return out;
        });
    }

    private static Call layernorm(Lab lab, Held held, NumberFormat format, Axes axes) {
        return norm("layernorm_gelu_", lab, held, format, axes, (in, weights) -> {
            int cols = in.length;
            double sum = 0;
            double squares = 0;
            for (double v : in) {
                sum += v;
                squares += v * v;
            }
            double mean = sum / cols;
            double scale = 1 / Math.sqrt(squares / cols - mean * mean + LAYER_EPSILON);
            double[] out = new double[cols];
            for (int i = 0; i < cols; i++) {
                double v = (in[i] - mean) * scale * weights[i];
                out[i] = 0.5 * v * (1 + Math.tanh(GELU_A * (v + GELU_B * v * v * v)));
            }
            return out;
        });
    }

    /// A norm of rows with weights for their columns.
    ///
    /// @param kernel its name without the format
    /// @param reference from a row and the weights to the row that is expected
    private static Call norm(
            String kernel, Lab lab, Held held, NumberFormat format, Axes axes, BinaryOperator<double[]> reference) {
        axes.requireMultiple("H", PIECE);
        int rows = axes.small("T");
        int cols = axes.small("H");
        Gpu.Buffer x = lab.random(held, format, (long) rows * cols);
        Gpu.Buffer w = lab.random(held, format, cols);
        Gpu.Buffer y = held.buffer(x.bytes());
        Runnable launch = lab.code()
                .launch(
                        kernel + format.word(),
                        rows(rows, cols),
                        held.arena(),
                        x.address(),
                        w.address(),
                        y.address(),
                        cols);
        return new Call(
                launch,
                () -> new Rows(format, rows, cols)
                        .compare(
                                lab,
                                List.of(x),
                                y,
                                launch,
                                (in, row) -> reference.apply(in[0], whole(w, format, cols))));
    }

    private static Call softmax(Lab lab, Held held, NumberFormat format, Axes axes) {
        axes.requireMultiple("N", PIECE);
        int rows = axes.small("T");
        int cols = axes.small("N");
        Gpu.Buffer x = lab.random(held, format, (long) rows * cols);
        Gpu.Buffer y = held.buffer(x.bytes());
        Runnable launch = lab.code()
                .launch("softmax_" + format.word(), rows(rows, cols), held.arena(), x.address(), y.address(), cols);
        return new Call(
                launch,
                () -> new Rows(format, rows, cols).compare(lab, List.of(x), y, launch, (in, row) -> {
                    double[] out = new double[cols];
                    double sum = 0;
                    for (int i = 0; i < cols; i++) {
                        out[i] = Math.exp(in[0][i]);
                        sum += out[i];
                    }
                    for (int i = 0; i < cols; i++) {
                        out[i] /= sum;
                    }
                    return out;
                }));
    }

    private static Call silu(Lab lab, Held held, NumberFormat format, Axes axes) {
        axes.requireMultiple("I", PIECE);
        int rows = axes.small("T");
        int cols = axes.small("I");
        axes.requireAtMost("T", 65_535);
        Gpu.Buffer x = lab.random(held, format, 2L * rows * cols);
        Gpu.Buffer y = held.buffer((long) rows * cols * format.bytes());
        int pieces = cols * format.bytes() / 16;
        Grid grid = new Grid(Math.ceilDiv(pieces, 256), rows, 1, 256, 0);
        Runnable launch =
                lab.code().launch("silu_mul_" + format.word(), grid, held.arena(), x.address(), y.address(), cols);
        return new Call(
                launch,
                () -> new Rows(format, rows, cols).compare(lab, List.of(x), y, launch, (in, row) -> {
                    double[] out = new double[cols];
                    for (int i = 0; i < cols; i++) {
                        double gate = in[0][i];
                        out[i] = gate / (1 + Math.exp(-gate)) * in[0][cols + i];
                    }
                    return out;
                }));
    }

    private static Call argmax(Lab lab, Held held, NumberFormat format, Axes axes) {
        axes.requireMultiple("V", PIECE);
        int rows = axes.small("T");
        int cols = axes.small("V");
        Gpu.Buffer x = lab.random(held, format, (long) rows * cols);
        Gpu.Buffer y = held.buffer(4L * rows);
        Runnable launch = lab.code()
                .launch(
                        "argmax_" + format.word(),
                        Grid.of(rows, MOST_THREADS),
                        held.arena(),
                        x.address(),
                        y.address(),
                        cols);
        return new Call(launch, () -> {
            Errors errors = new Errors();
            y.fill(-1);
            launch.run();
            lab.gpu().stream().await();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment chosen = y.read(0, y.bytes(), arena);
                eachRow(rows, row -> {
                    double[] in = row(x, format, row, cols);
                    double best = in[0];
                    for (double v : in) {
                        best = Math.max(best, v);
                    }
                    int at = (int) NumberFormat.INT32.at(chosen, row);
                    errors.add(at >= 0 && at < cols ? in[at] : Double.NaN, best);
                });
            }
            return errors.check(0);
        });
    }

    /// From rows of inputs to a row of outputs.
    interface Reference {
        double[] of(double[][] inputs, int row);
    }

    /// Rows of an output.
    ///
    /// @param format of its numbers, and of those of the inputs
    record Rows(NumberFormat format, int rows, int cols) {
        /// Poisons the output, runs, compares some rows.
        Check compare(Lab lab, List<Gpu.Buffer> inputs, Gpu.Buffer output, Runnable launch, Reference reference) {
            Errors errors = new Errors();
            output.fill(-1);
            launch.run();
            lab.gpu().stream().await();
            eachRow(rows, row -> {
                double[][] in = inputs.stream()
                        .map(x -> row(x, format, row, Math.toIntExact(x.bytes() / format.bytes() / rows)))
                        .toArray(double[][]::new);
                double[] expected = reference.of(in, row);
                double[] got = row(output, format, row, cols);
                for (int i = 0; i < cols; i++) {
                    errors.add(got[i], expected[i]);
                }
            });
            return errors.check(format.allowed());
        }
    }

    /// The first rows, the last, and some between.
    static void eachRow(int rows, IntConsumer work) {
        int compared = Math.min(rows, COMPARED_ROWS);
        for (int i = 0; i < compared; i++) {
            work.accept(compared == 1 ? 0 : (int) ((long) i * (rows - 1) / (compared - 1)));
        }
    }

    static double[] row(Gpu.Buffer buffer, NumberFormat format, long row, int cols) {
        try (Arena arena = Arena.ofConfined()) {
            long bytes = (long) cols * format.bytes();
            MemorySegment copy = buffer.read(row * bytes, bytes, arena);
            double[] values = new double[cols];
            for (int i = 0; i < cols; i++) {
                values[i] = format.at(copy, i);
            }
            return values;
        }
    }

    private static double[] whole(Gpu.Buffer buffer, NumberFormat format, int elements) {
        return row(buffer, format, 0, elements);
    }

    /// A block for each row, as wide as its pieces of 16 bytes.
    private static Grid rows(int rows, int cols) {
        int threads = Math.clamp(Math.ceilDiv(cols / PIECE, WARP) * (long) WARP, WARP, MOST_THREADS);
        return Grid.of(rows, threads);
    }
}
