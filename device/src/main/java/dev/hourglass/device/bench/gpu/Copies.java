package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.cuda.CudaDriver;
import dev.hourglass.device.gpu.Gpu;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/// Copies over the link between host and device. Pinned ones by the device's clock, pageable ones by the host's, since
/// the driver stages them there.
final class Copies implements Operator {
    private static final long LARGE = 256L << 20;
    private static final long WORD = Long.BYTES;
    private static final int BLOCK = 1 << 20;

    private final boolean toDevice;
    private final boolean pinned;

    Copies(boolean toDevice, boolean pinned) {
        this.toDevice = toDevice;
        this.pinned = pinned;
    }

    static List<Operator> all() {
        return List.of(
                new Copies(true, true), new Copies(true, false), new Copies(false, true), new Copies(false, false));
    }

    @Override
    public Backend.Offer offer() {
        return new Backend.Offer(
                name(),
                (toDevice ? "host to device" : "device to host") + ", " + (pinned ? "pinned" : "pageable") + " memory",
                List.of("bytes"),
                Axes.of("bytes", LARGE));
    }

    private String name() {
        return (toDevice ? "h2d_" : "d2h_") + (pinned ? "pinned" : "pageable");
    }

    @Override
    public Timed prepare(Lab lab, Axes axes, String dtype, Work.Cache cache) {
        long bytes = axes.at("bytes");
        axes.requireMultiple("bytes", (int) WORD);
        Held held = new Held(lab.gpu());
        Gpu.Buffer there = lab.random(held, NumberFormat.INT8, bytes);
        MemorySegment here =
                pinned ? pinned(lab.gpu().driver(), held, bytes) : held.arena().allocate(bytes, WORD);
        fill(here);
        CudaDriver.Stream stream = lab.gpu().stream();
        Runnable copy = toDevice
                ? () -> stream.copyToDevice(there.address(), here)
                : () -> stream.copyToHost(here, there.address());
        if (pinned) {
            GraphTimer.Series series = lab.timer().series(List.of(copy));
            Work work = work(lab, axes, cache, held, series.words());
            return new GpuTimed(work, lab.timer(), series, () -> check(lab, there, here, copy), held);
        }
        Runnable whole = () -> {
            copy.run();
            stream.await();
        };
        Work work = work(lab, axes, cache, held, "the host's clock around one copy and the wait for it");
        return new HostTimed(work, 1, whole, stream::await, () -> check(lab, there, here, copy), held);
    }

    private Work work(Lab lab, Axes axes, Work.Cache cache, Held held, String timer) {
        return new Work(
                name(),
                axes.sizes(),
                "bytes",
                lab.gpu().label(),
                cache,
                "driver",
                "",
                "CUDA driver API " + lab.gpu().driver().version(),
                0,
                axes.at("bytes"),
                held.bytes(),
                timer);
    }

    private static MemorySegment pinned(CudaDriver driver, Held held, long bytes) {
        MemorySegment memory = driver.allocatePinned(bytes);
        held.own(() -> driver.freePinned(memory));
        return memory;
    }

    private static void fill(MemorySegment memory) {
        SplittableRandom random = new SplittableRandom(Lab.SEED);
        byte[] block = new byte[(int) Math.min(BLOCK, memory.byteSize())];
        for (long at = 0; at < memory.byteSize(); at += block.length) {
            random.nextBytes(block);
            MemorySegment from = MemorySegment.ofArray(block);
            long length = Math.min(block.length, memory.byteSize() - at);
            MemorySegment.copy(from, 0, memory, at, length);
        }
    }

    private Check check(Lab lab, Gpu.Buffer there, MemorySegment here, Runnable copy) {
        if (toDevice) {
            there.fill(-1);
        } else {
            here.fill((byte) -1);
        }
        copy.run();
        lab.gpu().stream().await();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment back = there.read(0, there.bytes(), arena);
            return Check.of(back.mismatch(here) == -1 ? 0 : 1, 0);
        }
    }
}
