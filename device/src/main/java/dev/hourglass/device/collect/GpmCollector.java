package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.HwMetric;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import dev.hourglass.device.ffi.nvml.GpmMetric;
import dev.hourglass.device.ffi.nvml.GpmWindow;
import dev.hourglass.device.ffi.nvml.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// What the units of each GPU did since the sample before, by GPM, into `hw_sample`: each row says the window that it is
/// over. Only GPUs that have GPM are here; the first sample is the base of the second and writes nothing.
final class GpmCollector implements Collector {
    private final LongSupplier clock;
    private final List<Window> windows = new ArrayList<>();

    /// One GPU.
    private static final class Window {
        private final GpuUnderWatch gpu;
        private final GpmWindow samples;
        private long before = Long.MIN_VALUE;

        Window(GpuUnderWatch gpu, GpmWindow samples) {
            this.gpu = gpu;
            this.samples = samples;
        }
    }

    /// @param clock the trace clock in nanoseconds
    GpmCollector(List<GpuUnderWatch> gpus, LongSupplier clock) {
        this.clock = clock;
        for (GpuUnderWatch gpu : gpus) {
            if (has(gpu)) {
                GpmWindow.open(gpu.device()).found().ifPresent(samples -> windows.add(new Window(gpu, samples)));
            }
        }
    }

    static boolean has(GpuUnderWatch gpu) {
        return gpu.device().gpm().found().orElse(false);
    }

    /// Why a GPU has none, in a line; empty where it has.
    static Optional<String> missing(GpuUnderWatch gpu) {
        Reading<Boolean> support = gpu.device().gpm();
        return support.why().or(() -> support.found().orElse(false)
                ? Optional.empty()
                : Optional.of("the card has no GPM, which NVIDIA's GPUs have since Hopper"));
    }

    @Override
    public String name() {
        return "gpm";
    }

    @Override
    public Optional<String> unavailable() {
        return windows.isEmpty() ? Optional.of("no GPU here has GPM") : Optional.empty();
    }

    @Override
    public void sample(BatchSink sink) {
        try (RowWriter rows = new RowWriter(TraceTables.HW_SAMPLE, sink)) {
            windows.forEach(window -> sample(window, rows));
        }
    }

    /// Does nothing where the last one is too near: its window would be refused.
    private void sample(Window window, RowWriter rows) {
        long began = clock.getAsLong();
        if (window.before != Long.MIN_VALUE && began - window.before <= GpmWindow.SHORTEST_NS) {
            return;
        }
        if (window.samples.sample().found().isEmpty()) {
            window.before = Long.MIN_VALUE;
            return;
        }
        long ts = began + (clock.getAsLong() - began) / 2;
        if (window.before != Long.MIN_VALUE) {
            long dur = ts - window.before;
            window.samples.metrics().found().orElse(Map.of()).forEach((metric, value) -> window.gpu.write(
                    rows, ts, dur, metric(metric), value));
        }
        window.before = ts;
    }

    private static HwMetric metric(GpmMetric metric) {
        return HwMetric.ofNvml(metric.column());
    }

    @Override
    public void finish(BatchSink sink) {
        sample(sink);
    }

    @Override
    public void close() {
        windows.forEach(window -> window.samples.close());
        windows.clear();
    }
}
