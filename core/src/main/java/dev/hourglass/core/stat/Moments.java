package dev.hourglass.core.stat;

import java.util.EnumSet;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;

/// Mean and unbiased variance of samples.
record Moments(double mean, double variance) {
    static Moments of(double[] samples) {
        DoubleStatistics all = DoubleStatistics.of(EnumSet.of(Statistic.MEAN, Statistic.VARIANCE), samples);
        return new Moments(all.getAsDouble(Statistic.MEAN), all.getAsDouble(Statistic.VARIANCE));
    }
}
