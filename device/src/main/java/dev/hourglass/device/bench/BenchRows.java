package dev.hourglass.device.bench;

import dev.hourglass.core.stat.MedianInterval;
import dev.hourglass.core.stat.Quantile;
import dev.hourglass.core.stat.Samples;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.BenchTables;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Writes results as rows of `bench_result` and `bench_sample`.
public final class BenchRows {
    /// Samples from which the 99th percentile is more than the longest.
    private static final int FOR_P99 = 100;

    private final BatchSink sink;
    private long next = 1;

    public BenchRows(BatchSink sink) {
        this.sink = sink;
    }

    /// Writes one, at once.
    ///
    /// @param reproduce command line that measures it again
    public void write(BenchResult result, String reproduce) {
        long id = next++;
        try (RowWriter rows = new RowWriter(BenchTables.BENCH_RESULT, sink)) {
            rows.set("id", id);
            work(rows, result);
            times(rows, result);
            rows.set("stop_reason", result.reason().word()).set("checks", words(result.check()));
            text(rows, "doubt", result.doubt());
            text(rows, "reproduce", reproduce);
            rows.end();
        }
        samples(id, result);
    }

    private static void work(RowWriter rows, BenchResult result) {
        Work work = result.work();
        rows.set("op", work.op()).set("axes", axes(work.axes())).set("dtype", work.dtype());
        rows.set("device", work.device()).set("cache", work.cache().name().toLowerCase(Locale.ROOT));
        rows.set("backend", work.backend()).set("timer", work.timer());
        text(rows, "kernel", work.kernel());
        text(rows, "library", work.library());
        rows.set("flops", work.flops()).set("bytes", work.bytes()).set("intensity", work.intensity());
        if (result.busBytes() != work.bytes()) {
            rows.set("bus_bytes", result.busBytes());
        }
        rows.set("memory_bytes", work.memoryBytes());
        result.roof().ifPresent(over -> rows.set("bound", over.bound()));
    }

    private static void times(RowWriter rows, BenchResult result) {
        double[] times = result.times();
        rows.set("n", times.length).set("dropped", result.droppedCount());
        if (result.median().isEmpty()) {
            return;
        }
        MedianInterval median = result.median().orElseThrow();
        Distribution d = Samples.distribution(Unit.NANOSECONDS, times);
        double[] q = Quantile.of(times, 0.05, 0.25, 0.75, 0.95);
        rows.set("median", median.value()).set("mean", d.mean()).set("stddev", d.stddev());
        rows.set("min", d.min()).set("max", d.max());
        rows.set("p5", q[0]).set("p25", q[1]).set("p75", q[2]).set("p95", q[3]);
        rows.set("p99", times.length >= FOR_P99 ? d.p99() : Double.NaN);
        rows.set("ci95_low", median.low()).set("ci95_high", median.high());
        rows.set("noise_floor", result.noiseFloor().orElse(Double.NaN));
        rows.set("tflops", result.work().flops() == 0 ? Double.NaN : result.teraflops(median.value()));
        rows.set("gbps", result.work().bytes() == 0 ? Double.NaN : result.gigabytes(median.value()));
        rows.set("percent_of_roof", result.percentOfRoof().orElse(Double.NaN));
        rows.set("clock_mhz", result.clockMhz().orElse(Double.NaN));
    }

    private void samples(long id, BenchResult result) {
        try (RowWriter rows = new RowWriter(BenchTables.BENCH_SAMPLE, sink)) {
            for (int i = 0; i < result.samples().size(); i++) {
                Sample sample = result.samples().get(i);
                rows.set("bench_id", id).set("sample", (long) i).set("dur_ns", sample.ns());
                rows.set("clock_mhz", sample.clockMhz().orElse(Double.NaN));
                rows.set("dropped", result.dropped().get(i) ? 1L : 0L);
                rows.end();
            }
        }
    }

    /// `M=1 N=4096 K=4096`.
    public static String axes(Map<String, Long> axes) {
        return axes.entrySet().stream()
                .map(axis -> axis.getKey() + "=" + axis.getValue())
                .collect(Collectors.joining(" "));
    }

    private static String words(Check check) {
        return switch (check) {
            case Check.Right right -> "right: error " + said(right.error()) + " of " + said(right.allowed());
            case Check.Wrong wrong -> "wrong: error " + said(wrong.error()) + ", allowed " + said(wrong.allowed());
            case Check.Unchecked unchecked -> "unchecked: " + unchecked.reason();
        };
    }

    private static String said(double error) {
        return Double.isNaN(error)
                ? "not a number"
                : error == 0
                        ? "0"
                        : error < SMALL ? String.format(Locale.ROOT, "%.1e", error) : Format.significant(error);
    }

    private static final double SMALL = 1e-3;

    private static void text(RowWriter rows, String column, String value) {
        if (!value.isEmpty()) {
            rows.set(column, value);
        }
    }
}
