package dev.hourglass.core.stat;

/// The median of samples with its 95 % interval, by their order and over as many independent samples as they are
/// worth: neighbours resemble each other on any machine that does other work too.
///
/// @param value the median
/// @param low lower end; −∞ where so few samples bound it on no side
/// @param high upper end; ∞ as `low`
/// @param worth how many independent samples these are worth
public record MedianInterval(double value, double low, double high, double worth) {

    /// @param samples at least two, in order of time
    /// @throws IllegalArgumentException if a sample is not a finite number
    public static MedianInterval of(double[] samples) {
        Samples.requireFinite(samples);
        Estimate e = Estimate.of(samples, Statistic.P50);
        return new MedianInterval(e.value(), e.low(), e.high(), e.worth());
    }

    /// Half of its width as a share of the median, by the longer half; ∞ where an end is open.
    public double precision() {
        return Math.max(high - value, value - low) / Math.abs(value);
    }

    /// How another one stands beside this one, both of times.
    ///
    /// They differ where their intervals lie apart and the medians further than `floor`: of two intervals of 95 %
    /// over the same level fewer than one in a hundred pairs lie apart.
    ///
    /// @param floor share by which two measurements of one thing differ
    public Verdict against(MedianInterval candidate, double floor) {
        double tolerance = Math.max(floor, LEAST);
        double moved = candidate.value / value - 1;
        boolean apart = candidate.low > high || candidate.high < low;
        if (apart && Math.abs(moved) > tolerance) {
            return moved > 0 ? Verdict.SLOWER : Verdict.FASTER;
        }
        boolean within = candidate.high / value - 1 <= SAME + floor && 1 - candidate.low / value <= SAME + floor;
        return within ? Verdict.SAME : Verdict.UNCLEAR;
    }

    /// Differences below this share matter to nobody.
    private static final double LEAST = 0.015;
    /// Share within which the whole interval lies where two are the same.
    private static final double SAME = 0.02;

    /// What can be said of two times.
    public enum Verdict {
        SAME,
        FASTER,
        SLOWER,
        /// Intervals overlap, but so wide that a difference may hide in them.
        UNCLEAR
    }
}
