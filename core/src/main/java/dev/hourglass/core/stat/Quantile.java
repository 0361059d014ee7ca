package dev.hourglass.core.stat;

import org.apache.commons.statistics.descriptive.Quantile.EstimationMethod;

/// The quantile that every figure of Hourglass means: interpolated linearly between the neighbouring
/// samples at `q · (n − 1)` (type 7 of Hyndman and Fan), as the database's `quantile_cont` and `median` do.
///
/// Sample quantiles, American Statistician 50(4), 1996.
public final class Quantile {
    private static final org.apache.commons.statistics.descriptive.Quantile TYPE_7 =
            org.apache.commons.statistics.descriptive.Quantile.withDefaults()
                    .with(EstimationMethod.HF7)
                    .withCopy(true);

    private Quantile() {}

    /// @param samples in any order, left as they are
    /// @param q from 0 (the smallest) to 1 (the largest)
    /// @return NaN for no samples
    public static double of(double[] samples, double q) {
        return TYPE_7.evaluate(samples, q);
    }

    /// Several at once, which sorts only once.
    ///
    /// @param samples in any order, left as they are
    /// @param q each from 0 to 1
    /// @return one for each; NaN for no samples
    public static double[] of(double[] samples, double... q) {
        return TYPE_7.evaluate(samples, q);
    }

    /// The quantile of one half; NaN for no samples.
    public static double median(double[] samples) {
        return of(samples, 0.5);
    }

    /// The same of whole numbers, exact: clock readings in nanoseconds have more digits than a `double`.
    /// A half is rounded down.
    ///
    /// @param sorted rising, not empty
    public static long median(long[] sorted) {
        int middle = sorted.length / 2;
        long upper = sorted[middle];
        return sorted.length % 2 == 1 ? upper : sorted[middle - 1] + (upper - sorted[middle - 1]) / 2;
    }
}
