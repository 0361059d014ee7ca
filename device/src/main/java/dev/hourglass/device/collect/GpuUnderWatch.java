package dev.hourglass.device.collect;

import dev.hourglass.core.trace.HwMetric;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.device.ffi.nvml.NvmlDevice;
import dev.hourglass.device.ffi.nvml.Reading;

/// A GPU and how it is called in `hw_sample`.
///
/// @param label see [GpuLabels]
record GpuUnderWatch(NvmlDevice device, String label) {
    /// `gpu.0` of `gpu:0`.
    String fact() {
        return label.replace(':', '.');
    }

    /// Writes a momentary value, where there is one.
    void write(RowWriter rows, long ts, HwMetric metric, Reading<Long> value) {
        value.found().ifPresent(number -> write(rows, ts, metric, number));
    }

    void write(RowWriter rows, long ts, HwMetric metric, double value) {
        rows.set("ts", ts).set("device", label).set("metric", metric.name());
        rows.set("value", value * metric.factor()).set("unit", metric.unit()).end();
    }

    /// Writes what holds for a span.
    void write(RowWriter rows, long ts, long dur, HwMetric metric, double value) {
        rows.set("dur", dur);
        write(rows, ts, metric, value);
    }
}
