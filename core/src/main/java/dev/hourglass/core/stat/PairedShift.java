package dev.hourglass.core.stat;

import org.apache.commons.statistics.distribution.NormalDistribution;

/// How far paired differences are shifted from zero: the Hodges–Lehmann estimate (the median of the
/// means of all pairs of differences) with the confidence interval that belongs to the Wilcoxon
/// signed-rank test, from its normal approximation. A few outliers, which a shared machine always
/// gives, move neither.
///
/// A million pairs take about a second, and memory for one copy of them.
///
/// @param estimate the shift, in the unit of the differences
/// @param low lower end of the 95 % interval
/// @param high upper end of the 95 % interval
public record PairedShift(double estimate, double low, double high) {
    /// How it was computed, in words.
    public static final String METHOD =
            "Hodges–Lehmann estimate over pairs of neighbouring steps, 95 % CI of the Wilcoxon signed-rank test";

    private static final double Z_95 = NormalDistribution.of(0, 1).inverseCumulativeProbability(0.975);

    /// @param differences at least one
    /// @throws IllegalArgumentException if there are none, or if one is not a finite number
    public static PairedShift of(double[] differences) {
        if (differences.length == 0) {
            throw new IllegalArgumentException("no pairs, no shift");
        }
        Samples.requireFinite(differences);
        WalshAverages means = new WalshAverages(differences);
        long cut = cut(differences.length, means.size());
        return new PairedShift(means.median(), means.smallest(cut + 1), means.smallest(means.size() - cut));
    }

    /// Means to be left out at either end: those whose shift the test would reject.
    private static long cut(double n, long means) {
        double spread = Z_95 * Math.sqrt(n * (n + 1) * (2 * n + 1) / 24);
        return Math.clamp((long) Math.floor(n * (n + 1) / 4 - spread), 0, (means - 1) / 2);
    }
}
