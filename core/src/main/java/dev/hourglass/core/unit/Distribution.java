package dev.hourglass.core.unit;

/// How a quantity is distributed over its samples.
///
/// @param unit what every figure but `n` counts
/// @param n number of samples, at least 1
/// @param mean arithmetic mean
/// @param stddev sample standard deviation; 0 for a single sample
/// @param min smallest sample
/// @param p50 median, interpolated between neighbours
/// @param p90 90th percentile
/// @param p99 99th percentile; equals a sample near the largest when `n` is below 100
/// @param max largest sample
public record Distribution(
        Unit unit, long n, double mean, double stddev, double min, double p50, double p90, double p99, double max) {

    public Distribution {
        if (n < 1) {
            throw new IllegalArgumentException("a distribution has samples, not " + n);
        }
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
