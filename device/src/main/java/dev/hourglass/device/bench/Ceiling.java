package dev.hourglass.device.bench;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.util.Optional;
import java.util.OptionalDouble;

/// A limit of the machine, measured on it: a row of the table `ceiling`.
///
/// @param name what is limited, for example `dram_read`, `fma_fp32`
/// @param device where, for example `cpu`
/// @param dtype number format of the operations; empty of a bandwidth
/// @param value the best that was reached
/// @param unit of value, median, spread and interval
/// @param median over the repetitions; far below `value` where the machine had other work
/// @param stddev sample standard deviation over the repetitions
/// @param n repetitions
/// @param threads threads that took part
/// @param method how it was measured
/// @param more what else is known of it
public record Ceiling(
        String name,
        String device,
        String dtype,
        double value,
        Unit unit,
        double median,
        double stddev,
        long n,
        int threads,
        String method,
        More more) {

    /// What not every way of measuring tells.
    ///
    /// @param low lower end of the median's 95 % interval; NaN where it is open or not known
    /// @param high upper end
    /// @param busValue the value by bytes on the bus; empty where the same
    /// @param peak what the device can do by its design; empty where that is not known
    /// @param peakSource where that comes from
    /// @param clockMhz median clock meanwhile; NaN where it was not told
    /// @param measuredAt when, in UTC
    /// @param validFor what must be the same for it to hold
    public record More(
            double low,
            double high,
            OptionalDouble busValue,
            OptionalDouble peak,
            String peakSource,
            double clockMhz,
            String measuredAt,
            String validFor) {
        static final More NONE = new More(
                Double.NaN, Double.NaN, OptionalDouble.empty(), OptionalDouble.empty(), "", Double.NaN, "", "");
    }

    /// One of which no more is known.
    public static Ceiling of(String name, String device, Distribution rates, int threads, String method) {
        return new Ceiling(
                name,
                device,
                "",
                rates.max(),
                rates.unit(),
                rates.p50(),
                rates.stddev(),
                rates.n(),
                threads,
                method,
                More.NONE);
    }

    /// One that was measured before, as far as roofs need it.
    public static Ceiling known(
            String name, String device, String dtype, double value, Unit unit, OptionalDouble busValue) {
        More more = new More(Double.NaN, Double.NaN, busValue, OptionalDouble.empty(), "", Double.NaN, "", "");
        return new Ceiling(name, device, dtype, value, unit, value, Double.NaN, 0, 0, "", more);
    }

    /// `compute`, `bandwidth` or `latency`.
    public String kind() {
        return switch (unit) {
            case BYTES_PER_SECOND -> "bandwidth";
            case NANOSECONDS -> "latency";
            default -> "compute";
        };
    }

    OptionalDouble busValue() {
        return more.busValue;
    }

    /// Writes it as a row.
    public void write(BatchSink sink) {
        try (RowWriter rows = new RowWriter(Tables.CEILING, sink)) {
            rows.set("name", name).set("device", device).set("value", value).set("unit", unit.symbol());
            rows.set("median", median).set("stddev", stddev).set("n", n).set("threads", threads);
            rows.set("method", method).set("kind", kind());
            text(rows, "dtype", dtype);
            rows.set("ci95_low", more.low).set("ci95_high", more.high).set("clock_mhz", more.clockMhz);
            more.busValue.ifPresent(v -> rows.set("bus_value", v));
            more.peak.ifPresent(peak -> rows.set("percent_of_peak", 100 * value / peak));
            text(rows, "peak_source", more.peakSource);
            text(rows, "measured_at", more.measuredAt);
            text(rows, "valid_for", more.validFor);
            rows.end();
        }
    }

    private static void text(RowWriter rows, String column, String value) {
        Optional.of(value).filter(v -> !v.isEmpty()).ifPresent(v -> rows.set(column, v));
    }
}
