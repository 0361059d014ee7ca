package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Sample;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import java.util.function.Supplier;

/// Work on the GPU that a graph repeats.
///
/// @param work what it is
/// @param timer takes the samples
/// @param series the launches
/// @param checking compares its result
/// @param held what it owns on the device
record GpuTimed(Work work, GraphTimer timer, GraphTimer.Series series, Supplier<Check> checking, Held held)
        implements Timed {
    @Override
    public Check check() {
        return checking.get();
    }

    @Override
    public Sample sample() {
        return timer.sample(series);
    }

    @Override
    public void close() {
        series.close();
        held.close();
    }
}
