package dev.hourglass.core.stat;

import java.util.Arrays;
import org.apache.commons.statistics.ranking.NaturalRanking;

/// Whether a run's samples keep their level: a mean over a run that drifts or jumps depends on when it was stopped.
///
/// The order of size of the samples is cut where its two parts differ most, and a line is laid through it. The parts'
/// difference and the slope are held against their standard errors, which know how much what is left resembles its
/// neighbours. Beyond five of them the run is unsteady: it jumps or drifts, whichever is surer.
///
/// @param kind what was found
/// @param from index of the first sample on the new level; 0 of a drift
/// @param change the new level less the old one, as medians; of a drift what it gains from the first sample to the
/// last
public record Drift(Kind kind, int from, double change) {
    /// What became of the level.
    public enum Kind {
        STEADY,
        JUMP,
        DRIFT
    }

    private static final Drift NONE = new Drift(Kind.STEADY, 0, 0);

    /// Standard errors. A search over all cuts finds three by chance, and samples that depend on each other as in an
    /// autoregression of 0.9 find five in one of twenty runs, as simulated runs in `benchmarks/compare` show.
    private static final double LIMIT = 5;

    /// Samples below which nothing is said.
    private static final int FEWEST = 30;

    /// Share of the samples that each part has at least.
    private static final double LEAST_PART = 0.1;

    /// Share of the level below which a change does not matter.
    private static final double MATTERS = 0.01;

    /// @param samples in order of time
    public static Drift of(double[] samples) {
        if (samples.length < FEWEST || Shift.constant(samples)) {
            return NONE;
        }
        double[] ranks = new NaturalRanking().apply(samples);
        int cut = cut(ranks);
        double jumps = apart(ranks, cut) / error(without(ranks, cut));
        double slope = slope(ranks);
        double drifts = Math.abs(slope) * Math.sqrt(spread(ranks.length)) / error(aroundLine(ranks, slope));
        if (Math.max(jumps, drifts) <= LIMIT) {
            return NONE;
        }
        Drift found = jumps > drifts ? jump(samples, cut) : drift(samples);
        return Math.abs(found.change) < MATTERS * Quantile.median(samples) ? NONE : found;
    }

    /// Standard error of one sample, by what is left of all; never 0.
    private static double error(double[] rest) {
        double square = Arrays.stream(rest).map(v -> v * v).sum();
        return Math.sqrt(Math.max(square, 1e-9) / rest.length * Dependence.ofNeighbours(rest));
    }

    private static Drift jump(double[] samples, int cut) {
        double before = Quantile.median(Arrays.copyOf(samples, cut));
        double after = Quantile.median(Arrays.copyOfRange(samples, cut, samples.length));
        return new Drift(Kind.JUMP, cut, after - before);
    }

    /// By the medians of the first and the last third, whose middles are two thirds of the run apart.
    private static Drift drift(double[] samples) {
        int third = samples.length / 3;
        double before = Quantile.median(Arrays.copyOf(samples, third));
        double after = Quantile.median(Arrays.copyOfRange(samples, samples.length - third, samples.length));
        return new Drift(Kind.DRIFT, 0, (after - before) * 1.5);
    }

    /// Index of the first sample of the second part.
    private static int cut(double[] values) {
        int least = Math.max(1, (int) (values.length * LEAST_PART));
        int best = least;
        double most = -1;
        double sum = 0;
        double all = Arrays.stream(values).sum();
        for (int k = 1; k <= values.length - least; k++) {
            sum += values[k - 1];
            double found = apart(sum, all, k, values.length);
            if (k >= least && found > most) {
                most = found;
                best = k;
            }
        }
        return best;
    }

    private static double apart(double[] values, int cut) {
        return apart(Arrays.stream(values, 0, cut).sum(), Arrays.stream(values).sum(), cut, values.length);
    }

    /// The difference of both parts' means over its standard error, for samples of variance 1.
    private static double apart(double sum, double all, double k, double n) {
        return Math.abs((all - sum) / (n - k) - sum / k) * Math.sqrt(k * (n - k) / n);
    }

    private static double[] without(double[] values, int cut) {
        double before = Arrays.stream(values, 0, cut).average().orElse(0);
        double after = Arrays.stream(values, cut, values.length).average().orElse(0);
        double[] rest = values.clone();
        for (int i = 0; i < rest.length; i++) {
            rest[i] -= i < cut ? before : after;
        }
        return rest;
    }

    private static double slope(double[] values) {
        double middle = (values.length - 1) / 2.0;
        double product = 0;
        for (int i = 0; i < values.length; i++) {
            product += (i - middle) * values[i];
        }
        return product / spread(values.length);
    }

    /// Sum of the squares of n indices less their mean.
    private static double spread(double n) {
        return n * (n * n - 1) / 12;
    }

    private static double[] aroundLine(double[] values, double slope) {
        double middle = (values.length - 1) / 2.0;
        double mean = Arrays.stream(values).average().orElse(0);
        double[] rest = values.clone();
        for (int i = 0; i < rest.length; i++) {
            rest[i] -= mean + slope * (i - middle);
        }
        return rest;
    }
}
