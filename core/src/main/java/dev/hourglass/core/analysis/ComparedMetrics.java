package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.Comparison.Metric;
import dev.hourglass.core.analysis.Comparison.Share;
import dev.hourglass.core.analysis.RunSamples.Step;
import dev.hourglass.core.stat.Drift;
import dev.hourglass.core.stat.Quantile;
import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.stat.Shift.Doubt;
import dev.hourglass.core.stat.Statistic;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The figures that two sides are compared by.
///
/// `t_token` is the time from token to token, `latency` a step's wall where that is another, `between` the one
/// less the
/// other, `throughput` the tokens of all steps over the time of all steps, `tokens_per_step` and `batch` their work;
/// the parts of a step are under their own names. What neither side measured is left out.
final class ComparedMetrics {
    /// Name of what lies between two steps, as a part of the time from token to token.
    static final String BETWEEN = "between";

    private static final String THROUGHPUT = "throughput";
    private static final String TOKENS_PER_STEP = "tokens_per_step";
    private static final String BATCH = "batch";

    /// Part of the base from which a constant amount of work is another.
    private static final double OTHER_AMOUNT = 0.01;

    /// Share of a step below which parts that do not add up to it are only rounded.
    private static final double ROUNDING = 1e-6;

    private final List<RunSamples> base;
    private final List<RunSamples> candidate;
    private final double tolerance;
    /// Whether all runs tell when a step follows another; else walls stand for the time from token to token.
    private final boolean periods;

    ComparedMetrics(List<RunSamples> base, List<RunSamples> candidate, double tolerance) {
        this.base = List.copyOf(base);
        this.candidate = List.copyOf(candidate);
        this.tolerance = tolerance;
        this.periods = both().allMatch(RunSamples::hasPeriods);
    }

    private Stream<RunSamples> both() {
        return Stream.concat(base.stream(), candidate.stream());
    }

    private List<Double> tToken(RunSamples run) {
        return periods ? run.tTokenUs() : run.wallUs();
    }

    /// @param doubt what differs beside the times and leaves them in doubt
    List<Metric> all(Doubt doubt) {
        List<Metric> work = work();
        Doubt times = doubt == Doubt.NONE && otherWork(work) ? Doubt.OTHER_WORK : doubt;
        List<Metric> all = new ArrayList<>();
        for (Statistic statistic : Statistic.values()) {
            all.add(times("t_token." + statistic.key(), this::tToken, statistic));
        }
        if (walls()) {
            for (Statistic statistic : Statistic.values()) {
                all.add(times("latency." + statistic.key(), RunSamples::wallUs, statistic));
            }
        }
        for (String component : components()) {
            all.add(times(component + ".mean", run -> run.componentsUs().get(component), Statistic.MEAN));
        }
        all.add(times(BETWEEN + ".mean", ComparedMetrics::between, Statistic.MEAN));
        List<Metric> said =
                new ArrayList<>(all.stream().map(m -> doubted(m, times)).toList());
        said.add(doubted(throughput(), doubt));
        said.addAll(work);
        return said.stream()
                .filter(m -> !Double.isNaN(m.base()) || !Double.isNaN(m.candidate()))
                .toList();
    }

    /// What differs, with the work of the steps first where that is another.
    List<RunDifference> withWork(List<RunDifference> differences, List<Metric> metrics) {
        List<RunDifference> all = new ArrayList<>();
        for (Metric m : metrics) {
            if ((m.unit() == Unit.COUNT || m.unit() == Unit.TOKENS) && other(m)) {
                String what = m.name().startsWith(BATCH) ? "batch" : "tokens per step";
                all.add(new RunDifference(RunFact.Kind.WORK, what, amount(m.base()), amount(m.candidate())));
            }
        }
        all.addAll(differences);
        if (!periods && both().anyMatch(RunSamples::hasPeriods)) {
            all.add(new RunDifference(RunFact.Kind.SETTING, "time between steps", told(base), told(candidate)));
        }
        return all;
    }

    private static String told(List<RunSamples> side) {
        return side.stream().allMatch(RunSamples::hasPeriods) ? "known" : "not known, so t_token is a step's wall";
    }

    private static String amount(double value) {
        return Format.value(value, Unit.COUNT);
    }

    private static boolean otherWork(List<Metric> work) {
        return work.stream().anyMatch(ComparedMetrics::other);
    }

    private static boolean other(Metric m) {
        return m.shift().verdict() == Shift.Verdict.DIFFERENT
                || (m.inBoth()
                        && Math.abs(m.ratio()) > OTHER_AMOUNT
                        && m.shift().verdict() != Shift.Verdict.SAME);
    }

    private static Metric doubted(Metric m, Doubt doubt) {
        return new Metric(m.name(), m.unit(), m.base(), m.candidate(), m.shift().doubted(doubt));
    }

    private List<Metric> work() {
        return Stream.of(
                        metric(TOKENS_PER_STEP + ".mean", Unit.TOKENS, run -> known(run, Step::tokens), Statistic.MEAN),
                        metric(BATCH + ".mean", Unit.COUNT, run -> known(run, Step::batch), Statistic.MEAN))
                .map(m -> new Metric(
                        m.name(), m.unit(), m.base(), m.candidate(), m.shift().ofAmount()))
                .toList();
    }

    private Metric throughput() {
        Metric m = metric(THROUGHPUT + ".mean", Unit.TOKENS_PER_SECOND, ComparedMetrics::rates, Statistic.MEAN);
        return new Metric(m.name(), m.unit(), m.base(), m.candidate(), m.shift().ofMoreIsBetter());
    }

    /// Tokens per second, one number for each step, whose mean is the tokens of all over the time of all: that, and
    /// what each step has more tokens than its time would give, over the mean time. They scatter as the
    /// quotient does.
    private static @Nullable List<Double> rates(RunSamples run) {
        List<Step> steps = run.steps().stream()
                .filter(s -> !Double.isNaN(s.tokens()) && !Double.isNaN(s.periodUs()))
                .toList();
        double time = steps.stream().mapToDouble(Step::periodUs).sum();
        if (steps.isEmpty() || time <= 0) {
            return null;
        }
        double rate = steps.stream().mapToDouble(Step::tokens).sum() / time;
        double mean = time / steps.size();
        return steps.stream()
                .map(s -> 1e6 * (rate + (s.tokens() - rate * s.periodUs()) / mean))
                .toList();
    }

    private static @Nullable List<Double> known(RunSamples run, ToDoubleFunction<Step> of) {
        List<Double> all = run.known(of);
        return all.isEmpty() ? null : all;
    }

    /// Between two steps lies what a period has more than the wall; null where they are the same in all steps.
    private static @Nullable List<Double> between(RunSamples run) {
        List<Double> all = run.known(s -> s.periodUs() - s.wallUs());
        return all.stream().allMatch(v -> v == 0) ? null : all;
    }

    /// Whether a step's wall is another than the time from token to token.
    private boolean walls() {
        return both().anyMatch(run -> !tToken(run).equals(run.wallUs()));
    }

    private Metric times(String name, Function<RunSamples, @Nullable List<Double>> of, Statistic statistic) {
        return metric(name, Unit.MICROSECONDS, of, statistic);
    }

    private Metric metric(
            String name, Unit unit, Function<RunSamples, @Nullable List<Double>> of, Statistic statistic) {
        List<double[]> before = samples(base, of);
        List<double[]> after = samples(candidate, of);
        Shift shift =
                before.isEmpty() || after.isEmpty() ? Shift.UNKNOWN : Shift.of(before, after, statistic, tolerance);
        return new Metric(name, unit, Shift.figure(before, statistic), Shift.figure(after, statistic), shift);
    }

    /// Of each run; none where one of them did not measure it.
    private static List<double[]> samples(List<RunSamples> side, Function<RunSamples, @Nullable List<Double>> of) {
        List<double[]> all = side.stream()
                .map(of)
                .filter(Objects::nonNull)
                .map(samples ->
                        samples.stream().mapToDouble(Double::doubleValue).toArray())
                .toList();
        return all.size() < side.size() ? List.of() : all;
    }

    private List<String> components() {
        TreeSet<String> all = new TreeSet<>();
        both().forEach(run -> all.addAll(run.componentsUs().keySet()));
        return List.copyOf(all);
    }

    List<Comparison.Unsteady> unsteady() {
        return both().map(run -> {
                    double[] samples = array(tToken(run));
                    return new Comparison.Unsteady(run.name(), Drift.of(samples), Quantile.median(samples));
                })
                .filter(u -> u.drift().kind() != Drift.Kind.STEADY)
                .toList();
    }

    /// The parts of a step, and what the time from token to token has beside them: in a baseline of an earlier build,
    /// whose parts are of walls, what lies between two steps.
    List<Share> attribution() {
        List<Share> shares = new ArrayList<>();
        double restBefore = mean(base, this::tToken);
        double restAfter = mean(candidate, this::tToken);
        for (String component : components()) {
            double before = mean(base, run -> run.componentsUs().getOrDefault(component, List.of()));
            double after = mean(candidate, run -> run.componentsUs().getOrDefault(component, List.of()));
            restBefore -= before;
            restAfter -= after;
            shares.add(new Share(component, after - before, after));
        }
        double rest = Math.max(Math.abs(restBefore), Math.abs(restAfter));
        if (walls()
                && rest > ROUNDING * mean(base, this::tToken)
                && !components().isEmpty()) {
            shares.add(new Share(BETWEEN, restAfter - restBefore, Math.max(0, restAfter)));
        }
        return shares;
    }

    /// The mean over runs of a mean over steps: a part that a run does not have makes up none of its step.
    private static double mean(List<RunSamples> side, Function<RunSamples, List<Double>> of) {
        return side.stream()
                .mapToDouble(run -> Statistic.MEAN.of(array(of.apply(run))))
                .average()
                .orElse(0);
    }

    private static double[] array(List<Double> samples) {
        return samples.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
