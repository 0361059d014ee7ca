package dev.hourglass.core.stat;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/// One figure of one run with its 95 % interval, which knows that neighbouring steps resemble each other.
///
/// A mean has Student's interval, over as many samples as these are worth ([Dependence]). A quantile has that of the
/// samples' order (Woodruff, Journal of the American Statistical Association 47, 1952): the quantiles between which
/// Jeffreys' interval of the share below it lies, over as many samples as these are worth (Korn and Graubard, Survey
/// Methodology 24, 1998). It needs no density.
///
/// @param value of the samples
/// @param low lower end; −∞ where so few samples bound it on no side
/// @param high upper end; ∞ as `low`
/// @param worth how many independent samples these are worth
record Estimate(double value, double low, double high, double worth) {
    private static final double TAIL = 0.025;
    private static final double Z = NormalDistribution.of(0, 1).inverseCumulativeProbability(1 - TAIL);

    /// Fewer independent samples tell nothing of their spread; Student's interval of two is six times as wide already.
    private static final double LEAST_WORTH = 2;

    /// @param samples at least two, in order of time
    static Estimate of(double[] samples, Statistic statistic) {
        double value = statistic.of(samples);
        if (Arrays.stream(samples).allMatch(v -> v == samples[0])) {
            return new Estimate(value, value, value, samples.length);
        }
        return statistic == Statistic.MEAN
                ? ofMean(samples, value, Dependence.worth(samples))
                : ofQuantile(samples, statistic, value);
    }

    /// The variance of dependent samples is too small by what their mean scatters: n − 1 becomes n − n / worth.
    private static Estimate ofMean(double[] samples, double value, double worth) {
        int n = samples.length;
        double least = Math.max(worth, LEAST_WORTH);
        double variance = Moments.of(samples).variance() * (n - 1) / (n - n / least);
        double half = student(least - 1) * Math.sqrt(variance / least);
        return new Estimate(value, value - half, value + half, worth);
    }

    private static Estimate ofQuantile(double[] samples, Statistic statistic, double value) {
        double worth = Dependence.worthOfRanks(samples);
        return statistic == Statistic.P50 && !bounded(worth, statistic)
                ? ofFewMedian(samples, value)
                : ofOrder(samples, statistic.share(), value, worth);
    }

    /// So few that their order bounds nothing: as wide as the mean's, times what a median scatters more where samples
    /// are normal. Where they have outliers, which widen the mean's most, it scatters less.
    private static Estimate ofFewMedian(double[] samples, double value) {
        Estimate mean = ofMean(samples, value, Dependence.worth(samples));
        double half = mean.above() * Math.sqrt(Math.PI / 2);
        return new Estimate(value, value - half, value + half, mean.worth());
    }

    private static Estimate ofOrder(double[] samples, double q, double value, double worth) {
        double t = student(Math.max(worth, LEAST_WORTH) - 1);
        double n = worth * (Z / t) * (Z / t);
        BetaDistribution share = BetaDistribution.of(q * n + 0.5, (1 - q) * n + 0.5);
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return new Estimate(
                value,
                Math.pow(1 - q, worth) > TAIL
                        ? Double.NEGATIVE_INFINITY
                        : lower(sorted, share.inverseCumulativeProbability(TAIL)),
                Math.pow(q, worth) > TAIL
                        ? Double.POSITIVE_INFINITY
                        : -lower(mirrored(sorted), 1 - share.inverseCumulativeProbability(1 - TAIL)),
                worth);
    }

    /// The smaller of two definitions of a quantile, types 6 and 7 of Hyndman and Fan: an end is not to lie too
    /// far in.
    private static double lower(double[] sorted, double share) {
        int n = sorted.length;
        double place = Math.min((n + 1) * share - 1, (n - 1) * share);
        int floor = Math.clamp((long) Math.floor(place), 0, n - 1);
        double next = sorted[Math.min(floor + 1, n - 1)];
        return sorted[floor] + (next - sorted[floor]) * Math.clamp(place - floor, 0, 1);
    }

    private static double[] mirrored(double[] sorted) {
        int n = sorted.length;
        double[] mirrored = new double[n];
        for (int i = 0; i < n; i++) {
            mirrored[i] = -sorted[n - 1 - i];
        }
        return mirrored;
    }

    /// Whether so many independent samples bound the figure on both sides: some lie beyond a quantile with 97.5 %.
    static boolean bounded(double worth, Statistic statistic) {
        double q = statistic == Statistic.MEAN ? 0 : Math.max(statistic.share(), 1 - statistic.share());
        return Math.pow(q, worth) <= TAIL;
    }

    static double student(double freedom) {
        return TDistribution.of(Math.max(1, freedom)).inverseCumulativeProbability(1 - TAIL);
    }

    double below() {
        return value - low;
    }

    double above() {
        return high - value;
    }
}
