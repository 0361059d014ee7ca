package dev.hourglass.core.trace;

import static dev.hourglass.core.trace.Column.integer;
import static dev.hourglass.core.trace.Column.real;
import static dev.hourglass.core.trace.Column.text;

import dev.hourglass.core.unit.Unit;
import java.util.List;

/// What benchmarks of single operators measured, and every sample behind it.
public final class BenchTables {

    public static final Table BENCH_RESULT = Table.of(
            "bench_result",
            "One operator at one shape, timed alone. Where its check failed no time stands.",
            integer("id", Unit.NONE, "Number within the session; its samples are in bench_sample."),
            text("op", "Name of the operator, for example gemm."),
            text("axes", "Its sizes, for example M=1 N=4096 K=4096."),
            text("dtype", "Number format of its inputs."),
            text("device", "cpu or gpu:0."),
            text(
                    "cache",
                    "cold where the inputs lay in memory before each call, hot where in a cache as far as they fit."),
            text("backend", "Who computed, for example java, cublaslt, nvrtc, or the tool that it was imported from."),
            text("kernel", "The code that ran; NULL where it is not known."),
            text("library", "Version of the backend; NULL where it has none."),
            real("flops", Unit.FLOP, "Operations of one call, a multiply-add being two."),
            real("bytes", Unit.BYTES, "Bytes that one call must move, each operand once."),
            real(
                    "bus_bytes",
                    Unit.BYTES,
                    "Bytes that one call moves over the bus, with the lines that a plain store reads first; NULL where"
                            + " the same as bytes."),
            real("intensity", Unit.FLOP_PER_BYTE, "flops over bytes; NULL where nothing is moved."),
            integer("n", Unit.COUNT, "Samples that count."),
            integer("dropped", Unit.COUNT, "Samples left out because the device was held back meanwhile."),
            real("median", Unit.NANOSECONDS, "Median time of one call."),
            real("mean", Unit.NANOSECONDS, "Mean."),
            real("stddev", Unit.NANOSECONDS, "Sample standard deviation."),
            real("min", Unit.NANOSECONDS, "Shortest."),
            real("max", Unit.NANOSECONDS, "Longest."),
            real("p5", Unit.NANOSECONDS, "5th percentile."),
            real("p25", Unit.NANOSECONDS, "Lower quartile."),
            real("p75", Unit.NANOSECONDS, "Upper quartile."),
            real("p95", Unit.NANOSECONDS, "95th percentile."),
            real("p99", Unit.NANOSECONDS, "99th percentile; NULL below 100 samples."),
            real("ci95_low", Unit.NANOSECONDS, "Lower end of the median's 95 % interval; NULL where it is open."),
            real("ci95_high", Unit.NANOSECONDS, "Upper end."),
            real(
                    "noise_floor",
                    Unit.RATIO,
                    "By how much the medians of one operator measured twice differed beside it."),
            real("tflops", Unit.NONE, "Tera operations per second at the median."),
            real("gbps", Unit.NONE, "Gigabytes per second at the median."),
            real(
                    "percent_of_roof",
                    Unit.NONE,
                    "Of the rate that the measured ceilings allow at this intensity; NULL where they are not measured."),
            text("bound", "memory or compute: which of the ceilings is nearer at this intensity; NULL as before."),
            integer("memory_bytes", Unit.BYTES, "Memory of inputs, outputs and workspace."),
            real("clock_mhz", Unit.MEGAHERTZ, "Median clock of the processor meanwhile; NULL where it was not told."),
            text("checks", "right, wrong or unchecked, with the error and what was allowed, or the reason."),
            text(
                    "stop_reason",
                    "Why no more samples were taken: precision, noise plateau, time, samples, interrupted."),
            text("timer", "How the time was taken."),
            text("doubt", "Why it should not be believed; NULL where nothing speaks against it."),
            text("reproduce", "Command line that measures it again."));

    public static final Table BENCH_SAMPLE = Table.of(
            "bench_sample",
            "Every sample behind bench_result, in order of time.",
            integer("bench_id", Unit.NONE, "Its row in bench_result."),
            integer("sample", Unit.COUNT, "Position, from 0."),
            real("dur_ns", Unit.NANOSECONDS, "Time of one call."),
            real("clock_mhz", Unit.MEGAHERTZ, "Clock meanwhile; NULL where it was not told."),
            integer("dropped", Unit.COUNT, "1 where it does not count, because the device was held back."));

    private static final List<Table> ALL = List.of(BENCH_RESULT, BENCH_SAMPLE);

    private BenchTables() {}

    static List<Table> all() {
        return ALL;
    }
}
