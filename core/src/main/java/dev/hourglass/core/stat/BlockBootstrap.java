package dev.hourglass.core.stat;

import java.util.SplittableRandom;

/// The 95 % interval of a difference between two samples, by drawing both again and again.
///
/// Blocks of n^(1/3) neighbours are drawn, not single samples, because neighbouring steps resemble each
/// other: single ones would promise too narrow an interval. The percentiles of 2000 draws with a fixed
/// seed are its ends, so the same samples always give the same.
///
/// Notes: our own because Commons Statistics has no resampling, and the bootstraps of other libraries
/// draw independent samples. Künsch, The jackknife and the bootstrap for general stationary
/// observations, Annals of Statistics 17(3), 1989.
final class BlockBootstrap {
    private static final int RESAMPLES = 2000;

    private BlockBootstrap() {}

    /// @param base at least one sample, in order of time
    /// @param candidate the same of what it is compared with
    /// @return lower and upper end of candidate less base
    static double[] interval(double[] base, double[] candidate, Statistic statistic) {
        SplittableRandom random = new SplittableRandom(1);
        double[] deltas = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            deltas[i] = statistic.of(resample(candidate, random)) - statistic.of(resample(base, random));
        }
        return Quantile.of(deltas, 0.025, 0.975);
    }

    private static double[] resample(double[] samples, SplittableRandom random) {
        int n = samples.length;
        int block = Math.max(1, (int) Math.cbrt(n));
        double[] drawn = new double[n];
        for (int i = 0; i < n; i += block) {
            int from = random.nextInt(n - block + 1);
            System.arraycopy(samples, from, drawn, i, Math.min(block, n - i));
        }
        return drawn;
    }
}
