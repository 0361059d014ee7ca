package dev.hourglass.core.stat;

import java.util.Arrays;
import org.apache.commons.statistics.inference.ContinuityCorrection;
import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.apache.commons.statistics.inference.PValueMethod;

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
    public static final Shift UNKNOWN = new Shift(Double.NaN, Double.NaN, Double.NaN, Verdict.UNCLEAR);

    /// Probability of that test above which most samples of the two are alike.
    public static final double ALIKE = 0.2;

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

    private static final MannWhitneyUTest MANN_WHITNEY =
            MannWhitneyUTest.withDefaults().with(PValueMethod.ASYMPTOTIC).with(ContinuityCorrection.ENABLED);

    /// @param base samples in order of time
    /// @param candidate the same of what it is compared with
    /// @throws IllegalArgumentException if a sample is not a finite number
    public static Shift of(double[] base, double[] candidate, Statistic statistic) {
        Samples.requireFinite(base);
        Samples.requireFinite(candidate);
        if (Arrays.equals(base, candidate) || constant(base, candidate)) {
            return new Shift(0, 0, 1, Verdict.SAME);
        }
        double p = mannWhitney(base, candidate);
        if (Math.min(base.length, candidate.length) < 2) {
            return new Shift(Double.NaN, Double.NaN, p, Verdict.UNCLEAR);
        }
        double[] ends = BlockBootstrap.interval(base, candidate, statistic);
        Shift found = new Shift(ends[0], ends[1], p, Verdict.UNCLEAR);
        return Math.min(base.length, candidate.length) < FEWEST
                ? found
                : new Shift(ends[0], ends[1], p, found.verdict(base, candidate, statistic));
    }

    /// Whether every sample of both is the same number, as of a part that takes no time in either.
    private static boolean constant(double[] base, double[] candidate) {
        return base.length > 1
                && candidate.length > 1
                && Arrays.stream(base).allMatch(v -> v == base[0])
                && Arrays.stream(candidate).allMatch(v -> v == base[0]);
    }

    private Verdict verdict(double[] base, double[] candidate, Statistic statistic) {
        double level = Math.abs(statistic.of(base));
        double delta = statistic.of(candidate) - statistic.of(base);
        boolean located = statistic == Statistic.P90 || statistic == Statistic.P99 || p < ALPHA;
        boolean apart = low > 0 || high < 0;
        if (apart && located && Math.abs(delta) >= MATTERS * level) {
            return delta > 0 ? Verdict.WORSE : Verdict.BETTER;
        }
        return Math.max(Math.abs(low), Math.abs(high)) <= NARROW * level ? Verdict.SAME : Verdict.UNCLEAR;
    }

    /// Two-sided p of the Mann-Whitney U test, normal approximation with tie and continuity correction. 1 where
    /// one of them has no samples, and where all samples are equal: there the statistic has no spread.
    static double mannWhitney(double[] a, double[] b) {
        double p = a.length == 0 || b.length == 0 ? 1 : MANN_WHITNEY.test(a, b).getPValue();
        return Double.isNaN(p) ? 1 : p;
    }
}
