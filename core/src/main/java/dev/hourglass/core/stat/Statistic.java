package dev.hourglass.core.stat;

import dev.hourglass.core.unit.Distribution;
import java.util.Arrays;
import java.util.Locale;

/// One figure of a sample.
public enum Statistic {
    MEAN(-1),
    P50(0.5),
    P90(0.9),
    P99(0.99);

    private final double share;

    Statistic(double share) {
        this.share = share;
    }

    /// Name behind the point in a metric.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Samples below which the figure is only that of the largest: one of them is to lie beyond a quantile.
    public int fewest() {
        return this == MEAN ? 1 : (int) Distribution.fewest(share);
    }

    /// Share of the samples that lie below a quantile.
    double share() {
        return share;
    }

    /// The figure; quantiles as [Quantile] has them. 0 for no samples.
    public double of(double[] samples) {
        if (samples.length == 0) {
            return 0;
        }
        return this == MEAN ? Arrays.stream(samples).sum() / samples.length : Quantile.of(samples, share);
    }
}
