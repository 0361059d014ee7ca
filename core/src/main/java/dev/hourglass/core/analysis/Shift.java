package dev.hourglass.core.analysis;

import java.util.Arrays;
import java.util.SplittableRandom;

/// How far a figure moved from one sample to another, with its uncertainty.
///
/// The interval is a moving-block bootstrap of the difference (blocks of n^(1/3) steps, because
/// neighbouring steps resemble each other; 2000 resamples with a fixed seed). The verdict asks whether
/// it excludes no change, for means and medians with the Mann-Whitney U test beside it.
///
/// @param low lower end of the 95 % interval of candidate less base; NaN where one of them has fewer than two samples
/// @param high upper end; NaN as `low`
/// @param p two-sided p of the Mann-Whitney U test (normal approximation with ties)
/// @param verdict what can be said
public record Shift(double low, double high, double p, Verdict verdict) {
    /// How the verdict was reached, in words.
    public static final String TEST = "moving-block bootstrap, 95 % interval of the difference, and Mann-Whitney U";

    /// Of what one of the runs did not measure.
    static final Shift UNKNOWN = new Shift(Double.NaN, Double.NaN, Double.NaN, Verdict.UNCLEAR);

    /// Probability of that test above which most samples of the two are alike.
    public static final double ALIKE = 0.2;

    private static final int RESAMPLES = 2000;
    /// Steps of each run below which nothing is concluded.
    public static final int FEWEST = 4;

    /// Level of the Mann-Whitney U test.
    public static final double ALPHA = 0.05;

    /// Differences below this share of the base do not matter.
    private static final double MATTERS = 0.01;
    /// An interval within this share of the base shows that nothing has changed that matters.
    private static final double NARROW = 0.03;

    /// What can be said of a difference in time.
    public enum Verdict {
        SAME,
        BETTER,
        WORSE,
        /// Too few samples, or too much spread.
        UNCLEAR
    }

    static Shift of(double[] base, double[] candidate, Statistic statistic) {
        if (Arrays.equals(base, candidate) || constant(base, candidate)) {
            return new Shift(0, 0, 1, Verdict.SAME);
        }
        double p = mannWhitney(base, candidate);
        if (Math.min(base.length, candidate.length) < 2) {
            return new Shift(Double.NaN, Double.NaN, p, Verdict.UNCLEAR);
        }
        double delta = statistic.of(candidate) - statistic.of(base);
        double[] deltas = bootstrap(base, candidate, statistic);
        double low = deltas[(int) (0.025 * RESAMPLES)];
        double high = deltas[(int) (0.975 * RESAMPLES) - 1];
        return new Shift(low, high, p, verdict(base, candidate, statistic, new double[] {delta, low, high, p}));
    }

    /// Whether every sample of both is the same number, as of a part that takes no time in either.
    private static boolean constant(double[] base, double[] candidate) {
        return base.length > 1
                && candidate.length > 1
                && Arrays.stream(base).allMatch(v -> v == base[0])
                && Arrays.stream(candidate).allMatch(v -> v == base[0]);
    }

    private static Verdict verdict(double[] base, double[] candidate, Statistic statistic, double[] found) {
        double delta = found[0];
        double low = found[1];
        double high = found[2];
        double level = Math.abs(statistic.of(base));
        if (Math.min(base.length, candidate.length) < FEWEST) {
            return Verdict.UNCLEAR;
        }
        boolean located = statistic == Statistic.P90 || statistic == Statistic.P99 || found[3] < ALPHA;
        boolean apart = low > 0 || high < 0;
        if (apart && located && Math.abs(delta) >= MATTERS * level) {
            return delta > 0 ? Verdict.WORSE : Verdict.BETTER;
        }
        return Math.max(Math.abs(low), Math.abs(high)) <= NARROW * level ? Verdict.SAME : Verdict.UNCLEAR;
    }

    private static double[] bootstrap(double[] base, double[] candidate, Statistic statistic) {
        SplittableRandom random = new SplittableRandom(1);
        double[] deltas = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            deltas[i] = statistic.of(resample(candidate, random)) - statistic.of(resample(base, random));
        }
        Arrays.sort(deltas);
        return deltas;
    }

    private static double[] resample(double[] samples, SplittableRandom random) {
        int n = samples.length;
        int block = Math.max(1, (int) Math.cbrt(n));
        double[] drawn = new double[n];
        for (int i = 0; i < n; i += block) {
            int from = random.nextInt(n - block + 1);
            System.arraycopy(samples, from, drawn, i, Math.min(block, n - i));
        }
        return drawn;
    }

    /// Two-sided p of the Mann-Whitney U test, normal approximation with tie and continuity correction.
    static double mannWhitney(double[] a, double[] b) {
        int n = a.length;
        int m = b.length;
        if (n == 0 || m == 0) {
            return 1;
        }
        double[] all = new double[n + m];
        System.arraycopy(a, 0, all, 0, n);
        System.arraycopy(b, 0, all, n, m);
        Arrays.sort(all);
        double ties = 0;
        for (int i = 0; i < all.length; ) {
            int j = i;
            while (j < all.length && all[j] == all[i]) {
                j++;
            }
            double t = j - i;
            ties += t * t * t - t;
            i = j;
        }
        double rank = 0;
        for (double v : a) {
            rank += (first(all, v) + last(all, v)) / 2.0 + 1;
        }
        double u = rank - n * (n + 1) / 2.0;
        double total = n + m;
        double variance = n * (double) m / 12 * (total + 1 - ties / (total * (total - 1)));
        if (variance <= 0) {
            return 1;
        }
        double z = Math.max(0, Math.abs(u - n * (double) m / 2) - 0.5) / Math.sqrt(variance);
        return Math.min(1, 2 * upperTail(z));
    }

    private static int first(double[] sorted, double value) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static int last(double[] sorted, double value) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] <= value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /// Upper tail of the standard normal distribution (Abramowitz and Stegun 26.2.17, error below 1e-7).
    private static double upperTail(double z) {
        double t = 1 / (1 + 0.2316419 * z);
        double poly = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * poly;
    }
}
