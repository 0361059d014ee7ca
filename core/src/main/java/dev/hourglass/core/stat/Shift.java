package dev.hourglass.core.stat;

import java.util.Arrays;
import java.util.List;

/// How far a figure moved from one side to another, with its uncertainty. A side is one run or several of the same.
///
/// With one run a side the interval knows how the steps scatter and depend on each other, and is of this pair of runs
/// alone. With several a side it also knows how runs scatter: it is the wider of the two. Where one side has a single
/// run, that one is taken to scatter as the others do.
///
/// @param low lower end of the 95 % interval of candidate less base; −∞ where too little is known, NaN where one of
///     them has fewer than two samples
/// @param high upper end; ∞ and NaN as `low`
/// @param verdict what can be said
/// @param doubt why no more can be said; [Doubt#NONE] beside another verdict than UNCLEAR
public record Shift(double low, double high, Verdict verdict, Doubt doubt) {
    /// How the verdict was reached, in words.
    public static final String TEST =
            "95 % interval: Student's of means, Woodruff's of quantiles, over as many samples as the"
                    + " dependent steps are worth; with several runs a side, also Welch's between runs";

    /// Of what one of the runs did not measure.
    public static final Shift UNKNOWN = new Shift(Double.NaN, Double.NaN, Verdict.UNCLEAR, Doubt.NOT_MEASURED);

    /// Steps of each run below which nothing is concluded.
    public static final int FEWEST = 4;

    /// Share of the base within which two figures are the same, if no other was asked for.
    public static final double TOLERANCE = 0.03;

    /// Differences below this share of the base do not matter.
    private static final double MATTERS = 0.01;

    /// What can be said of a difference.
    public enum Verdict {
        SAME,
        BETTER,
        WORSE,
        /// Another amount of something of which neither more nor less is better.
        DIFFERENT,
        /// Too few samples, too much spread, or something beside the samples makes them say little.
        UNCLEAR
    }

    /// Why a verdict is UNCLEAR.
    public enum Doubt {
        NONE("nothing is in doubt"),
        NOT_MEASURED("one of the runs did not measure it"),
        FEW("there are fewer steps than the figure needs"),
        /// The interval holds both no change and one that matters.
        WIDE("its interval holds no change as well as one that matters"),
        /// Steps depend on each other so much that they are worth almost none.
        DEPENDENT("neighbouring steps resemble each other so much that these steps are worth few independent ones"),
        /// A run drifts or jumps by as much as the difference.
        UNSTEADY("a run drifts or jumps by as much as the difference"),
        DISTURBED("other work on the machine disturbed a run"),
        OTHER_WORK("the runs did other work"),
        /// What recorded one of them costs time that the other did not spend.
        RECORDED_OTHERWISE("what recorded one of the runs costs time that the other did not spend");

        private final String why;

        Doubt(String why) {
            this.why = why;
        }

        /// The same in words, as a clause.
        public String why() {
            return why;
        }
    }

    /// @param base samples of one run, in order of time
    /// @param candidate the same of what it is compared with
    /// @throws IllegalArgumentException if a sample is not a finite number
    public static Shift of(double[] base, double[] candidate, Statistic statistic) {
        return of(List.of(base), List.of(candidate), statistic, TOLERANCE);
    }

    /// @param base samples of each run, in order of time
    /// @param candidate the same of what it is compared with
    /// @param tolerance share of the base within which the two are the same
    /// @throws IllegalArgumentException if there are no runs, or if a sample is not a finite number
    public static Shift of(List<double[]> base, List<double[]> candidate, Statistic statistic, double tolerance) {
        return new Sides(base, candidate, statistic).shift(tolerance);
    }

    /// The figure of a side: the mean over its runs.
    public static double figure(List<double[]> runs, Statistic statistic) {
        return runs.stream().mapToDouble(statistic::of).average().orElse(Double.NaN);
    }

    /// The same with less to be said of it.
    public Shift doubted(Doubt why) {
        return verdict == Verdict.UNCLEAR || why == Doubt.NONE ? this : new Shift(low, high, Verdict.UNCLEAR, why);
    }

    /// The same of what is better the larger it is.
    public Shift ofMoreIsBetter() {
        return switch (verdict) {
            case BETTER -> new Shift(low, high, Verdict.WORSE, doubt);
            case WORSE -> new Shift(low, high, Verdict.BETTER, doubt);
            case SAME, DIFFERENT, UNCLEAR -> this;
        };
    }

    /// The same of an amount of which neither more nor less is better.
    public Shift ofAmount() {
        return verdict == Verdict.BETTER || verdict == Verdict.WORSE
                ? new Shift(low, high, Verdict.DIFFERENT, doubt)
                : this;
    }

    static Shift judged(double level, double delta, Interval interval, double tolerance) {
        double low = interval.low();
        double high = interval.high();
        boolean apart = low > 0 || high < 0;
        if (apart && Math.abs(delta) >= Math.min(MATTERS, tolerance) * level) {
            return new Shift(low, high, delta > 0 ? Verdict.WORSE : Verdict.BETTER, Doubt.NONE);
        }
        return Math.max(Math.abs(low), Math.abs(high)) <= tolerance * level
                ? new Shift(low, high, Verdict.SAME, Doubt.NONE)
                : new Shift(low, high, Verdict.UNCLEAR, Doubt.WIDE);
    }

    /// Ends of a 95 % interval.
    record Interval(double low, double high) {
        static final Interval NONE = new Interval(Double.NaN, Double.NaN);

        Interval orWider(Interval other) {
            return new Interval(Math.min(low, other.low), Math.max(high, other.high));
        }
    }

    /// Whether every sample of both is the same number, as of a part that takes no time in either.
    static boolean constant(double[] samples) {
        return samples.length > 1 && Arrays.stream(samples).allMatch(v -> v == samples[0]);
    }
}
