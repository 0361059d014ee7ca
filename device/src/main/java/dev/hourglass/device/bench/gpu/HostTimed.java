package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Sample;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/// Work that the host's clock times, because the host takes part in it.
///
/// @param work what it is
/// @param times how often it is done for one sample
/// @param once does it
/// @param settle brings the device to rest, outside the timing
/// @param checking compares its result
/// @param held what it owns on the device
record HostTimed(Work work, int times, Runnable once, Runnable settle, Supplier<Check> checking, Held held)
        implements Timed {
    @Override
    public Check check() {
        return checking.get();
    }

    @Override
    public Sample sample() {
        settle.run();
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
            once.run();
        }
        double ns = (double) (System.nanoTime() - start) / times;
        settle.run();
        return new Sample(ns, OptionalDouble.empty(), false);
    }

    @Override
    public void close() {
        held.close();
    }
}
