package dev.hourglass.device.bench.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.gpu.KernelOperator.Call;
import dev.hourglass.device.bench.gpu.KernelOperator.Cost;
import dev.hourglass.device.bench.gpu.RowOperators.Rows;
import dev.hourglass.device.ffi.cuda.Grid;
import dev.hourglass.device.gpu.Gpu;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Operators that go by tokens: where they lie, which experts they take, how they are packed.
final class TokenOperators {
    private static final int PIECE = 8;
    private static final int THREADS = 256;
    private static final int WARP = 32;
    private static final int MOST_EXPERTS = 512;
    private static final int GROUP = 128;
    private static final int LANES_OF_A_GROUP = 16;
    private static final int FLOPS_OF_A_PAIR = 6;
    private static final int QUANTISE_FLOPS = 3;
    private static final int INT = 4;
    private static final int FLOAT = 4;
    /// A step of the quantiser, relative to the largest of a group of normal numbers; half of it is lost.
    private static final double QUANTISED = 2e-2;

    private TokenOperators() {}

    static List<KernelOperator> all() {
        return List.of(
                KernelOperator.of(
                        "rope",
                        "rotary embedding of T tokens, h heads of d",
                        Axes.of("T", 4096, "h", 40, "d", 128),
                        (a, b) -> new Cost(
                                FLOPS_OF_A_PAIR / 2.0 * a.at("T") * a.at("h") * a.at("d"),
                                2.0 * b * a.at("T") * a.at("h") * a.at("d") + (double) FLOAT * a.at("T") * a.at("d")),
                        TokenOperators::rope),
                KernelOperator.of(
                        "embedding",
                        "rows of a table of V words, H wide, for T tokens",
                        Axes.of("T", 8192, "H", 4096, "V", 151_936),
                        (a, b) -> new Cost(0, 2.0 * b * a.at("T") * a.at("H") + (double) INT * a.at("T")),
                        TokenOperators::embedding),
                KernelOperator.of(
                        "kv_write",
                        "T tokens' keys or values of width W to their places among S of a paged cache",
                        Axes.of("T", 8192, "W", 1024, "S", 65_536),
                        (a, b) -> new Cost(0, 2.0 * b * a.at("T") * a.at("W") + (double) INT * a.at("T")),
                        TokenOperators::kvWrite),
                KernelOperator.of(
                        "moe_route",
                        "softmax over E experts and the k best, for T tokens",
                        Axes.of("T", 4096, "E", 128, "k", 8),
                        (a, b) -> new Cost(
                                (double) a.at("T") * a.at("E") * (a.at("k") + 1),
                                (double) b * a.at("T") * a.at("E") + (double) (INT + FLOAT) * a.at("T") * a.at("k")),
                        TokenOperators::route),
                KernelOperator.of(
                        "quantise",
                        "to int8 with a scale for each 128 numbers, T rows of H",
                        Axes.of("T", 4096, "H", 4096),
                        (a, b) -> new Cost(
                                (double) QUANTISE_FLOPS * a.at("T") * a.at("H"),
                                (b + 1 + (double) FLOAT / GROUP) * a.at("T") * a.at("H")),
                        TokenOperators::quantise),
                KernelOperator.of(
                        "dequantise",
                        "from int8 with a scale for each 128 numbers, T rows of H",
                        Axes.of("T", 4096, "H", 4096),
                        (a, b) -> new Cost(
                                (double) a.at("T") * a.at("H"),
                                (b + 1 + (double) FLOAT / GROUP) * a.at("T") * a.at("H")),
                        TokenOperators::dequantise));
    }

    private static Call rope(Lab lab, Held held, NumberFormat format, Axes axes) {
        axes.requireMultiple("d", 2);
        int tokens = axes.small("T");
        int heads = axes.small("h");
        int d = axes.small("d");
        Gpu.Buffer x = lab.random(held, format, (long) tokens * heads * d);
        Gpu.Buffer table = lab.random(held, NumberFormat.FP32, (long) tokens * d);
        Gpu.Buffer y = held.buffer(x.bytes());
        Runnable launch = lab.code()
                .launch(
                        "rope_" + format.word(),
                        Grid.of(tokens, THREADS),
                        held.arena(),
                        x.address(),
                        table.address(),
                        y.address(),
                        heads,
                        d);
        int pairs = d / 2;
        return new Call(
                launch,
                () -> new Rows(format, tokens, heads * d).compare(lab, List.of(x), y, launch, (in, row) -> {
                    double[] turn = RowOperators.row(table, NumberFormat.FP32, row, d);
                    double[] out = new double[heads * d];
                    for (int at = 0; at < heads * pairs; at++) {
                        int a = at / pairs * d + at % pairs;
                        double c = turn[at % pairs];
                        double s = turn[pairs + at % pairs];
                        out[a] = in[0][a] * c - in[0][a + pairs] * s;
                        out[a + pairs] = in[0][a + pairs] * c + in[0][a] * s;
                    }
                    return out;
                }));
    }

    private static Call embedding(Lab lab, Held held, NumberFormat format, Axes axes) {
        axes.requireMultiple("H", PIECE);
        int tokens = axes.small("T");
        int width = axes.small("H");
        Gpu.Buffer table = lab.random(held, format, axes.at("V") * width);
        Gpu.Buffer rows = lab.indices(held, tokens, axes.small("V"));
        Gpu.Buffer y = held.buffer((long) tokens * width * format.bytes());
        Runnable launch = lab.code()
                .launch(
                        "gather_" + format.word(),
                        Grid.of(tokens, THREADS),
                        held.arena(),
                        table.address(),
                        rows.address(),
                        y.address(),
                        width);
        return new Call(
                launch,
                () -> new Rows(format, tokens, width)
                        .compare(
                                lab,
                                List.of(),
                                y,
                                launch,
                                (in, row) -> RowOperators.row(table, format, index(rows, row), width)));
    }

    private static Call kvWrite(Lab lab, Held held, NumberFormat format, Axes axes) {
        axes.requireMultiple("W", PIECE);
        axes.requireAtMost("T", axes.at("S"));
        int tokens = axes.small("T");
        int width = axes.small("W");
        Gpu.Buffer x = lab.random(held, format, (long) tokens * width);
        Gpu.Buffer cache = held.buffer(axes.at("S") * width * format.bytes());
        Gpu.Buffer places = places(held, tokens, axes.small("S"));
        Runnable launch = lab.code()
                .launch(
                        "scatter_" + format.word(),
                        Grid.of(tokens, THREADS),
                        held.arena(),
                        x.address(),
                        places.address(),
                        cache.address(),
                        width);
        return new Call(launch, () -> {
            Errors errors = new Errors();
            cache.fill(-1);
            launch.run();
            lab.gpu().stream().await();
            RowOperators.eachRow(tokens, row -> {
                double[] expected = RowOperators.row(x, format, row, width);
                double[] got = RowOperators.row(cache, format, index(places, row), width);
                IntStream.range(0, width).forEach(i -> errors.add(got[i], expected[i]));
            });
            return errors.check(0);
        });
    }

    /// A place for each, all different, not in their order: as blocks of a long-lived cache lie.
    private static Gpu.Buffer places(Held held, int tokens, int all) {
        List<Integer> places = new ArrayList<>(IntStream.range(0, all).boxed().toList());
        Collections.shuffle(places, new Random(Lab.SEED));
        try (Arena arena = Arena.ofConfined()) {
            Gpu.Buffer buffer = held.buffer((long) INT * tokens);
            buffer.write(arena.allocateFrom(
                    JAVA_INT, places.stream().limit(tokens).mapToInt(i -> i).toArray()));
            return buffer;
        }
    }

    private static int index(Gpu.Buffer indices, int at) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) NumberFormat.INT32.at(indices.read((long) INT * at, INT, arena), 0);
        }
    }

    private static Call route(Lab lab, Held held, NumberFormat format, Axes axes) {
        axes.requireAtMost("E", MOST_EXPERTS);
        axes.requireAtMost("k", Math.min(WARP, axes.at("E")));
        axes.requireMultiple("T", THREADS / WARP);
        int tokens = axes.small("T");
        int experts = axes.small("E");
        int k = axes.small("k");
        Gpu.Buffer x = lab.random(held, format, (long) tokens * experts);
        Gpu.Buffer chosen = held.buffer((long) INT * tokens * k);
        Gpu.Buffer weights = held.buffer((long) FLOAT * tokens * k);
        Grid grid = Grid.of(tokens / (THREADS / WARP), THREADS);
        Runnable launch = lab.code()
                .launch(
                        "route_" + format.word(),
                        grid,
                        held.arena(),
                        x.address(),
                        chosen.address(),
                        weights.address(),
                        experts,
                        k);
        return new Call(
                launch,
                () -> new Rows(NumberFormat.FP32, tokens, k)
                        .compare(lab, List.of(), weights, launch, (in, row) -> best(x, format, row, experts, k)));
    }

    /// Weights of the k best, largest first, that sum to one.
    private static double[] best(Gpu.Buffer x, NumberFormat format, int row, int experts, int k) {
        double[] logits = RowOperators.row(x, format, row, experts);
        Arrays.sort(logits);
        double[] weights = new double[k];
        for (int i = 0; i < k; i++) {
            weights[i] = Math.exp(logits[experts - 1 - i] - logits[experts - 1]);
        }
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    private static Call quantise(Lab lab, Held held, NumberFormat format, Axes axes) {
        axes.requireMultiple("H", GROUP);
        int rows = axes.small("T");
        int cols = axes.small("H");
        long elements = (long) rows * cols;
        axes.requireMultiple("T", THREADS / LANES_OF_A_GROUP);
        Gpu.Buffer x = lab.random(held, format, elements);
        Gpu.Buffer y = held.buffer(elements);
        Gpu.Buffer scales = held.buffer(FLOAT * elements / GROUP);
        Grid grid = Grid.of(elements / GROUP / (THREADS / LANES_OF_A_GROUP), THREADS);
        Runnable launch = lab.code()
                .launch(
                        "quantise_" + format.word(),
                        grid,
                        held.arena(),
                        x.address(),
                        y.address(),
                        scales.address(),
                        cols);
        return new Call(launch, () -> {
            y.fill(-1);
            scales.fill(-1);
            launch.run();
            lab.gpu().stream().await();
            return packed(new Rows(format, rows, cols), x, y, scales, QUANTISED);
        });
    }

    private static Check packed(Rows of, Gpu.Buffer numbers, Gpu.Buffer codes, Gpu.Buffer scales, double allowed) {
        Errors errors = new Errors();
        int cols = of.cols();
        RowOperators.eachRow(of.rows(), row -> {
            double[] whole = RowOperators.row(numbers, of.format(), row, cols);
            double[] small = RowOperators.row(codes, NumberFormat.INT8, row, cols);
            double[] scale = RowOperators.row(scales, NumberFormat.FP32, row, cols / GROUP);
            IntStream.range(0, cols).forEach(i -> errors.add(small[i] * scale[i / GROUP], whole[i]));
        });
        return errors.check(allowed);
    }

    private static Call dequantise(Lab lab, Held held, NumberFormat format, Axes axes) {
        axes.requireMultiple("H", THREADS * PIECE);
        int rows = axes.small("T");
        int cols = axes.small("H");
        long elements = (long) rows * cols;
        Gpu.Buffer x = lab.random(held, NumberFormat.INT8, elements);
        Gpu.Buffer scales = lab.random(held, NumberFormat.FP32, elements / GROUP);
        Gpu.Buffer y = held.buffer(elements * format.bytes());
        Runnable launch = lab.code()
                .launch(
                        "dequantise_" + format.word(),
                        Grid.of(elements / PIECE / THREADS, THREADS),
                        held.arena(),
                        x.address(),
                        scales.address(),
                        y.address());
        return new Call(launch, () -> {
            y.fill(-1);
            launch.run();
            lab.gpu().stream().await();
            return packed(new Rows(format, rows, cols), y, x, scales, format.allowed());
        });
    }
}
