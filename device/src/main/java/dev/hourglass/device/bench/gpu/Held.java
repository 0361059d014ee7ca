package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.ffi.cuda.CudaException;
import dev.hourglass.device.gpu.Gpu;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;

/// What one operator owns on the device while it is timed; freed together, last first.
final class Held implements AutoCloseable {
    private final Gpu gpu;
    private final Arena arena = Arena.ofShared();
    private final Deque<AutoCloseable> things = new ArrayDeque<>();
    private long bytes;

    Held(Gpu gpu) {
        this.gpu = gpu;
    }

    /// Of the host, as long as this.
    Arena arena() {
        return arena;
    }

    /// New memory of the device.
    ///
    /// @throws ImpossibleShapeException if there is not enough
    Gpu.Buffer buffer(long size) {
        try {
            Gpu.Buffer buffer = own(gpu.buffer(Math.max(1, size)));
            bytes += size;
            return buffer;
        } catch (CudaException e) {
            close();
            if (e.outOfMemory()) {
                throw new ImpossibleShapeException(
                        "needs " + (bytes + size) / 1_000_000 + " MB of device memory and more than "
                                + gpu.driver().freeBytes() / 1_000_000 + " MB are not free");
            }
            throw e;
        }
    }

    <T extends AutoCloseable> T own(T thing) {
        things.push(thing);
        return thing;
    }

    /// Of all buffers.
    long bytes() {
        return bytes;
    }

    @Override
    @SuppressWarnings("IllegalCatch")
    public void close() {
        while (!things.isEmpty()) {
            try {
                things.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("freeing what an operator held", e);
            }
        }
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
