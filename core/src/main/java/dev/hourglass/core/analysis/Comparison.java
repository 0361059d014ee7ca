package dev.hourglass.core.analysis;

import dev.hourglass.core.stat.Drift;
import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.stat.Statistic;
import dev.hourglass.core.unit.Unit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Two sides beside each other, each of one run or of several of the same.
///
/// @param base name of the first
/// @param candidate name of the second
/// @param baseStage the stage whose steps of the base are compared
/// @param stage the stage whose steps of the candidate are compared
/// @param runs runs of each
/// @param steps judged steps of each, over its runs
/// @param tolerance share of the base within which two figures are the same
/// @param differences what is not the same beside the times, what matters most first
/// @param unsteady runs whose time from token to token drifts or jumps
/// @param metrics differences with their interval and verdict, `t_token.mean` first
/// @param attribution how the difference of `t_token.mean` is made up; adds up to it
/// @param kernels what ran in one of them only, or took another time
public record Comparison(
        String base,
        String candidate,
        String baseStage,
        String stage,
        Count runs,
        Count steps,
        double tolerance,
        List<RunDifference> differences,
        List<Unsteady> unsteady,
        List<Metric> metrics,
        List<Share> attribution,
        KernelChanges kernels) {
    /// Names of more runs than these are not listed.
    private static final int NAMED_RUNS = 3;

    /// Runs or steps of both sides.
    public record Count(int base, int candidate) {}

    /// One figure on both sides; NaN on one that did not measure it.
    ///
    /// @param name `t_token.p50` and the like
    public record Metric(String name, Unit unit, double base, double candidate, Shift shift) {
        /// One in microseconds.
        Metric(String name, double base, double candidate, Shift shift) {
            this(name, Unit.MICROSECONDS, base, candidate, shift);
        }

        /// Whether both runs measured it.
        public boolean inBoth() {
            return !Double.isNaN(base) && !Double.isNaN(candidate);
        }

        /// Without its figures: too few steps tell them.
        public Metric untold() {
            return new Metric(name, unit, Double.NaN, Double.NaN, shift);
        }

        /// Candidate less base.
        public double delta() {
            return candidate - base;
        }

        /// Candidate less base, of base; infinite where base is 0 and candidate is not.
        public double ratio() {
            return delta() == 0 ? 0 : delta() / base;
        }
    }

    /// One part of the difference of `t_token.mean`, in microseconds.
    ///
    /// @param candidateUs its mean time in a step of the candidate
    public record Share(String component, double deltaUs, double candidateUs) {}

    /// A run whose steps do not keep their level.
    ///
    /// @param levelUs their median
    public record Unsteady(String run, Drift drift, double levelUs) {}

    public Comparison {
        differences = List.copyOf(differences);
        unsteady = List.copyOf(unsteady);
        metrics = List.copyOf(metrics);
        attribution = List.copyOf(attribution);
    }

    /// One run beside another, with [Shift#TOLERANCE].
    public static Comparison of(RunSamples base, RunSamples candidate) {
        return of(List.of(base), List.of(candidate), Shift.TOLERANCE);
    }

    /// @param base runs of the same, at least one
    /// @param candidate runs of what it is compared with, at least one
    /// @param tolerance share of the base within which two figures are the same
    /// @throws IllegalArgumentException if a side has no run
    public static Comparison of(List<RunSamples> base, List<RunSamples> candidate, double tolerance) {
        if (base.isEmpty() || candidate.isEmpty()) {
            throw new IllegalArgumentException("no runs to compare");
        }
        List<RunDifference> differences = RunDifference.between(base, candidate);
        ComparedMetrics metrics = new ComparedMetrics(base, candidate, tolerance);
        List<Metric> all = metrics.all(RunDifference.doubt(differences));
        return new Comparison(
                name(base),
                name(candidate),
                base.getFirst().stage(),
                candidate.getFirst().stage(),
                new Count(base.size(), candidate.size()),
                new Count(steps(base), steps(candidate)),
                tolerance,
                metrics.withWork(differences, all),
                metrics.unsteady(),
                all,
                metrics.attribution().stream()
                        .sorted(Comparator.comparingDouble(s -> -Math.abs(s.deltaUs())))
                        .toList(),
                KernelChanges.of(base, candidate, all.getFirst().base()));
    }

    private static String name(List<RunSamples> side) {
        String names =
                side.stream().map(RunSamples::name).distinct().limit(NAMED_RUNS).collect(Collectors.joining(", "));
        return side.size() > NAMED_RUNS ? names + " and others, " + side.size() + " runs" : names;
    }

    private static int steps(List<RunSamples> side) {
        return side.stream().mapToInt(run -> run.steps().size()).sum();
    }

    /// Whether each run has steps enough for a metric to be more than its slowest: of a quantile, one lies beyond it.
    public boolean tells(Metric metric) {
        return Arrays.stream(Statistic.values())
                .filter(s -> metric.name().endsWith("." + s.key()))
                .allMatch(s -> Math.min(steps.base() / runs.base(), steps.candidate() / runs.candidate()) >= s.fewest());
    }

    /// The metric of the name.
    public Optional<Metric> metric(String name) {
        return metrics.stream().filter(m -> m.name().equals(name)).findFirst();
    }

    /// What differs beside the times and leaves them in doubt, whatever else does; [Shift.Doubt#NONE] if nothing.
    public Shift.Doubt doubt() {
        return RunDifference.doubt(differences);
    }

    /// Whether each side is a single run: what is said then is of this pair, not of what made them.
    public boolean isOnePair() {
        return runs.base() + runs.candidate() == 2;
    }
}
