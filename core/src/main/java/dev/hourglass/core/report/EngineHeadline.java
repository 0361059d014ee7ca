package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Figure;
import dev.hourglass.core.document.Hue;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Quantity;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// What a person reads first of an engine that was recorded while it served: how long its requests wait for each
/// token, why tokens are late, what the recording could not see and what it cost.
final class EngineHeadline {
    private static final String GAPS = "engine/token_gaps";
    private static final String ENGINE = "engine";
    private static final String DECODE = "decode";
    private static final double NS_PER_US = 1e3;
    /// Reasons of hooks that are named.
    private static final int NAMED = 3;

    private final Explanation explained;
    private final Rows gaps;
    private final int row;
    private final String engine;

    private EngineHeadline(Explanation explained, Rows gaps) {
        this.explained = explained;
        this.gaps = gaps;
        this.row = IntStream.range(0, gaps.size())
                .boxed()
                .max(Comparator.comparingDouble(i -> gaps.real(i, "tokens").orElse(0)))
                .orElseThrow();
        this.engine = gaps.text(row, ENGINE, "");
    }

    /// Of the engine that gave most tokens; empty where no tokens of an engine's requests were recorded.
    static Optional<Report.Headline> of(Explanation explained) {
        return rows(explained, GAPS).map(gaps -> new EngineHeadline(explained, gaps).build());
    }

    private static Optional<Rows> rows(Explanation explained, String analysis) {
        return Optional.ofNullable(explained.outcomes().get(analysis)).flatMap(Outcome::answered);
    }

    private Report.Headline build() {
        return new Report.Headline(statement(), figures(), neck(), notes());
    }

    private String statement() {
        String late = explained.findings().stream()
                .filter(finding -> finding.id().equals("engine/late_tokens"))
                .max(Comparator.comparingDouble(f -> f.gain().orElse(0)))
                .map(Finding::title)
                .map(title -> ". " + title)
                .orElse("");
        return "A request waits " + time(value("median")) + " for its next token (median of "
                + Format.value(value("tokens"), Unit.COUNT) + ")" + late + ".";
    }

    private double value(String column) {
        return gaps.real(row, column).orElse(0);
    }

    private static String time(double ns) {
        return Format.value(ns, Unit.NANOSECONDS);
    }

    private List<Figure> figures() {
        List<Figure> out = new ArrayList<>();
        String p99 = gaps.real(row, "p99").isPresent() ? "99th percentile " + time(value("p99")) + ", " : "";
        double mean = value("mean") / NS_PER_US;
        boolean one = gaps.real(row, "deviation").isEmpty();
        out.add(new Figure(
                "Next token",
                one
                        ? Quantity.exact(mean, Unit.MICROSECONDS)
                        : Quantity.mean(
                                mean, Unit.MICROSECONDS, value("deviation") / NS_PER_US, (long) value("tokens")),
                "since the request's token before, "
                        + (one
                                ? "of the only one"
                                : "mean ± standard deviation; " + p99 + "longest " + time(value("longest")))));
        gaps.real(row, "rate")
                .ifPresent(rate -> out.add(new Figure(
                        "Throughput",
                        Quantity.exact(rate, Unit.TOKENS_PER_SECOND),
                        "of all requests, from the first to the last token")));
        firstToken().ifPresent(out::add);
        out.add(new Figure(
                "Late tokens",
                Quantity.exact(value("late_ratio"), Unit.RATIO),
                "waited for more than three medians; " + Format.value(value("excess_ratio"), Unit.RATIO)
                        + " of all waiting is theirs"));
        cost().ifPresent(out::add);
        return out;
    }

    private Optional<Figure> firstToken() {
        return ofEngine("engine/requests").flatMap(found -> {
            OptionalDouble median = found.rows.real(found.row, "ttft_p50");
            return median.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Figure(
                            "First token",
                            Quantity.exact(median.getAsDouble() / NS_PER_US, Unit.MICROSECONDS),
                            "median over "
                                    + Format.value(
                                            found.rows
                                                    .real(found.row, "requests")
                                                    .orElse(0),
                                            Unit.COUNT)
                                    + " requests, from arrival"));
        });
    }

    /// The process in which recording cost most.
    private Optional<Figure> cost() {
        return rows(explained, "engine/probe_cost")
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .filter(i -> rows.text(i, ENGINE, "").equals(engine))
                        .filter(i -> rows.real(i, "share").isPresent())
                        .boxed()
                        .max(Comparator.comparingDouble(
                                i -> rows.real(i, "share").orElse(0)))
                        .map(i -> new Figure(
                                "Cost of recording",
                                Quantity.exact(rows.real(i, "share").orElse(0), Unit.RATIO),
                                "of the time in which steps ran, in the " + rows.text(i, "role", "process")
                                        + ", as the probe clocked itself" + perStep(rows, i))));
    }

    /// What a step costs while the engine serves, with its interval, and of which time that is a share; nothing where no
    /// window of the recording told it.
    private static String perStep(Rows rows, int row) {
        return rows.real(row, "serving").isEmpty()
                ? ""
                : "; a step " + time(rows, row, "serving")
                        + (rows.real(row, "serving_low").isEmpty()
                                ? ""
                                : " (95 %: " + time(rows, row, "serving_low") + " to "
                                        + time(rows, row, "serving_high") + ")")
                        + (rows.real(row, "of_t_token").isEmpty()
                                ? ""
                                : ", " + Format.value(rows.real(row, "of_t_token").orElse(0), Unit.RATIO)
                                        + " of T_token " + time(rows, row, "t_token"));
    }

    private static String time(Rows rows, int row, String column) {
        return Format.value(rows.real(row, column).orElse(0), Unit.NANOSECONDS);
    }

    /// A row of an analysis.
    private record Found(Rows rows, int row) {}

    private Optional<Found> ofEngine(String analysis) {
        return rows(explained, analysis)
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .filter(i -> rows.text(i, ENGINE, "").equals(engine))
                        .mapToObj(i -> new Found(rows, i))
                        .findFirst());
    }

    /// A median step of decode by its parts on the host.
    private Chart.Neck neck() {
        Optional<Found> decode = rows(explained, "engine/forward")
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .filter(i -> rows.text(i, ENGINE, "").equals(engine)
                                && rows.text(i, "phase", "").equals(DECODE))
                        .mapToObj(i -> new Found(rows, i))
                        .findFirst());
        if (decode.filter(found -> found.rows.real(found.row, "forward").isPresent())
                .isEmpty()) {
            return new Chart.Neck("no forward pass of decode was seen in a worker", Unit.MICROSECONDS, List.of());
        }
        Rows rows = decode.get().rows;
        int at = decode.get().row;
        double forward = us(rows, at, "forward");
        double sample = us(rows, at, "sample");
        double prepare = Math.max(0, us(rows, at, "execute") - forward);
        double rest = Math.max(0, us(rows, at, "wall") - forward - sample - prepare);
        return new Chart.Neck(
                String.format(
                        Locale.ROOT,
                        "A step of decode, medians of its parts on the host: forward pass %s, sampling %s, preparing %s,"
                                + " the rest %s",
                        time(forward * NS_PER_US),
                        time(sample * NS_PER_US),
                        time(prepare * NS_PER_US),
                        time(rest * NS_PER_US)),
                Unit.MICROSECONDS,
                List.of(
                        new Chart.Part("scheduling, handing over, waiting for the step before", Hue.SCHEDULING, rest),
                        new Chart.Part("preparing", Hue.LAUNCH, prepare),
                        new Chart.Part("forward pass", Hue.EXPERTS, forward),
                        new Chart.Part("sampling", Hue.SAMPLING, sample)));
    }

    private static double us(Rows rows, int row, String column) {
        return rows.real(row, column).orElse(0) / NS_PER_US;
    }

    private List<Block.Note> notes() {
        List<String> blind = rows(explained, "engine/hooks").stream()
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .boxed()
                        .flatMap(i -> Arrays.stream(rows.text(i, "absent", "").split("; ", -1))
                                .filter(hook -> hook.matches("\\S+ (MISSING|CHANGED|DISABLED) .*"))
                                .map(hook -> hook + " in " + rows.text(i, "role", "a process") + " "
                                        + rows.text(i, "pid", ""))))
                .toList();
        if (blind.isEmpty()) {
            return List.of();
        }
        return List.of(new Block.Note(
                Block.Note.Tone.CAUTION,
                "Part of the engine was not seen",
                String.join("; ", blind.subList(0, Math.min(NAMED, blind.size())))
                        + (blind.size() > NAMED ? "; and others" : "")
                        + ". What these hooks tell is not measured; analysis engine/hooks has all of them."));
    }
}
