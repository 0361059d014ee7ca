package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.ffi.code.InjectedCode;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalDouble;

/// The processor's clock as a loop of known length tells it: multiplications that wait for each other.
///
/// @param code the loop; empty where none can be run
record Clock(Optional<InjectedCode> code) {
    private static final int LOOPS = 150;
    /// An interruption only makes a loop longer: the shortest of a few counts.
    private static final int TRIES = 3;

    private static final double CYCLES = (double) LOOPS * Programs.SQUARES * Programs.SQUARE_CYCLES;
    private static final double KILO = 1e3;

    /// Now; empty where it cannot be told. Takes some 20 microseconds.
    OptionalDouble megahertz() {
        if (code.isEmpty()) {
            return OptionalDouble.empty();
        }
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            long start = System.nanoTime();
            code.orElseThrow().call(LOOPS, MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL, 1);
            best = Math.min(best, System.nanoTime() - start);
        }
        return OptionalDouble.of(CYCLES / best * KILO);
    }
}
