package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.ffi.posix.Posix;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Replaces what lies in the caches: all threads write memory of the size of the last one together.
final class Flush implements AutoCloseable {
    private static final long LEAST = 32L << 20;
    private static final long MOST = 1L << 30;

    private final Team team;
    private final long bytes;
    private final List<MemorySegment> areas = new ArrayList<>();
    private byte value;

    Flush(Team team, long lastLevel) {
        this.team = team;
        this.bytes = Math.clamp(lastLevel, LEAST, MOST) / team.size();
    }

    /// Bytes that are written.
    long bytes() {
        return bytes * team.size();
    }

    void run() {
        if (areas.isEmpty()) {
            for (int i = 0; i < team.size(); i++) {
                Optional<MemorySegment> area = Posix.map(bytes);
                area.ifPresent(areas::add);
            }
        }
        value++;
        team.run((part, parts) -> {
            if (part < areas.size()) {
                areas.get(part).fill(value);
            }
        });
    }

    @Override
    public void close() {
        areas.forEach(Posix::unmap);
        areas.clear();
    }
}
