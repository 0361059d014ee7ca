package dev.hourglass.core.analysis;

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

    /// The figure; quantiles are interpolated between neighbours. 0 for no samples.
    double of(double[] samples) {
        if (samples.length == 0) {
            return 0;
        }
        if (this == MEAN) {
            return Arrays.stream(samples).sum() / samples.length;
        }
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        double at = quantile * (sorted.length - 1);
        int low = (int) at;
        int high = Math.min(low + 1, sorted.length - 1);
        return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
    }
}
