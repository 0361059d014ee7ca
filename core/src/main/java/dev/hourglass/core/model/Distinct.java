package dev.hourglass.core.model;

/// How many different experts a step touches.
public final class Distinct {
    private Distinct() {}

    /// Expected number of distinct experts of one layer when each of `tokens` tokens independently
    /// chooses `chosen` different ones of `experts`, all equally likely.
    ///
    /// Exact for choices without replacement within a token. Real routing is skewed and touches
    /// fewer; where it was measured, use that.
    public static double expected(long experts, long chosen, long tokens) {
        return experts * -Math.expm1(tokens * Math.log1p(-(double) chosen / experts));
    }
}
