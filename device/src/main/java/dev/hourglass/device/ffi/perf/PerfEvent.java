package dev.hourglass.device.ffi.perf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// An open perf event of one thread. Opened disabled. Not thread-safe.
public final class PerfEvent implements AutoCloseable {
    private static final long ENABLE = 0x2400;
    private static final long DISABLE = 0x2401;
    private static final long RESET = 0x2403;
    private static final long SET_OUTPUT = 0x2405;
    private static final long ID = 0x8008_2407L;
    private static final long CLOSE_ON_EXEC = 8;
    private static final int ANY_CPU = -1;
    private static final int NO_GROUP = -1;

    private final int fd;
    private boolean closed;

    private PerfEvent(int fd) {
        this.fd = fd;
    }

    /// Outcome of opening one.
    public sealed interface Opening {}

    /// @param event to be closed by the caller
    public record Opened(PerfEvent event) implements Opening {}

    /// @param errno why not, see [Errno]
    public record Refused(int errno) implements Opening {}

    /// What a counter holds.
    ///
    /// @param value events counted
    /// @param enabledNs time for which it was asked for while the thread ran
    /// @param runningNs part of it in which it was counted
    public record Count(long value, long enabledNs, long runningNs) {}

    /// @param tid thread to watch on any CPU; 0 for the calling one
    public static Opening open(EventSpec spec, long tid) {
        return open(spec, tid, NO_GROUP);
    }

    /// Opens an event that is counted only while `leader` is.
    public static Opening open(EventSpec spec, long tid, PerfEvent leader) {
        return open(spec, tid, leader.fd);
    }

    private static Opening open(EventSpec spec, long tid, int group) {
        try (Arena arena = Arena.ofConfined()) {
            long fd = PerfCalls.open(spec.attr(arena), (int) tid, ANY_CPU, group, CLOSE_ON_EXEC);
            return fd < 0 ? new Refused((int) -fd) : new Opened(new PerfEvent((int) fd));
        }
    }

    public void enable() {
        PerfCalls.ioctl(fd, ENABLE, 0);
    }

    public void disable() {
        PerfCalls.ioctl(fd, DISABLE, 0);
    }

    public void reset() {
        PerfCalls.ioctl(fd, RESET, 0);
    }

    /// The number by which the event's records in a ring buffer are known.
    public long id() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment id = arena.allocate(ValueLayout.JAVA_LONG);
            long result = PerfCalls.ioctl(fd, ID, id.address());
            return result < 0 ? result : id.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /// Writes this event's records into the buffer of `other`.
    ///
    /// @return 0, or the negative error number
    public int redirect(PerfEvent other) {
        return (int) PerfCalls.ioctl(fd, SET_OUTPUT, other.fd);
    }

    public Count read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(3 * Long.BYTES, Long.BYTES);
            PerfCalls.read(fd, values);
            return new Count(
                    values.get(ValueLayout.JAVA_LONG, 0),
                    values.get(ValueLayout.JAVA_LONG, 8),
                    values.get(ValueLayout.JAVA_LONG, 16));
        }
    }

    int fd() {
        return fd;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            PerfCalls.close(fd);
        }
    }
}
