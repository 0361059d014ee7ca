package dev.hourglass.device.bench.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.bench.gpu.KernelOperator.Call;
import dev.hourglass.device.bench.gpu.KernelOperator.Cost;
import dev.hourglass.device.ffi.cuda.Grid;
import dev.hourglass.device.gpu.Gpu;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Attention of one new token of each request over a paged cache, 128 dimensions a head; split over the context so
/// that
/// all multiprocessors have work, and joined by a second kernel.
final class DecodeAttention {
    private static final int D = 128;
    private static final int PAGE = 16;
    private static final int THREADS = 256;
    private static final int MOST_GROUP = 8;
    private static final int LEAST_PART = 128;
    private static final int WAVES = 4;
    /// Numbers of a part: its outputs, their maximum, their sum.
    private static final int PART = 130;
    private static final int FLOAT = 4;
    private static final int INT = 4;
    private static final int COMPARED = 16;

    private DecodeAttention() {}

    static KernelOperator operator() {
        return KernelOperator.of(
                "attention_decode",
                "one token of B requests over a context of L, hq query and hkv key heads of 128, pages of 16",
                Axes.of("B", 64, "L", 4096, "hq", 32, "hkv", 8),
                (a, b) -> new Cost(
                        4.0 * D * a.at("hq") * a.at("B") * a.at("L"),
                        2.0 * b * D * (a.at("hkv") * a.at("B") * a.at("L") + a.at("hq") * a.at("B"))
                                + (double) INT * a.at("B") * Math.ceilDiv(a.at("L"), PAGE)),
                DecodeAttention::call);
    }

    private static Call call(Lab lab, Held held, NumberFormat format, Axes axes) {
        int requests = axes.small("B");
        int context = axes.small("L");
        int heads = axes.small("hq");
        int kv = axes.small("hkv");
        if (heads % kv != 0 || heads / kv > MOST_GROUP) {
            throw new ImpossibleShapeException(
                    "hq=" + heads + " is no multiple of hkv=" + kv + " up to " + MOST_GROUP + " times");
        }
        int each = Math.ceilDiv(context, PAGE);
        int split = split(lab, requests * kv, context);
        Gpu.Buffer q = lab.random(held, format, (long) requests * heads * D);
        Gpu.Buffer cache = lab.random(held, format, 2L * requests * each * PAGE * kv * D);
        int[] blocks = pages(requests * each);
        Gpu.Buffer pages = held.buffer((long) INT * blocks.length);
        try (Arena arena = Arena.ofConfined()) {
            pages.write(arena.allocateFrom(JAVA_INT, blocks));
        }
        Gpu.Buffer parts = held.buffer((long) requests * heads * split * PART * FLOAT);
        Gpu.Buffer y = held.buffer(q.bytes());
        Runnable attend = lab.code()
                .launch(
                        "attend" + group(heads / kv) + "_" + format.word(),
                        new Grid(kv, split, requests, THREADS, 0),
                        held.arena(),
                        q.address(),
                        cache.address(),
                        pages.address(),
                        parts.address(),
                        heads,
                        kv,
                        context,
                        PAGE,
                        each,
                        split);
        Runnable join = lab.code()
                .launch(
                        "attend_join_" + format.word(),
                        Grid.of((long) requests * heads, D),
                        held.arena(),
                        parts.address(),
                        y.address(),
                        split);
        Runnable both = () -> {
            attend.run();
            join.run();
        };
        return new Call(
                both,
                () -> new Shape(format, requests, context, heads, kv, each)
                        .check(lab, new Memory(q, cache, blocks, y), both));
    }

    /// Parts of a context: enough for some waves of blocks, none too short.
    private static int split(Lab lab, int blocks, int context) {
        int wanted = Math.ceilDiv(WAVES * lab.gpu().multiprocessors(), blocks);
        return Math.clamp(wanted, 1, Math.max(1, context / LEAST_PART));
    }

    /// Query heads that a kernel takes for one key head: a power of two.
    private static int group(int heads) {
        return Integer.highestOneBit(2 * heads - 1);
    }

    private static int[] pages(int count) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(order, new Random(Lab.SEED));
        return order.stream().mapToInt(i -> i).toArray();
    }

    /// What one call reads and writes.
    @SuppressWarnings("ArrayRecordComponent")
    private record Memory(Gpu.Buffer q, Gpu.Buffer cache, int[] pages, Gpu.Buffer y) {}

    private record Shape(NumberFormat format, int requests, int context, int heads, int kv, int each) {
        Check check(Lab lab, Memory memory, Runnable run) {
            memory.y.fill(-1);
            run.run();
            lab.gpu().stream().await();
            Random random = new Random(Lab.SEED);
            Errors errors = new Errors();
            for (int i = 0; i < COMPARED; i++) {
                int request = random.nextInt(requests);
                int head = random.nextInt(heads);
                double[] got = RowOperators.row(memory.y, format, (long) request * heads + head, D);
                double[] expected = expected(memory, request, head);
                IntStream.range(0, D).forEach(j -> errors.add(got[j], expected[j]));
            }
            return errors.check(format.allowed());
        }

        private double[] expected(Memory memory, int request, int head) {
            double[] query = RowOperators.row(memory.q, format, (long) request * heads + head, D);
            double[] out = new double[D];
            double sum = 0;
            for (int t = 0; t < context; t++) {
                long block = memory.pages[request * each + t / PAGE];
                long key = (block * 2 * PAGE + t % PAGE) * kv + head / (heads / kv);
                double[] k = RowOperators.row(memory.cache, format, key, D);
                double[] v = RowOperators.row(memory.cache, format, key + (long) PAGE * kv, D);
                double dot = 0;
                for (int j = 0; j < D; j++) {
                    dot += query[j] * k[j];
                }
                double weight = Math.exp(dot / Math.sqrt(D));
                sum += weight;
                for (int j = 0; j < D; j++) {
                    out[j] += weight * v[j];
                }
            }
            for (int j = 0; j < D; j++) {
                out[j] /= sum;
            }
            return out;
        }
    }
}
