package dev.hourglass.core.stat;

import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.util.EnumSet;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;

/// What samples amount to.
public final class Samples {
    private Samples() {}

    /// @param unit of each sample
    /// @param samples at least one, in any order
    /// @throws IllegalArgumentException if there are none, or if one is not a finite number
    public static Distribution distribution(Unit unit, double[] samples) {
        requireFinite(samples);
        DoubleStatistics moments =
                DoubleStatistics.of(EnumSet.of(Statistic.MEAN, Statistic.STANDARD_DEVIATION), samples);
        double[] q = Quantile.of(samples, 0, 0.5, 0.9, 0.99, 1);
        return new Distribution(
                unit,
                samples.length,
                moments.getAsDouble(Statistic.MEAN),
                moments.getAsDouble(Statistic.STANDARD_DEVIATION),
                q[0],
                q[1],
                q[2],
                q[3],
                q[4]);
    }

    /// Standard error of the mean: how far it would scatter if the samples were taken again.
    public static double standardError(Distribution of) {
        return of.stddev() / Math.sqrt((double) of.n());
    }

    /// Samples that are not numbers have no order, and infinite ones no mean: they are the mistake of who made them.
    static void requireFinite(double[] samples) {
        for (int i = 0; i < samples.length; i++) {
            if (!Double.isFinite(samples[i])) {
                throw new IllegalArgumentException("sample " + i + " of " + samples.length + " is " + samples[i]);
            }
        }
    }
}
