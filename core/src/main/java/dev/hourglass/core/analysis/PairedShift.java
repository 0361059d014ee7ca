package dev.hourglass.core.analysis;

import java.util.Arrays;

/// How far paired differences are shifted from zero: the Hodges–Lehmann estimate (the median of the
/// means of all pairs of differences) with the confidence interval that belongs to the Wilcoxon
/// signed-rank test, from its normal approximation. A few outliers, which a shared machine always
/// gives, move neither.
///
/// @param estimate the shift, in the unit of the differences
/// @param low lower end of the 95 % interval
/// @param high upper end of the 95 % interval
record PairedShift(double estimate, double low, double high) {
    static final String METHOD =
            "Hodges–Lehmann estimate over pairs of neighbouring steps, 95 % CI of the Wilcoxon signed-rank test";

    private static final double Z_95 = 1.959964;

    /// @param differences at least one
    static PairedShift of(double[] differences) {
        int n = differences.length;
        double[] means = new double[n * (n + 1) / 2];
        int k = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                means[k++] = (differences[i] + differences[j]) / 2;
            }
        }
        Arrays.sort(means);
        double mid = n * (n + 1) / 4.0;
        double spread = Z_95 * Math.sqrt(n * (n + 1.0) * (2 * n + 1.0) / 24);
        int cut = Math.clamp((long) Math.floor(mid - spread), 0, (means.length - 1) / 2);
        return new PairedShift(median(means), means[cut], means[means.length - 1 - cut]);
    }

    private static double median(double[] sorted) {
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
}
