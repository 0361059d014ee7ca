package dev.hourglass.core.stat;

import java.util.Arrays;
import org.apache.commons.statistics.ranking.NaturalRanking;

/// How much neighbouring samples resemble each other, as the factor by which that widens the variance of their mean.
///
/// The larger of two answers. One is that of correlations which fall from neighbour to neighbour by a constant factor,
/// as those of an autoregression below independent noise do: 1 + 2 r₁ / (1 − φ), with the correlation r₁ of
/// neighbours and φ = (r₂ + r₃) / (r₁ + r₂), at least r₁. Correlations are freed of their bias (Kendall,
/// Biometrika 41,
/// 1954) and, where they are beyond chance, raised by their standard error: too small a factor invents differences,
/// too large a one only hides small ones. The other is that of the means of [#BATCHES] batches, which sees a slow wave
/// below quick noise.
///
/// Notes: our own because Commons Statistics and Commons Math have no time series.
final class Dependence {
    /// Batches of neighbours. More of them see only quicker waves, fewer tell nothing for sure.
    static final int BATCHES = 10;

    /// Samples in a batch below which batches tell no more than neighbours do.
    private static final int LEAST_BATCH = 4;

    /// Standard errors from which correlations are taken to fall as they seem to.
    private static final double SURE = 2;

    /// Standard errors from which neighbours are taken to resemble each other not by chance.
    private static final double BEYOND_CHANCE = 1.5;

    private static final double MOST = 0.995;

    private Dependence() {}

    /// @param samples at least two, in order of time
    /// @return how many independent samples these are worth, from less than one to their number
    static double worth(double[] samples) {
        return samples.length / inflation(samples);
    }

    /// The same of their order of size, which a few outliers do not hide.
    static double worthOfRanks(double[] samples) {
        return samples.length / inflation(new NaturalRanking().apply(samples));
    }

    /// @return the variance of the mean over that of as many independent samples; at least 1
    static double inflation(double[] samples) {
        return Math.max(ofNeighbours(samples), ofBatches(samples));
    }

    /// The answer of the correlations alone.
    static double ofNeighbours(double[] samples) {
        int n = samples.length;
        double first = correlation(samples, 1);
        double error = Math.sqrt((1 - first * first) / n);
        double raised = Math.clamp(first > BEYOND_CHANCE * error ? first + error : first, 0, MOST);
        return falling(raised, Math.max(raised, factor(samples, first)), n);
    }

    /// By which correlations fall; 0 where they are not beyond chance.
    private static double factor(double[] samples, double first) {
        double both = first + correlation(samples, 2);
        return both < SURE * Math.sqrt(2.0 / samples.length)
                ? 0
                : Math.clamp((both - first + correlation(samples, 3)) / both, 0, MOST);
    }

    /// 1 + 2 Σ (1 − k / n) r φ^(k−1) over k from 1 to n − 1.
    static double falling(double first, double factor, int n) {
        double f = 1 - factor;
        return 1 + 2 * first * (1 / f - (1 - Math.pow(factor, n)) / (n * f * f));
    }

    /// Of samples so far apart, freed of its bias of −(1 + 4 r) / n; 0 where the samples do not differ.
    static double correlation(double[] samples, int lag) {
        int n = samples.length;
        double mean = Arrays.stream(samples).average().orElse(0);
        double product = 0;
        double square = 0;
        for (int i = 0; i < n; i++) {
            double d = samples[i] - mean;
            square += d * d;
            product += i < lag ? 0 : d * (samples[i - lag] - mean);
        }
        double r = product / square;
        return square == 0 ? 0 : Math.clamp(r + (1 + 4 * r) / n, -1, MOST);
    }

    private static double ofBatches(double[] samples) {
        int size = samples.length / BATCHES;
        double all = Moments.of(samples).variance();
        if (size < LEAST_BATCH || all == 0) {
            return 1;
        }
        double[] means = new double[BATCHES];
        int skipped = samples.length - size * BATCHES;
        for (int b = 0; b < BATCHES; b++) {
            int from = skipped + b * size;
            means[b] =
                    Moments.of(Arrays.copyOfRange(samples, from, from + size)).mean();
        }
        return size * Moments.of(means).variance() / all;
    }
}
