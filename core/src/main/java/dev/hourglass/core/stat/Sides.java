package dev.hourglass.core.stat;

import dev.hourglass.core.stat.Shift.Doubt;
import dev.hourglass.core.stat.Shift.Interval;
import dev.hourglass.core.stat.Shift.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The runs of both sides of a comparison, and one figure of them.
///
/// Notes: intervals of the single figures become one of their difference by their distances from the figures, added
/// as squares (Zou and Donner, Construction of confidence limits about effect measures, Statistics in Medicine 27,
/// 2008); for means that is the usual one. Between runs it is Welch's.
record Sides(List<double[]> base, List<double[]> candidate, Statistic statistic) {
    Sides {
        base = List.copyOf(base);
        candidate = List.copyOf(candidate);
        if (base.isEmpty() || candidate.isEmpty()) {
            throw new IllegalArgumentException("no runs to compare");
        }
        Stream.concat(base.stream(), candidate.stream()).forEach(Samples::requireFinite);
    }

    Shift shift(double tolerance) {
        if (equal()) {
            return new Shift(0, 0, Verdict.SAME, Doubt.NONE);
        }
        int fewest = samples(run -> run.length).min().orElseThrow();
        if (fewest < 2) {
            return new Shift(Double.NaN, Double.NaN, Verdict.UNCLEAR, Doubt.FEW);
        }
        Interval interval = interval();
        if (fewest < Math.max(Shift.FEWEST, statistic.fewest()) && !constant()) {
            return new Shift(interval.low(), interval.high(), Verdict.UNCLEAR, Doubt.FEW);
        }
        double level = Math.abs(Shift.figure(base, statistic));
        Shift found = Shift.judged(level, delta(), interval, tolerance);
        if (found.verdict() == Verdict.UNCLEAR) {
            return Double.isInfinite(interval.high() - interval.low())
                    ? new Shift(found.low(), found.high(), Verdict.UNCLEAR, without(fewest))
                    : found;
        }
        return found.doubted(unsteady(found.verdict(), tolerance * level) ? Doubt.UNSTEADY : Doubt.NONE);
    }

    /// Whether one run a side drifts or jumps by so much that stopping it earlier or later could have made the figure.
    /// Several runs tell by how they scatter whether that matters.
    private boolean unsteady(Verdict verdict, double tolerance) {
        double change = Math.max(
                Math.abs(Drift.of(base.getFirst()).change()),
                Math.abs(Drift.of(candidate.getFirst()).change()));
        boolean single = base.size() + candidate.size() == 2;
        return single && change > 0 && (verdict == Verdict.SAME ? change > tolerance : change >= Math.abs(delta()));
    }

    /// Why there is no interval: too few samples for the quantile however independent they are, or dependent ones.
    private Doubt without(int fewest) {
        return Estimate.bounded(fewest, statistic) ? Doubt.DEPENDENT : Doubt.FEW;
    }

    private double delta() {
        return Shift.figure(candidate, statistic) - Shift.figure(base, statistic);
    }

    private IntStream samples(ToIntFunction<double[]> of) {
        return Stream.concat(base.stream(), candidate.stream()).mapToInt(of);
    }

    private boolean equal() {
        boolean same = base.size() == candidate.size()
                && IntStream.range(0, base.size()).allMatch(i -> Arrays.equals(base.get(i), candidate.get(i)));
        return (same && base.getFirst().length > 0) || (constant() && delta() == 0);
    }

    /// Whether no sample of a side differs from another of it.
    private boolean constant() {
        return Stream.of(base, candidate)
                .allMatch(side -> side.stream().allMatch(run -> Shift.constant(run) && run[0] == side.getFirst()[0]));
    }

    private Interval interval() {
        List<Estimate> before =
                base.stream().map(r -> Estimate.of(r, statistic)).toList();
        List<Estimate> after =
                candidate.stream().map(r -> Estimate.of(r, statistic)).toList();
        Interval within = within(before, after);
        return base.size() + candidate.size() == 2 ? within : between(before, after, within);
    }

    private Interval within(List<Estimate> before, List<Estimate> after) {
        return new Interval(
                delta() - Math.sqrt(square(after, Estimate::below) + square(before, Estimate::above)),
                delta() + Math.sqrt(square(after, Estimate::above) + square(before, Estimate::below)));
    }

    private static double square(List<Estimate> side, ToDoubleFunction<Estimate> distance) {
        double sum = side.stream().mapToDouble(distance).map(d -> d * d).sum();
        return sum / side.size() / side.size();
    }

    /// Of runs as the units. How they scatter tells how sure each is: a bound that one run lacks is not missed here.
    private Interval between(List<Estimate> before, List<Estimate> after, Interval within) {
        Spread b = Spread.of(before);
        Spread a = Spread.of(after);
        double half = b.runs() > 1 && a.runs() > 1 ? b.welch(a) : b.pooled(a);
        Interval between = new Interval(delta() - half, delta() + half);
        return Double.isFinite(within.high() - within.low()) ? between.orWider(within) : between;
    }

    /// How the figure scatters among runs of a side; 0 of a single one.
    private record Spread(int runs, double variance) {
        static Spread of(List<Estimate> side) {
            double[] values = side.stream().mapToDouble(Estimate::value).toArray();
            return new Spread(
                    values.length, values.length < 2 ? 0 : Moments.of(values).variance());
        }

        double welch(Spread other) {
            double mine = variance / runs;
            double its = other.variance / other.runs;
            double freedom = (mine + its) * (mine + its) / (mine * mine / (runs - 1) + its * its / (other.runs - 1));
            return mine + its == 0 ? 0 : Estimate.student(freedom) * Math.sqrt(mine + its);
        }

        double pooled(Spread other) {
            int freedom = runs + other.runs - 2;
            double all = ((runs - 1) * variance + (other.runs - 1) * other.variance) / freedom;
            return Estimate.student(freedom) * Math.sqrt(all / runs + all / other.runs);
        }
    }
}
