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

/// Convolution of images by the vendor's library: channels innermost, stride 1, as wide after as before.
final class Convolution implements Operator {
    private static final int COMPARED = 256;
    private static final long[] NAMES = {1, 2, 3};

    private final Cudnn library;

    Convolution(Cudnn library) {
        this.library = library;
    }

    @Override
    public Backend.Offer offer() {
        return new Backend.Offer(
                "conv2d",
                "N images of C channels, H by W, to K channels by kernels of R by R; stride 1, same size",
                List.of("bf16", "fp16"),
                Axes.of("N", 32, "C", 256, "H", 56, "W", 56, "K", 256, "R", 3));
    }

    private record Tensors(Gpu.Buffer x, Gpu.Buffer w, Gpu.Buffer y) {
        long[] addresses() {
            return new long[] {x.address(), w.address(), y.address()};
        }
    }

    @Override
    public Timed prepare(Lab lab, Axes a, String dtype, Work.Cache cache) {
        NumberFormat format = dtype.equals("bf16") ? NumberFormat.BF16 : NumberFormat.FP16;
        if (a.at("R") % 2 == 0) {
            throw new ImpossibleShapeException("R=" + a.at("R") + " is even: the result would have another size");
        }
        long pixels = a.at("N") * a.at("H") * a.at("W");
        long weights = a.at("K") * a.at("R") * a.at("R") * a.at("C");
        double bytes = (double) format.bytes() * (pixels * (a.at("C") + a.at("K")) + weights);
        Held held = new Held(lab.gpu());
        List<Tensors> sets = new ArrayList<>();
        for (int i = lab.copies((long) bytes, cache); i > 0; i--) {
            sets.add(new Tensors(
                    lab.random(held, format, pixels * a.at("C")),
                    lab.random(held, format, weights),
                    held.buffer(pixels * a.at("K") * format.bytes())));
        }
        Computation computation = held.own(library.computation());
        library.on(lab.gpu().stream().handle());
        NetworkPlans.Chosen chosen = NetworkPlans.best(
                lab,
                held,
                computation,
                plans(computation, a, format),
                workspace -> sets.stream()
                        .map(set -> computation.memory(NAMES, set.addresses(), workspace))
                        .toList());
        GraphTimer.Series series = lab.timer().series(chosen.rotation());
        Work work = new Work(
                "conv2d",
                a.sizes(),
                dtype,
                lab.gpu().label(),
                cache,
                "cudnn",
                chosen.words(),
                library.version(),
                2.0 * pixels * weights,
                bytes,
                held.bytes(),
                series.words());
        Runnable first = chosen.rotation().getFirst();
        return new GpuTimed(work, lab.timer(), series, () -> check(lab, a, format, sets.getFirst(), first), held);
    }

    private List<MemorySegment> plans(Computation computation, Axes a, NumberFormat format) {
        ElementFormat element = format == NumberFormat.BF16 ? ElementFormat.BF16 : ElementFormat.FP16;
        try {
            return computation.convolution(
                    List.of(
                            tensor(computation, element, 0, a.at("N"), a.at("C"), a.at("H"), a.at("W")),
                            tensor(computation, element, 1, a.at("K"), a.at("C"), a.at("R"), a.at("R")),
                            tensor(computation, element, 2, a.at("N"), a.at("K"), a.at("H"), a.at("W"))),
                    1,
                    a.at("R") / 2);
        } catch (CudaException e) {
            throw new ImpossibleShapeException("cuDNN cannot run this convolution: " + e.getMessage());
        }
    }

    /// @param sizes outermost, channels, height, width; in memory the channels lie innermost
    private static MemorySegment tensor(Computation computation, ElementFormat format, int place, long... sizes) {
        long c = sizes[1];
        long w = sizes[3];
        return computation.tensor(NAMES[place], format, sizes, new long[] {sizes[2] * w * c, 1, w * c, c});
    }

    private static Check check(Lab lab, Axes a, NumberFormat format, Tensors t, Runnable run) {
        t.y.fill(-1);
        run.run();
        lab.gpu().stream().await();
        Random random = new Random(Lab.SEED);
        Errors errors = new Errors();
        for (int i = 0; i < COMPARED; i++) {
            long image = random.nextInt(a.small("N"));
            int row = random.nextInt(a.small("H"));
            int column = random.nextInt(a.small("W"));
            int k = random.nextInt(a.small("K"));
            long pixel = (image * a.at("H") + row) * a.at("W") + column;
            double got = RowOperators.row(t.y, format, pixel * a.at("K") + k, 1)[0];
            errors.add(got, expected(a, format, t, new long[] {image, row, column, k}));
        }
        return errors.check(format.allowed());
    }

    /// @param at image, row, column, output channel
    private static double expected(Axes a, NumberFormat format, Tensors t, long[] at) {
        int r = a.small("R");
        int channels = a.small("C");
        double sum = 0;
        for (int i = 0; i < r; i++) {
            for (int j = 0; j < r; j++) {
                long row = at[1] + i - r / 2;
                long column = at[2] + j - r / 2;
                if (row < 0 || row >= a.at("H") || column < 0 || column >= a.at("W")) {
                    continue;
                }
                double[] x = RowOperators.row(t.x, format, (at[0] * a.at("H") + row) * a.at("W") + column, channels);
                double[] w = RowOperators.row(t.w, format, (at[3] * r + i) * r + j, channels);
                for (int c = 0; c < channels; c++) {
                    sum += x[c] * w[c];
                }
            }
        }
        return sum;
    }
}
