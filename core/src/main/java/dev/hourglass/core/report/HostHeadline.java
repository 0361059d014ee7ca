package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What a recording without steps shows all the same: the event loop of a front end, else the operators of the host.
final class HostHeadline {
    /// What of a GPU is worth the first line.
    private static final Set<String> SHOWN = Set.of("power", "sm_clock", "gpu_util");

    private HostHeadline() {}

    static String of(Explanation explained) {
        return loop(explained)
                .or(() -> operators(explained))
                .or(() -> kernels(explained))
                .or(() -> products(explained))
                .or(() -> samples(explained))
                .orElse("The recording has no steps with device work.");
    }

    private static Optional<String> loop(Explanation explained) {
        return rows(explained, "engine/event_loop")
                .filter(rows -> rows.with("busy", "longest").size() > 0)
                .map(rows -> "A front end's event loop is busy " + value(rows, "busy", Unit.RATIO) + " of "
                        + value(rows, "time", Unit.NANOSECONDS) + ". Its longest block is "
                        + value(rows, "longest", Unit.NANOSECONDS) + " in " + rows.text(0, "what", "")
                        + ". No steps were recorded.");
    }

    private static Optional<String> operators(Explanation explained) {
        return rows(explained, "op/cpu_operators")
                .filter(rows -> !explained.hasDeviceWork() && rows.with("self").size() > 0)
                .map(rows -> "The recording has operators of the host and no steps. Most time goes to "
                        + rows.text(0, "operator", "") + ": " + value(rows, "self", Unit.NANOSECONDS) + " itself, in "
                        + value(rows, "calls", Unit.COUNT) + " calls.");
    }

    /// Kernels that a tool profiled one by one.
    private static Optional<String> kernels(Explanation explained) {
        return rows(explained, "hw/counters")
                .map(rows -> rows.size() + " launches of kernels were profiled, " + limited(rows, "memory")
                        + " of them limited by memory, " + limited(rows, "compute") + " by arithmetic, "
                        + limited(rows, "both") + " by both and " + limited(rows, "latency")
                        + " by neither, which wait. No steps were recorded.");
    }

    private static long limited(Rows rows, String by) {
        return IntStream.range(0, rows.size())
                .filter(r -> rows.text(r, "limit", "").equals(by))
                .count();
    }

    /// Products that a library's log tells of.
    private static Optional<String> products(Explanation explained) {
        return rows(explained, "library/gemm")
                .map(rows -> "The log tells of matrix products in " + rows.size() + " shapes: "
                        + value(rows, "share", Unit.RATIO) + " of their arithmetic is in " + value(rows, "calls", Unit.COUNT)
                        + " of " + rows.integer(0, "m").orElse(0) + " × " + rows.integer(0, "n").orElse(0) + " × "
                        + rows.integer(0, "k").orElse(0) + ". It has no times.");
    }

    /// Samples of a GPU alone.
    private static Optional<String> samples(Explanation explained) {
        return rows(explained, "hw/power")
                .filter(rows -> !explained.hasDeviceWork())
                .map(rows -> "The recording has samples of GPUs and no work: "
                        + IntStream.range(0, rows.size())
                                .filter(r -> rows.text(r, "stage", "").equals("all") && SHOWN.contains(rows.text(r, "metric", "")))
                                .mapToObj(r -> sampled(rows, r))
                                .collect(Collectors.joining("; "))
                        + ". Import them with the trace of what ran.");
    }

    private static String sampled(Rows rows, int r) {
        Unit unit = UnitNames.of(rows.text(r, "unit", ""));
        return rows.text(r, "device", "").replace("gpu:", "GPU ") + ": " + rows.text(r, "metric", "").replace('_', ' ') + " "
                + Format.value(rows.real(r, "min").orElse(0), unit) + " to "
                + Format.value(rows.real(r, "max").orElse(0), unit);
    }

    private static Optional<Rows> rows(Explanation explained, String analysis) {
        return Optional.ofNullable(explained.outcomes().get(analysis)).flatMap(Outcome::answered);
    }

    private static String value(Rows rows, String column, Unit unit) {
        return Format.value(rows.real(0, column).orElse(0), unit);
    }
}
