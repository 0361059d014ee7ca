package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.cublaslt.CublasLt;
import dev.hourglass.device.ffi.cublaslt.MatrixFormat;
import dev.hourglass.device.ffi.cuda.CudaException;
import dev.hourglass.device.gpu.Gpu;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/// Products of matrices by the vendor's library: the best of the ways that it would try.
final class Products implements Operator {
    private static final int MOST_WAYS = 16;
    private static final int TRIALS = 3;
    private static final long WORKSPACE = 64L << 20;
    private static final int COMPARED = 512;
    private static final int ALIGNED = 16;
    private static final long SIDE = 4096;

    private final CublasLt library;

    Products(CublasLt library) {
        this.library = library;
    }

    @Override
    public Backend.Offer offer() {
        return new Backend.Offer(
                "gemm",
                "linear layer: B times X[M,K] by the transpose of W[N,K]",
                List.of("bf16", "fp16", "fp8", "int8", "tf32", "fp32"),
                Axes.of("M", SIDE, "N", SIDE, "K", SIDE, "B", 1));
    }

    /// Memory of one product.
    private record Matrices(Gpu.Buffer x, Gpu.Buffer w, Gpu.Buffer d) {}

    @Override
    public Timed prepare(Lab lab, Axes axes, String dtype, Work.Cache cache) {
        MatrixFormat format = MatrixFormat.of(dtype).orElseThrow();
        long m = axes.at("M");
        long n = axes.at("N");
        long k = axes.at("K");
        int batch = axes.small("B");
        if (k * format.bytes() % ALIGNED != 0) {
            throw new ImpossibleShapeException("rows of K=" + k + " " + dtype + " numbers are no multiple of 16 bytes");
        }
        double bytes = batch * ((double) format.bytes() * (m * k + n * k) + (double) format.resultBytes() * m * n);
        Held held = new Held(lab.gpu());
        CublasLt.Product product = held.own(library.linear(format, m, n, k, batch));
        long workspace = held.buffer(WORKSPACE).address();
        List<Matrices> sets = new ArrayList<>();
        for (int i = lab.copies((long) bytes, cache); i > 0; i--) {
            sets.add(new Matrices(
                    lab.random(held, inputs(format), batch * m * k),
                    lab.random(held, inputs(format), batch * n * k),
                    held.buffer(batch * m * n * format.resultBytes())));
        }
        Way way = best(lab, product, sets.getFirst(), workspace, dtype + " M=" + m + " N=" + n + " K=" + k);
        List<Runnable> rotation = sets.stream()
                .map(set -> run(lab, product, way.algorithm, set, workspace))
                .toList();
        GraphTimer.Series series = lab.timer().series(rotation);
        Work work = new Work(
                "gemm",
                axes.sizes(),
                dtype,
                lab.gpu().label(),
                cache,
                "cublaslt",
                "way " + (way.place + 1) + " of " + way.ways + ", " + Math.round(way.againstFirst * 1000) / 10.0
                        + " % of the first one's time",
                library.version(),
                2.0 * batch * m * n * k,
                bytes,
                held.bytes(),
                series.words());
        return new GpuTimed(
                work, lab.timer(), series, () -> check(lab, axes, format, sets.getFirst(), rotation.getFirst()), held);
    }

    private static NumberFormat inputs(MatrixFormat format) {
        return switch (format) {
            case FP32, TF32 -> NumberFormat.FP32;
            case BF16 -> NumberFormat.BF16;
            case FP16 -> NumberFormat.FP16;
            case FP8 -> NumberFormat.FP8;
            case INT8 -> NumberFormat.INT8;
        };
    }

    private static NumberFormat outputs(MatrixFormat format) {
        return switch (format) {
            case FP32 -> NumberFormat.FP32;
            case TF32 -> NumberFormat.TF32;
            case BF16, FP8 -> NumberFormat.BF16;
            case FP16 -> NumberFormat.FP16;
            case INT8 -> NumberFormat.INT32;
        };
    }

    private static Runnable run(
            Lab lab, CublasLt.Product product, MemorySegment algorithm, Matrices set, long workspace) {
        CublasLt.Operands at =
                new CublasLt.Operands(set.w.address(), set.x.address(), set.d.address(), workspace, WORKSPACE);
        return () -> product.run(algorithm, at, lab.gpu().stream().handle());
    }

    /// One of the library's ways.
    ///
    /// @param place in the library's own order, from 0
    /// @param againstFirst its time as a ratio to that of the library's first choice, which engines get
    private record Way(MemorySegment algorithm, int place, int ways, double againstFirst) {}

    private Way best(Lab lab, CublasLt.Product product, Matrices set, long workspace, String shape) {
        List<MemorySegment> algorithms = algorithms(product, shape);
        List<Double> times = new ArrayList<>();
        for (MemorySegment algorithm : algorithms) {
            times.add(trial(lab, run(lab, product, algorithm, set, workspace)));
        }
        int place = times.indexOf(times.stream().min(Comparator.naturalOrder()).orElseThrow());
        if (Double.isInfinite(times.get(place))) {
            throw new ImpossibleShapeException("cuBLASLt fails at " + shape);
        }
        return new Way(algorithms.get(place), place, algorithms.size(), times.get(place) / times.getFirst());
    }

    private static List<MemorySegment> algorithms(CublasLt.Product product, String shape) {
        try {
            List<MemorySegment> algorithms = product.algorithms(MOST_WAYS, WORKSPACE);
            if (!algorithms.isEmpty()) {
                return algorithms;
            }
        } catch (CudaException unsupported) {
            throw new ImpossibleShapeException("cuBLASLt has no kernel for " + shape + ": " + unsupported.getMessage());
        }
        throw new ImpossibleShapeException("cuBLASLt has no kernel for " + shape);
    }

    /// Best of some runs, in nanoseconds; infinite where it fails.
    private static double trial(Lab lab, Runnable run) {
        try {
            run.run();
            double best = Double.POSITIVE_INFINITY;
            for (int i = 0; i < TRIALS; i++) {
                best = Math.min(best, lab.timer().nanoseconds(run));
            }
            return best;
        } catch (CudaException e) {
            return Double.POSITIVE_INFINITY;
        }
    }

    /// Some outputs, drawn at random, each against a sum in double precision.
    private static Check check(Lab lab, Axes axes, MatrixFormat format, Matrices set, Runnable run) {
        set.d.fill(-1);
        run.run();
        lab.gpu().stream().await();
        int k = axes.small("K");
        SplittableRandom random = new SplittableRandom(Lab.SEED);
        Errors errors = new Errors();
        for (int i = 0; i < COMPARED; i++) {
            long product = random.nextLong(axes.at("B"));
            long row = random.nextLong(axes.at("M"));
            long column = random.nextLong(axes.at("N"));
            double[] x = RowOperators.row(set.x, inputs(format), product * axes.at("M") + row, k);
            double[] w = RowOperators.row(set.w, inputs(format), product * axes.at("N") + column, k);
            double sum = 0;
            for (int j = 0; j < k; j++) {
                sum += x[j] * w[j];
            }
            long at = (product * axes.at("M") + row) * axes.at("N") + column;
            errors.add(number(set.d, outputs(format), at), sum);
        }
        return errors.check(outputs(format).allowed());
    }

    private static double number(Gpu.Buffer buffer, NumberFormat format, long index) {
        try (Arena arena = Arena.ofConfined()) {
            return format.at(buffer.read(index * format.bytes(), format.bytes(), arena), 0);
        }
    }
}
