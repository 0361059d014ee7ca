package dev.hourglass.device.bench.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.hourglass.device.ffi.code.InjectedCode;
import dev.hourglass.device.ffi.posix.Posix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Memory of each thread, filled with random floats by the thread that reads it, so that it lies next to it.
///
/// @param areas one for each thread, of the same size
/// @param constants the two vectors that loops multiply by
record Streams(List<MemorySegment> areas, MemorySegment constants) implements AutoCloseable {
    static final float FACTOR = 0.4f;
    private static final int RANDOM_BYTES = 1 << 20;

    /// @param bytes of each thread
    /// @return empty where there is not so much memory
    static Optional<Streams> allocate(Team team, long bytes, Arena arena) {
        List<MemorySegment> areas = new ArrayList<>();
        for (int i = 0; i < team.size(); i++) {
            Optional<MemorySegment> area = Posix.map(bytes);
            if (area.isEmpty()) {
                areas.forEach(Posix::unmap);
                return Optional.empty();
            }
            Posix.adviseHugePages(area.orElseThrow());
            areas.add(area.orElseThrow());
        }
        team.run((part, parts) -> fill(areas.get(part), part));
        MemorySegment constants = arena.allocate(2L * Programs.LONG_VECTOR, Programs.LONG_VECTOR);
        for (int i = 0; i < 2 * Programs.LONG_VECTOR / Float.BYTES; i++) {
            constants.setAtIndex(JAVA_FLOAT, i, FACTOR);
        }
        return Optional.of(new Streams(List.copyOf(areas), constants));
    }

    private static void fill(MemorySegment area, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long block = Math.min(RANDOM_BYTES, area.byteSize());
        for (long i = 0; i < block / Float.BYTES; i++) {
            area.setAtIndex(JAVA_FLOAT, i, (float) random.nextDouble(0.5, 1.5));
        }
        for (long at = block; at < area.byteSize(); at += block) {
            MemorySegment.copy(area, 0, area, at, Math.min(block, area.byteSize() - at));
        }
    }

    /// What is done with memory.
    enum Kind {
        READ("read", 1, 1, 0),
        COPY("copy", 2, 2, 1),
        TRIAD("triad", 3, 3, 1),
        COPY_NT("copy_nt", 2, 2, 0),
        TRIAD_NT("triad_nt", 3, 3, 0);

        private final String word;
        private final int arrays;
        private final int moved;
        private final int readBefore;

        Kind(String word, int arrays, int moved, int readBefore) {
            this.word = word;
            this.arrays = arrays;
            this.moved = moved;
            this.readBefore = readBefore;
        }

        String word() {
            return word;
        }

        /// Arrays that it touches.
        int arrays() {
            return arrays;
        }

        /// Bytes of one array of that many that are moved.
        long bytes(long array) {
            return moved * array;
        }

        /// The same with the lines that are read because they will be written.
        long busBytes(long array) {
            return (moved + readBefore) * array;
        }

        boolean pastCaches() {
            return this == COPY_NT || this == TRIAD_NT;
        }

        byte[] program(int vectorBytes) {
            return switch (this) {
                case READ -> Programs.read(vectorBytes);
                case COPY, COPY_NT -> Programs.copy(vectorBytes, pastCaches());
                case TRIAD, TRIAD_NT -> Programs.triad(vectorBytes, pastCaches());
            };
        }
    }

    /// How a kind of work is done on a window.
    interface Loop {
        /// @param bytes of each array
        /// @param times over the same window
        void run(MemorySegment a, MemorySegment b, MemorySegment c, long bytes, long times);
    }

    /// By machine code.
    Loop injected(InjectedCode code, int vectorBytes) {
        int step = Programs.UNROLLED * vectorBytes;
        return (a, b, c, bytes, times) -> code.call(bytes / step, a, b, c, times, constants);
    }

    /// In plain Java; none past the caches.
    static Loop java(Kind kind) {
        return switch (kind) {
            case READ ->
                (a, b, c, bytes, times) -> {
                    float sum = 0;
                    for (long t = 0; t < times; t++) {
                        sum += sum(a, bytes / Float.BYTES);
                    }
                    if (sum < 0) {
                        throw new IllegalStateException("numbers above 0 have a sum above 0");
                    }
                };
            case COPY, COPY_NT ->
                (a, b, c, bytes, times) -> {
                    for (long t = 0; t < times; t++) {
                        MemorySegment.copy(a, 0, b, 0, bytes);
                    }
                };
            case TRIAD, TRIAD_NT ->
                (a, b, c, bytes, times) -> {
                    for (long t = 0; t < times; t++) {
                        triad(a, b, c, bytes / Float.BYTES);
                    }
                };
        };
    }

    private static float sum(MemorySegment a, long n) {
        float first = 0;
        float second = 0;
        float third = 0;
        float fourth = 0;
        for (long i = 0; i + 3 < n; i += 4) {
            first += a.getAtIndex(JAVA_FLOAT, i);
            second += a.getAtIndex(JAVA_FLOAT, i + 1);
            third += a.getAtIndex(JAVA_FLOAT, i + 2);
            fourth += a.getAtIndex(JAVA_FLOAT, i + 3);
        }
        return first + second + third + fourth;
    }

    private static void triad(MemorySegment a, MemorySegment b, MemorySegment c, long n) {
        for (long i = 0; i < n; i++) {
            c.setAtIndex(JAVA_FLOAT, i, Math.fma(FACTOR, b.getAtIndex(JAVA_FLOAT, i), a.getAtIndex(JAVA_FLOAT, i)));
        }
    }

    @Override
    public void close() {
        areas.forEach(Posix::unmap);
    }
}
