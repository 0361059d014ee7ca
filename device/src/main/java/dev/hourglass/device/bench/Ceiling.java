package dev.hourglass.device.bench;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.unit.Unit;

/// A limit of the machine, measured on it: a row of the table `ceiling`.
///
/// @param name what is limited, for example `dram_read`
/// @param device where, for example `cpu`
/// @param value the best that was reached
/// @param unit of value, median and stddev
/// @param median over the repetitions; far below `value` where the machine had other work
/// @param stddev sample standard deviation over the repetitions
/// @param n repetitions
/// @param threads threads that took part
/// @param method how it was measured
public record Ceiling(
        String name,
        String device,
        double value,
        Unit unit,
        double median,
        double stddev,
        long n,
        int threads,
        String method) {

    /// Writes it as a row.
    public void write(BatchSink sink) {
        try (RowWriter rows = new RowWriter(Tables.CEILING, sink)) {
            rows.set("name", name).set("device", device).set("value", value).set("unit", unit.symbol());
            rows.set("median", median).set("stddev", stddev).set("n", n).set("threads", threads);
            rows.set("method", method).end();
        }
    }
}
