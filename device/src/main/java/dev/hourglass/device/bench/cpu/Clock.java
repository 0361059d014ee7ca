package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.ffi.code.InjectedCode;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalDouble;

/// The processor's clock as a loop of known length tells it: multiplications that wait for each other.
final class Clock {
    private static final int LOOPS = 150;
    /// An interruption only makes a loop longer: the shortest of a few counts.
    private static final int TRIES = 3;

    private static final double CYCLES = (double) LOOPS * Programs.SQUARES * Programs.SQUARE_CYCLES;
    private static final double KILO = 1e3;

    private final Optional<InjectedCode> code;
    private double highest;

    private Clock(Optional<InjectedCode> code) {
        this.code = code;
    }

    /// @param codes takes what is to be freed
    static Clock of(Processor processor, Collection<InjectedCode> codes) {
        if (processor.vectorBytes() == 0) {
            return new Clock(Optional.empty());
        }
        Optional<InjectedCode> code = InjectedCode.load(Programs.clock());
        code.ifPresent(codes::add);
        return new Clock(code);
    }

    /// Now; empty where it cannot be told. Takes some 20 microseconds.
    OptionalDouble megahertz() {
        if (code.isEmpty()) {
            return OptionalDouble.empty();
        }
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            long start = System.nanoTime();
            MemorySegment none = MemorySegment.NULL;
            code.orElseThrow().call(LOOPS, none, none, none, 1, none);
            best = Math.min(best, System.nanoTime() - start);
        }
        double mhz = CYCLES / best * KILO;
        highest = Math.max(highest, mhz);
        return OptionalDouble.of(mhz);
    }

    /// The highest that was seen; empty where none was.
    OptionalDouble highest() {
        return highest == 0 ? OptionalDouble.empty() : OptionalDouble.of(highest);
    }
}
