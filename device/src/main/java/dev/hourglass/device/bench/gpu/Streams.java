package dev.hourglass.device.bench.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.cuda.Grid;
import dev.hourglass.device.gpu.Gpu;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// How fast memory of the device is read and written: kernels of ours and the copy engine.
final class Streams {
    private static final long PIECE = 16;
    private static final int THREADS = 512;
    private static final int PIECES_EACH = 4;
    private static final int CACHE_BLOCKS = 8;
    private static final float FACTOR = 3;
    private static final long ARRAY = 1L << 30;
    private static final int CACHE_PASSES = 64;
    private static final int CACHE_SHARE = 4;
    private static final int COMPARED = 1 << 16;
    private static final Check NO_RESULT = new Check.Unchecked("it only reads, and its sum goes nowhere");

    private final Lab lab;

    Streams(Lab lab) {
        this.lab = lab;
    }

    List<Timed> all() {
        long bytes = Math.min(ARRAY, lab.gpu().driver().freeBytes() / 8 / PIECE * PIECE);
        List<Timed> streams = new ArrayList<>();
        streams.add(read(bytes));
        streams.add(write(bytes));
        streams.add(copy(bytes));
        streams.add(triad(bytes));
        streams.add(copyEngine(bytes));
        streams.add(cache());
        return streams;
    }

    /// A thread for each 4 pieces.
    private static Grid grid(long bytes) {
        return Grid.of(Math.ceilDiv(bytes, PIECE * PIECES_EACH * THREADS), THREADS);
    }

    private Timed read(long bytes) {
        Held held = new Held(lab.gpu());
        Gpu.Buffer a = lab.random(held, NumberFormat.FP32, bytes / JAVA_FLOAT.byteSize());
        Gpu.Buffer sink = held.buffer(PIECE);
        Runnable run =
                lab.code().launch("stream_read", grid(bytes), held.arena(), a.address(), sink.address(), bytes / PIECE);
        return timed("dram_read", held, new Moved(bytes, bytes, 0), run, () -> NO_RESULT);
    }

    private Timed write(long bytes) {
        Held held = new Held(lab.gpu());
        Gpu.Buffer a = held.buffer(bytes);
        Runnable run =
                lab.code().launch("stream_write", grid(bytes), held.arena(), a.address(), 0x5bd1e995, bytes / PIECE);
        return timed("dram_write", held, new Moved(bytes, bytes, 0), run, () -> {
            a.fill(0);
            run.run();
            lab.gpu().stream().await();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment last = a.read(bytes - PIECE, PIECE, arena);
                int expected = 0x5bd1e995 ^ (int) (bytes / PIECE - 1) * 0x9e3779b9;
                return Check.of(NumberFormat.INT32.at(last, 0) == expected ? 0 : 1, 0);
            }
        });
    }

    private Timed copy(long bytes) {
        Held held = new Held(lab.gpu());
        Gpu.Buffer a = lab.random(held, NumberFormat.FP32, bytes / JAVA_FLOAT.byteSize());
        Gpu.Buffer b = held.buffer(bytes);
        Runnable run =
                lab.code().launch("stream_copy", grid(bytes), held.arena(), a.address(), b.address(), bytes / PIECE);
        return timed("dram_copy", held, new Moved(bytes, 2 * bytes, 0), run, () -> same(a, b, run));
    }

    private Timed copyEngine(long bytes) {
        Held held = new Held(lab.gpu());
        Gpu.Buffer a = lab.random(held, NumberFormat.FP32, bytes / JAVA_FLOAT.byteSize());
        Gpu.Buffer b = held.buffer(bytes);
        Runnable run = () -> lab.gpu().stream().copyWithinDevice(b.address(), a.address(), bytes);
        return timed("dram_copy_driver", held, new Moved(bytes, 2 * bytes, 0), run, () -> same(a, b, run));
    }

    private Check same(Gpu.Buffer a, Gpu.Buffer b, Runnable run) {
        b.fill(-1);
        run.run();
        lab.gpu().stream().await();
        Errors errors = new Errors();
        for (long row : new long[] {0, a.bytes() / JAVA_FLOAT.byteSize() / COMPARED - 1}) {
            double[] expected = RowOperators.row(a, NumberFormat.FP32, row, COMPARED);
            double[] got = RowOperators.row(b, NumberFormat.FP32, row, COMPARED);
            for (int i = 0; i < COMPARED; i++) {
                errors.add(got[i], expected[i]);
            }
        }
        return errors.check(0);
    }

    private Timed triad(long bytes) {
        Held held = new Held(lab.gpu());
        long elements = bytes / JAVA_FLOAT.byteSize();
        Gpu.Buffer a = lab.random(held, NumberFormat.FP32, elements);
        Gpu.Buffer b = lab.random(held, NumberFormat.FP32, elements);
        Gpu.Buffer c = held.buffer(bytes);
        Runnable run = lab.code()
                .launch(
                        "stream_triad",
                        grid(bytes),
                        held.arena(),
                        a.address(),
                        b.address(),
                        c.address(),
                        FACTOR,
                        bytes / PIECE);
        return timed("dram_triad", held, new Moved(bytes, 3 * bytes, 2.0 * elements), run, () -> {
            c.fill(-1);
            run.run();
            lab.gpu().stream().await();
            Errors errors = new Errors();
            long row = elements / COMPARED - 1;
            double[] x = RowOperators.row(a, NumberFormat.FP32, row, COMPARED);
            double[] y = RowOperators.row(b, NumberFormat.FP32, row, COMPARED);
            double[] got = RowOperators.row(c, NumberFormat.FP32, row, COMPARED);
            for (int i = 0; i < COMPARED; i++) {
                errors.add(got[i], x[i] + FACTOR * y[i]);
            }
            return errors.check(NumberFormat.FP32.allowed());
        });
    }

    private Timed cache() {
        Held held = new Held(lab.gpu());
        long bytes = lab.gpu().l2Bytes() / CACHE_SHARE / PIECE * PIECE;
        Gpu.Buffer a = lab.random(held, NumberFormat.FP32, bytes / JAVA_FLOAT.byteSize());
        Gpu.Buffer sink = held.buffer(PIECE);
        Runnable run = lab.code()
                .launch(
                        "cache_read",
                        Grid.of((long) lab.gpu().multiprocessors() * CACHE_BLOCKS, THREADS),
                        held.arena(),
                        a.address(),
                        sink.address(),
                        bytes / PIECE,
                        CACHE_PASSES);
        return timed("l2_read", held, new Moved(bytes, (double) bytes * CACHE_PASSES, 0), run, () -> NO_RESULT);
    }

    /// What one call moves and computes.
    private record Moved(long arrayBytes, double bytes, double flops) {}

    private Timed timed(String op, Held held, Moved moved, Runnable run, Supplier<Check> check) {
        GraphTimer.Series series = lab.timer().series(List.of(run));
        Work work = new Work(
                op,
                Map.of("bytes", moved.arrayBytes),
                "fp32",
                lab.gpu().label(),
                op.startsWith("l2") ? Work.Cache.HOT : Work.Cache.COLD,
                op.endsWith("driver") ? "driver" : "nvrtc",
                op,
                lab.compilerVersion(),
                moved.flops,
                moved.bytes,
                held.bytes(),
                series.words());
        return new GpuTimed(work, lab.timer(), series, check, held);
    }
}
