package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Comparison;
import dev.hourglass.core.analysis.RunDifference;
import dev.hourglass.core.analysis.RunFact;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.Figure;
import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Quantity;
import dev.hourglass.core.unit.Unit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which of two sides is faster and by how much, what differs beside the times first.
final class ComparisonHeadline {
    private final Comparison c;
    private final Comparison.Metric mean;
    private final String base;
    private final String candidate;

    private ComparisonHeadline(Comparison comparison) {
        this.c = comparison;
        this.mean = comparison.metrics().getFirst();
        boolean apart = !comparison.base().equals(comparison.candidate());
        this.base = apart ? comparison.base() : "the base";
        this.candidate = apart ? comparison.candidate() : "the candidate";
    }

    /// One sentence.
    static String statement(Comparison comparison) {
        ComparisonHeadline headline = new ComparisonHeadline(comparison);
        String said = headline.first() + headline.say();
        // A run's name stays as it is, even at the beginning.
        boolean own = said.startsWith(headline.candidate) && !headline.candidate.startsWith("the ");
        return (own ? said : Character.toUpperCase(said.charAt(0)) + said.substring(1)) + ".";
    }

    /// What was done in another way, before which is faster.
    private String first() {
        String all = c.differences().stream()
                .filter(d -> d.kind() == RunFact.Kind.SETTING || d.kind() == RunFact.Kind.MACHINE)
                .map(ComparisonHeadline::change)
                .collect(Collectors.joining(", "));
        return all.isEmpty() ? "" : "With " + all + ": ";
    }

    /// A difference as `batch 8 instead of 4`.
    static String change(RunDifference d) {
        return d.what() + " " + (d.candidate().isEmpty() ? "not told" : d.candidate()) + " instead of "
                + (d.base().isEmpty() ? "not told" : d.base());
    }

    private String say() {
        return switch (mean.shift().verdict()) {
            case SAME ->
                candidate + " is as fast as " + base + ": " + takes() + us(mean.candidate()) + ", before "
                        + us(mean.base());
            case BETTER -> better();
            case WORSE ->
                candidate + " is slower than " + base + ": " + takes() + times() + ", " + percent(mean.ratio())
                        + " more";
            case DIFFERENT, UNCLEAR -> unclear();
        };
    }

    /// Less time for a step is faster only where the same work is known to be done in it.
    private String better() {
        String less = takes() + times() + ", " + percent(-mean.ratio()) + " less";
        return throughput().isPresent()
                ? candidate + " is faster than " + base + ": " + less
                : less + " in " + candidate + " than in " + base
                        + "; whether that is faster depends on the batch, which is not told";
    }

    private String unclear() {
        String now = takes() + us(mean.candidate()) + ", before " + us(mean.base());
        return switch (c.doubt() == Shift.Doubt.NONE ? mean.shift().doubt() : c.doubt()) {
            case OTHER_WORK -> "not the same work (" + work() + "): " + now + rate();
            case RECORDED_OTHERWISE -> "not recorded alike (" + of(RunFact.Kind.RECORDING) + "): " + now;
            case DISTURBED ->
                "other work on the machine disturbed " + disturbed() + ", so it is not sure whether " + candidate
                        + " is faster than " + base + ": " + now;
            default -> "it is not sure whether " + candidate + " is faster than " + base + ": " + now;
        };
    }

    private String work() {
        return of(RunFact.Kind.WORK);
    }

    private String of(RunFact.Kind kind) {
        return c.differences().stream()
                .filter(d -> d.kind() == kind)
                .map(ComparisonHeadline::change)
                .collect(Collectors.joining(", "));
    }

    private String disturbed() {
        return c.differences().stream()
                .filter(d -> d.kind() == RunFact.Kind.DISTURBANCE)
                .flatMap(d -> Stream.of(isDisturbed(d.base()) ? base : "", isDisturbed(d.candidate()) ? candidate : ""))
                .filter(name -> !name.isEmpty())
                .distinct()
                .collect(Collectors.joining(" and "));
    }

    static boolean isDisturbed(String level) {
        return !level.isEmpty() && !level.equals("none");
    }

    /// With other batches the tokens of all sequences tell what the time of a step does not.
    private String rate() {
        return throughput()
                .map(m -> "; " + value(m.candidate(), m.unit()) + " instead of " + value(m.base(), m.unit()) + ", "
                        + m.shift().verdict())
                .orElse("");
    }

    private Optional<Comparison.Metric> throughput() {
        return c.metric("throughput.mean").filter(Comparison.Metric::inBoth);
    }

    private String times() {
        return us(mean.candidate()) + " instead of " + us(mean.base());
    }

    private String takes() {
        String one = c.stage().equals("decode") ? "token" : "step";
        return c.metric("latency.mean").isPresent()
                ? "from " + one + " to " + one + " it takes "
                : StageTime.oneOf(c.stage()) + " takes ";
    }

    /// Mean, median, tail, and where the recording tells it throughput, each as its difference with the interval.
    static List<Figure> figures(Comparison comparison) {
        String step = comparison.metric("latency.mean").isPresent() ? "step to step" : "step";
        return Stream.of(
                        figure(comparison, "t_token.mean", "Mean " + step),
                        figure(comparison, "t_token.p50", "Median " + step),
                        figure(comparison, "t_token.p99", "99th percentile"),
                        figure(comparison, "throughput.mean", "Throughput"))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<Figure> figure(Comparison comparison, String name, String label) {
        return comparison.metric(name).filter(Comparison.Metric::inBoth).filter(comparison::tells).map(m -> {
            Shift shift = m.shift();
            Quantity.Spread spread = Double.isFinite(shift.high() - shift.low())
                    ? new Quantity.Spread.Interval(shift.low(), shift.high(), 0.95)
                    : null;
            return new Figure(
                    label + ", candidate less base",
                    new Quantity(m.delta(), m.unit(), spread),
                    value(m.candidate(), m.unit()) + ", before " + value(m.base(), m.unit()) + "; " + shift.verdict()
                            + (Double.isNaN(shift.low())
                                    ? ", one step has no spread"
                                    : spread == null ? ", too few steps for an interval" : ""));
        });
    }

    private static String us(double value) {
        return value(value, Unit.MICROSECONDS);
    }

    private static String value(double value, Unit unit) {
        return Format.value(value, unit);
    }

    private static String percent(double ratio) {
        return Format.value(ratio, Unit.RATIO);
    }
}
