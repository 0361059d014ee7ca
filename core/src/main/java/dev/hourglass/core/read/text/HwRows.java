package dev.hourglass.core.read.text;

import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.HwMetric;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.util.OptionalLong;

/// Writes values of hardware tools into `hw_sample`, and counts those that cannot be right.
final class HwRows implements AutoCloseable {
    /// A larger share is noted; by less, rounding alone may exceed 1.
    private static final double MOST_RATIO = 1.0001;

    private final TextInput input;
    private final RowWriter row;
    private long written;

    HwRows(TextInput input, BatchSink sink) {
        this.input = input;
        this.row = new RowWriter(TraceTables.HW_SAMPLE, sink);
    }

    /// @param ts time of the reading; empty where the tool printed none
    /// @param dur span that an average covers; empty for a momentary value
    /// @param value as the tool printed it
    void write(OptionalLong ts, OptionalLong dur, String device, HwMetric metric, double value) {
        double scaled = value * metric.factor();
        if (metric.unit().equals("ratio") && (scaled < 0 || scaled > MOST_RATIO)) {
            input.note("ratio_out_of_range", Severity.NOTICE);
        }
        ts.ifPresent(at -> row.set("ts", at));
        dur.ifPresent(span -> row.set("dur", span));
        row.set("device", input.name(device))
                .set("metric", input.name(metric.name()))
                .set("value", scaled)
                .set("unit", input.name(metric.unit()))
                .set("source_id", input.context().sourceId())
                .end();
        written++;
    }

    @Override
    public void close() {
        row.close();
        input.context().stats().read("hw_sample", written);
    }
}
