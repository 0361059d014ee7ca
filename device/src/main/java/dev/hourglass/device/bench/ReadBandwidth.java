package dev.hourglass.device.bench;

import dev.hourglass.core.stat.Samples;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import dev.hourglass.device.ffi.posix.Posix;
import dev.hourglass.device.host.MemoryLayers;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How fast a number of threads reads memory: the ceiling `dram_read`, from buffers far larger than the
/// caches, and `llc_read`, from buffers that fit the last-level cache. In bytes per second.
///
/// Each thread reads its own buffer through the C library's vectorised search for a byte that the
/// buffer does not hold. All threads start each round of reading together; a round counts from the
/// first start to the last end. The threads are not pinned, as an engine's are not. The best round is
/// the ceiling: rounds are a millisecond or so long, so that some escape the disturbance of others.
public final class ReadBandwidth {
    private static final long MIB = 1 << 20;
    private static final long HUGE_PAGE = 2 * MIB;
    private static final long MIN_TOTAL = 256 * MIB;
    private static final long MAX_TOTAL = 4096 * MIB;
    private static final long WINDOW = 16 * MIB;
    private static final Duration DRAM_TIME = Duration.ofSeconds(2);
    private static final Duration CACHE_TIME = Duration.ofMillis(500);
    private static final int WARM_UP = 10;

    private ReadBandwidth() {}

    /// Measures both; takes some three seconds and memory of four times the last-level cache. What does
    /// not apply (a cache too small to tell apart, memory too short) is left out.
    ///
    /// @param threads as many as the engine has
    public static List<Ceiling> measure(int threads) throws InterruptedException {
        List<Ceiling> ceilings = new ArrayList<>();
        dram(threads, DRAM_TIME).ifPresent(ceilings::add);
        lastLevelCache(threads, CACHE_TIME).ifPresent(ceilings::add);
        return ceilings;
    }

    /// From main memory; empty where there is not memory enough to get past the caches.
    public static Optional<Ceiling> dram(int threads, Duration time) throws InterruptedException {
        requirePositive(threads);
        MemoryLayers layers = MemoryLayers.read();
        long cache = layers.lastLevelTotalBytes().orElse(32 * MIB);
        long wanted = Math.min(MAX_TOTAL, Math.max(MIN_TOTAL, 4 * cache));
        long total = Math.min(wanted, layers.availableBytes().orElse(wanted) / 4);
        long slice = Math.max(HUGE_PAGE, total / threads / HUGE_PAGE * HUGE_PAGE);
        if (slice * threads < 2 * cache) {
            return Optional.empty();
        }
        return ceiling("dram_read", threads, slice, Math.min(WINDOW, slice), time);
    }

    /// From the last-level cache; empty where it is not clearly larger than the cache below it.
    public static Optional<Ceiling> lastLevelCache(int threads, Duration time) throws InterruptedException {
        requirePositive(threads);
        MemoryLayers layers = MemoryLayers.read();
        long slice = layers.lastLevelShareBytes(threads) / 4 / 4096 * 4096;
        if (slice < 2 * layers.belowLastLevelBytes() || slice == 0) {
            return Optional.empty();
        }
        return ceiling("llc_read", threads, slice, slice, time);
    }

    private static void requirePositive(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
    }

    private static Optional<Ceiling> ceiling(String name, int threads, long slice, long window, Duration time)
            throws InterruptedException {
        List<MemorySegment> buffers = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                Optional<MemorySegment> buffer = Posix.map(slice);
                if (buffer.isEmpty()) {
                    return Optional.empty();
                }
                buffers.add(buffer.orElseThrow());
            }
            boolean huge = buffers.stream().allMatch(Posix::adviseHugePages);
            double[] rates = new ReadTeam(buffers, window, time).run();
            return Optional.of(summary(name, threads, rates, method(slice, window, huge)));
        } finally {
            buffers.forEach(Posix::unmap);
        }
    }

    private static String method(long slice, long window, boolean huge) {
        return "memchr of the C library over " + slice / MIB + " MiB per thread in pieces of " + window / MIB
                + " MiB, random data, threads not pinned, " + (huge ? "huge pages asked for" : "small pages")
                + "; best piece";
    }

    private static Ceiling summary(String name, int threads, double[] rates, String method) {
        double[] kept = rates.length > 4 * WARM_UP ? Arrays.copyOfRange(rates, WARM_UP, rates.length) : rates.clone();
        Distribution d = Samples.distribution(Unit.BYTES_PER_SECOND, kept);
        return Ceiling.of(name, "cpu", d, threads, method);
    }
}
