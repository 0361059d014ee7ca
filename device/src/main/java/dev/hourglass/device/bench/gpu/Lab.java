package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.cuda.Grid;
import dev.hourglass.device.ffi.nvrtc.Compiler;
import dev.hourglass.device.gpu.Code;
import dev.hourglass.device.gpu.Gpu;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;

/// A GPU with our kernels compiled for it and a timer.
final class Lab implements AutoCloseable {
    /// Kernels that fill memory have so many threads in so many blocks per multiprocessor.
    private static final int FILL_THREADS = 256;
    private static final int FILL_BLOCKS = 8;
    /// Memory beside the last cache that a rotation must fill before it comes back.
    private static final int CACHES_BETWEEN = 5;
    private static final long MOST_BYTES = 8L << 30;
    private static final int MOST_TURNS = 512;
    /// Of a sequence of random numbers; every array has its own after it.
    static final long SEED = 20_260_101;

    private final Gpu gpu;
    private final Code code;
    private final GraphTimer timer;
    private final String compilerVersion;
    private long seed = SEED;

    Lab(Gpu gpu, Compiler compiler) {
        this.gpu = gpu;
        this.compilerVersion = compiler.version();
        this.code = new Code(gpu, compiler, "operators.cu", text());
        this.timer = new GraphTimer(gpu, code);
    }

    private static String text() {
        try (InputStream in = Lab.class.getResourceAsStream("operators.cu")) {
            if (in == null) {
                throw new IllegalStateException("operators.cu is not in the module");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Gpu gpu() {
        return gpu;
    }

    Code code() {
        return code;
    }

    GraphTimer timer() {
        return timer;
    }

    String compilerVersion() {
        return compilerVersion;
    }

    /// Over how many copies of its memory work goes, so that none is in the last cache when its turn comes again.
    ///
    /// @param bytes of one copy
    int copies(long bytes, Work.Cache cache) {
        if (cache == Work.Cache.HOT) {
            return 1;
        }
        long between = CACHES_BETWEEN * gpu.l2Bytes();
        long wanted = 1 + Math.ceilDiv(between, bytes);
        long fitting = Math.max(1, Math.min(MOST_BYTES, gpu.driver().freeBytes() / 2) / bytes);
        return (int) Math.min(MOST_TURNS, Math.min(bytes >= between ? 1 : wanted, fitting));
    }

    /// New memory with random numbers: normal ones of deviation one; any code of the small formats.
    Gpu.Buffer random(Held held, NumberFormat format, long elements) {
        Gpu.Buffer buffer = held.buffer(elements * format.bytes());
        code.launch("fill_" + format.word(), grid(), Arena.ofAuto(), buffer.address(), elements, ++seed, 1f)
                .run();
        return buffer;
    }

    /// New memory with random numbers from 0 below a limit.
    Gpu.Buffer indices(Held held, long elements, int limit) {
        Gpu.Buffer buffer = held.buffer(elements * NumberFormat.INT32.bytes());
        code.launch("fill_index", grid(), Arena.ofAuto(), buffer.address(), elements, ++seed, limit)
                .run();
        return buffer;
    }

    private Grid grid() {
        return Grid.of((long) gpu.multiprocessors() * FILL_BLOCKS, FILL_THREADS);
    }

    @Override
    public void close() {
        timer.close();
        code.close();
    }
}
