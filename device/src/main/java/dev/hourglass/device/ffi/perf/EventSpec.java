package dev.hourglass.device.ffi.perf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// What to count or sample: the parts of `struct perf_event_attr` that are used here.
///
/// ```
/// 0 type u32 | 4 size u32 | 8 config u64 | 16 sample_period u64 | 24 sample_type u64 | 32 read_format u64
/// 40 flags, one bit each | 48 wakeup u32 | 52 | 56 config1 u64 | 64 config2 u64 | 72 … | 92 clockid s32 | … 112
/// ```
///
/// @param type kind of event: one of the constants, or the number in a device's `type` file
/// @param config which event of the kind
/// @param path file of a user-space probe; empty for other kinds
/// @param offset place in that file, in bytes
/// @param sampled whether each event is written to a ring buffer, with thread and time
/// @param kernel whether events in the kernel count too
public record EventSpec(int type, long config, Optional<String> path, long offset, boolean sampled, boolean kernel) {
    public static final int HARDWARE = 0;
    public static final int SOFTWARE = 1;
    public static final int CACHE = 3;
    public static final int RAW = 4;

    private static final long SIZE = 112;
    private static final long SAMPLE_TID = 1 << 1;
    private static final long SAMPLE_TIME = 1 << 2;
    private static final long SAMPLE_IDENTIFIER = 1 << 16;
    private static final long READ_TIMES = 3;
    private static final long DISABLED = 1;
    private static final long EXCLUDE_KERNEL = 1 << 5;
    private static final long EXCLUDE_HYPERVISOR = 1 << 6;
    private static final long WATERMARK = 1 << 14;
    private static final long USE_CLOCK = 1 << 25;
    private static final int CLOCK_MONOTONIC = 1;
    private static final int NO_WAKEUP = Integer.MAX_VALUE;

    /// A plain counter.
    public static EventSpec counter(int type, long config) {
        return new EventSpec(type, config, Optional.empty(), 0, false, true);
    }

    /// A probe at an offset of a file, sampled.
    ///
    /// @param type number of the kernel's `uprobe` device
    /// @param config 0 for the entry, or the bit that asks for the return
    public static EventSpec probe(int type, long config, String path, long offset) {
        return new EventSpec(type, config, Optional.of(path), offset, true, true);
    }

    public EventSpec userOnly() {
        return new EventSpec(type, config, path, offset, sampled, false);
    }

    MemorySegment attr(Arena arena) {
        MemorySegment attr = arena.allocate(SIZE, 8);
        attr.set(ValueLayout.JAVA_INT, 0, type);
        attr.set(ValueLayout.JAVA_INT, 4, (int) SIZE);
        attr.set(ValueLayout.JAVA_LONG, 8, config);
        attr.set(ValueLayout.JAVA_LONG, 32, READ_TIMES);
        attr.set(ValueLayout.JAVA_LONG, 40, flags());
        path.ifPresent(
                p -> attr.set(ValueLayout.JAVA_LONG, 56, arena.allocateFrom(p).address()));
        attr.set(ValueLayout.JAVA_LONG, 64, offset);
        if (sampled) {
            attr.set(ValueLayout.JAVA_LONG, 16, 1);
            attr.set(ValueLayout.JAVA_LONG, 24, SAMPLE_TID | SAMPLE_TIME | SAMPLE_IDENTIFIER);
            attr.set(ValueLayout.JAVA_INT, 48, NO_WAKEUP);
            attr.set(ValueLayout.JAVA_INT, 92, CLOCK_MONOTONIC);
        }
        return attr;
    }

    private long flags() {
        return DISABLED | (kernel ? 0 : EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR) | (sampled ? WATERMARK | USE_CLOCK : 0);
    }
}
