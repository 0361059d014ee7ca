package dev.hourglass.core.stat;

import java.util.Arrays;
import java.util.Locale;

/// One figure of a sample.
public enum Statistic {
    MEAN(-1),
    P50(0.5),
    P90(0.9),
    P99(0.99);

    private final double quantile;

    Statistic(double quantile) {
        this.quantile = quantile;
    }

    /// Name behind the point in a metric.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The figure; quantiles as [Quantile] has them. 0 for no samples.
    public double of(double[] samples) {
        if (samples.length == 0) {
            return 0;
        }
        return this == MEAN ? Arrays.stream(samples).sum() / samples.length : Quantile.of(samples, quantile);
    }
}
