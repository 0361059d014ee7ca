package dev.hourglass.device.collect;

import static dev.hourglass.device.ffi.perf.EventSpec.CACHE;
import static dev.hourglass.device.ffi.perf.EventSpec.HARDWARE;
import static dev.hourglass.device.ffi.perf.EventSpec.RAW;
import static dev.hourglass.device.ffi.perf.EventSpec.SOFTWARE;

import dev.hourglass.device.ffi.perf.EventSpec;
import dev.hourglass.device.host.Cpuinfo;
import dev.hourglass.device.host.KernelFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One event that is counted, under the name that `perf list` gives it.
///
/// @param name for example `LLC-load-misses`
/// @param group events of one group are counted at the same time; empty for none
/// @param kernelOnly whether it happens in the kernel alone, so that counting user code only gives nothing
/// @param spec how the kernel is asked for it
record PerfEventName(String name, String group, boolean kernelOnly, EventSpec spec) {
    private static final long MISS = 1 << 16;
    private static final long L1D = 0;
    private static final long LAST_LEVEL = 2;
    private static final long DATA_TLB = 3;

    static List<PerfEventName> all(Cpuinfo cpu) {
        List<PerfEventName> events = new ArrayList<>(List.of(
                of("cycles", "ipc", HARDWARE, 0),
                of("instructions", "ipc", HARDWARE, 1),
                of("stalled-cycles-frontend", "", HARDWARE, 7),
                of("stalled-cycles-backend", "", HARDWARE, 8),
                of("branches", "branch", HARDWARE, 4),
                of("branch-misses", "branch", HARDWARE, 5),
                of("L1-dcache-loads", "l1", CACHE, L1D),
                of("L1-dcache-load-misses", "l1", CACHE, L1D | MISS),
                of("LLC-loads", "llc", CACHE, LAST_LEVEL),
                of("LLC-load-misses", "llc", CACHE, LAST_LEVEL | MISS),
                of("dTLB-loads", "dtlb", CACHE, DATA_TLB),
                of("dTLB-load-misses", "dtlb", CACHE, DATA_TLB | MISS),
                of("cache-references", "cache", HARDWARE, 2),
                of("cache-misses", "cache", HARDWARE, 3),
                of("task-clock", "", SOFTWARE, 1),
                of("page-faults", "", SOFTWARE, 2),
                kernel("context-switches", 3),
                kernel("cpu-migrations", 4),
                of("minor-faults", "", SOFTWARE, 5),
                of("major-faults", "", SOFTWARE, 6)));
        secondLevel(cpu).ifPresent(pair -> events.addAll(8, pair));
        return List.copyOf(events);
    }

    private static PerfEventName of(String name, String group, int type, long config) {
        return new PerfEventName(name, group, false, EventSpec.counter(type, config));
    }

    private static PerfEventName kernel(String name, long config) {
        return new PerfEventName(name, "", true, EventSpec.counter(SOFTWARE, config));
    }

    /// Data requests to the second-level cache and those that it missed. The kernel has no common name for
    /// them; the codes are those of the vendors' manuals: AMD Zen `L2CacheReqStat`, Intel (Skylake and
    /// later) `L2_RQSTS` of demand data reads, Arm `L2D_CACHE` and `L2D_CACHE_REFILL`.
    private static Optional<List<PerfEventName>> secondLevel(Cpuinfo cpu) {
        if (cpu.vendor().equals("AuthenticAMD")
                && KernelFiles.parse(cpu.family()).orElse(0) >= 0x17) {
            return Optional.of(pair(0xF864, 0x0864));
        } else if (cpu.vendor().equals("GenuineIntel")) {
            return Optional.of(pair(0xE124, 0x2124));
        } else if (cpu.flags().contains("asimd")) {
            return Optional.of(pair(0x16, 0x17));
        }
        return Optional.empty();
    }

    private static List<PerfEventName> pair(long requests, long misses) {
        return List.of(of("L2-data-requests", "l2", RAW, requests), of("L2-data-misses", "l2", RAW, misses));
    }
}
