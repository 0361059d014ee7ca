package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.cuda.CudaException;
import dev.hourglass.device.ffi.cudnn.Computation;
import dev.hourglass.device.ffi.cudnn.Cudnn;
import dev.hourglass.device.ffi.cudnn.ElementFormat;
import dev.hourglass.device.gpu.Gpu;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Attention of whole prompts by the vendor's library: every token with every token, since its plain operation
/// knows no
/// causal mask. A causal one does half the work.
final class PrefillAttention implements Operator {
    private static final int COMPARED = 16;
    private static final long[] NAMES = {1, 2, 3, 4};

    private final Cudnn library;

    PrefillAttention(Cudnn library) {
        this.library = library;
    }

    @Override
    public Backend.Offer offer() {
        return new Backend.Offer(
                "attention_prefill",
                "S tokens of B requests with each other, without a mask; hq query and hkv key heads of d",
                List.of("bf16", "fp16"),
                Axes.of("B", 1, "S", 4096, "hq", 32, "hkv", 8, "d", 128));
    }

    private record Tensors(Gpu.Buffer q, Gpu.Buffer k, Gpu.Buffer v, Gpu.Buffer o) {
        long[] addresses() {
            return new long[] {q.address(), k.address(), v.address(), o.address()};
        }
    }

    @Override
    public Timed prepare(Lab lab, Axes axes, String dtype, Work.Cache cache) {
        NumberFormat format = dtype.equals("bf16") ? NumberFormat.BF16 : NumberFormat.FP16;
        long b = axes.at("B");
        long s = axes.at("S");
        long hq = axes.at("hq");
        long hkv = axes.at("hkv");
        long d = axes.at("d");
        if (hq % hkv != 0) {
            throw new ImpossibleShapeException("hq=" + hq + " is no multiple of hkv=" + hkv);
        }
        double bytes = 2.0 * format.bytes() * b * s * d * (hq + hkv);
        Held held = new Held(lab.gpu());
        List<Tensors> sets = new ArrayList<>();
        for (int i = lab.copies((long) bytes, cache); i > 0; i--) {
            sets.add(new Tensors(
                    lab.random(held, format, b * s * hq * d),
                    lab.random(held, format, b * s * hkv * d),
                    lab.random(held, format, b * s * hkv * d),
                    held.buffer(b * s * hq * d * format.bytes())));
        }
        Computation computation = held.own(library.computation());
        library.on(lab.gpu().stream().handle());
        List<MemorySegment> plans = plans(computation, axes, format);
        float scale = (float) (1 / Math.sqrt((double) d));
        NetworkPlans.Chosen chosen = NetworkPlans.best(
                lab,
                held,
                computation,
                plans,
                workspace -> sets.stream()
                        .map(set -> computation.memory(NAMES, set.addresses(), workspace, scale))
                        .toList());
        GraphTimer.Series series = lab.timer().series(chosen.rotation());
        Work work = new Work(
                "attention_prefill",
                axes.sizes(),
                dtype,
                lab.gpu().label(),
                cache,
                "cudnn",
                chosen.words(),
                library.version(),
                4.0 * b * hq * d * s * s,
                bytes,
                held.bytes(),
                series.words());
        Runnable first = chosen.rotation().getFirst();
        return new GpuTimed(work, lab.timer(), series, () -> check(lab, axes, format, sets.getFirst(), first), held);
    }

    private List<MemorySegment> plans(Computation computation, Axes axes, NumberFormat format) {
        ElementFormat element = format == NumberFormat.BF16 ? ElementFormat.BF16 : ElementFormat.FP16;
        try {
            return computation.attention(List.of(
                    tensor(computation, NAMES[0], element, axes, axes.at("hq")),
                    tensor(computation, NAMES[1], element, axes, axes.at("hkv")),
                    tensor(computation, NAMES[2], element, axes, axes.at("hkv")),
                    tensor(computation, NAMES[3], element, axes, axes.at("hq"))));
        } catch (CudaException e) {
            throw new ImpossibleShapeException("cuDNN cannot run this attention: " + e.getMessage());
        }
    }

    /// Tokens outermost, heads beside each other, as engines have them after the projections.
    private static MemorySegment tensor(
            Computation computation, long name, ElementFormat format, Axes axes, long heads) {
        long s = axes.at("S");
        long d = axes.at("d");
        return computation.tensor(
                name, format, new long[] {axes.at("B"), heads, s, d}, new long[] {s * heads * d, d, heads * d, 1});
    }

    private static Check check(Lab lab, Axes axes, NumberFormat format, Tensors t, Runnable run) {
        t.o.fill(-1);
        run.run();
        lab.gpu().stream().await();
        Random random = new Random(Lab.SEED);
        Errors errors = new Errors();
        int d = axes.small("d");
        for (int i = 0; i < COMPARED; i++) {
            long request = random.nextInt(axes.small("B"));
            long token = random.nextInt(axes.small("S"));
            int head = random.nextInt(axes.small("hq"));
            long row = (request * axes.at("S") + token) * axes.at("hq") + head;
            double[] got = RowOperators.row(t.o, format, row, d);
            double[] expected = expected(axes, format, t, request, head, row);
            IntStream.range(0, d).forEach(j -> errors.add(got[j], expected[j]));
        }
        return errors.check(format.allowed());
    }

    private static double[] expected(Axes axes, NumberFormat format, Tensors t, long request, int head, long row) {
        int d = axes.small("d");
        double[] query = RowOperators.row(t.q, format, row, d);
        double[] out = new double[d];
        double sum = 0;
        long keyHead = head / (axes.at("hq") / axes.at("hkv"));
        for (long u = 0; u < axes.at("S"); u++) {
            long key = (request * axes.at("S") + u) * axes.at("hkv") + keyHead;
            double[] k = RowOperators.row(t.k, format, key, d);
            double[] v = RowOperators.row(t.v, format, key, d);
            double dot = 0;
            for (int j = 0; j < d; j++) {
                dot += query[j] * k[j];
            }
            double weight = Math.exp(dot / Math.sqrt(d));
            sum += weight;
            for (int j = 0; j < d; j++) {
                out[j] += weight * v[j];
            }
        }
        for (int j = 0; j < d; j++) {
            out[j] /= sum;
        }
        return out;
    }
}
