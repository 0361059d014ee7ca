package dev.hourglass.core.unit;

/// How a quantity is distributed over its samples.
///
/// @param unit what every figure but `n` counts
/// @param n number of samples, at least 1
/// @param mean arithmetic mean
/// @param stddev sample standard deviation; 0 for a single sample
/// @param min smallest sample
/// @param p50 median, interpolated between neighbours
/// @param p90 90th percentile; NaN for fewer samples than [#fewest]
/// @param p99 99th percentile; NaN for fewer samples than [#fewest]
/// @param max largest sample
public record Distribution(
        Unit unit, long n, double mean, double stddev, double min, double p50, double p90, double p99, double max) {

    public Distribution {
        if (n < 1) {
            throw new IllegalArgumentException("a distribution has samples, not " + n);
        }
        p90 = n < fewest(0.9) ? Double.NaN : p90;
        p99 = n < fewest(0.99) ? Double.NaN : p99;
    }

    /// Samples from which a quantile is told: one of them is to lie beyond it, or it is only another word for the
    /// largest. `percentile` of the queries is the same rule.
    ///
    /// @param share of the samples below the quantile, less than 1
    public static long fewest(double share) {
        return (long) Math.ceil(1 / (1 - share) - 1e-9);
    }

    /// Why a quantile is not told, in words that follow "because".
    ///
    /// @param share of the samples below the quantile, less than 1
    public static String tooFew(double share) {
        return "fewer than " + fewest(share) + " samples";
    }

    /// Coefficient of variation: standard deviation divided by mean; 0 where the mean is 0.
    public double cv() {
        return mean == 0 ? 0 : stddev / mean;
    }

    /// The mean with its standard deviation.
    public Quantity meanQuantity() {
        return Quantity.mean(mean, unit, stddev, n);
    }
}
