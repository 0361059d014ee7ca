package dev.hourglass.core.ingest;

import dev.hourglass.core.stat.Quantile;
import dev.hourglass.core.trace.Moments;
import java.util.Arrays;
import java.util.Optional;

/// How far apart two recordings of the same device work are.
///
/// Numbers start anew in every process, so two runs of one program share them and the order of their
/// kernels too. What they do not share is the length of everything: recordings of one run agree on the
/// offset to within the rounding of their formats, and two runs do not.
final class CorrelationMatch {
    /// Farther apart than the rounding of formats is no agreement.
    private static final long MOST_APART_NS = 10_000;
    /// Fewer kernels in common tell nothing.
    private static final int FEWEST_KERNELS = 20;
    /// Share of the kernels in common that must have the same name, and agree on the offset.
    private static final double NEARLY_ALL_RATIO = 0.95;

    private CorrelationMatch() {}

    /// @param differences of kernels with the same number at the same place in it
    /// @param named how many of those have the same name too
    static Optional<ClockMatch.Found> of(long[] differences, long named) {
        long[] sorted = differences.clone();
        Arrays.sort(sorted);
        if (sorted.length < FEWEST_KERNELS || (double) named < NEARLY_ALL_RATIO * sorted.length) {
            return Optional.empty();
        }
        long median = Quantile.median(sorted);
        long[] off = Arrays.stream(sorted)
                .map(d -> Moments.apart(d, median))
                .sorted()
                .toArray();
        int agree = (int) Arrays.stream(off).filter(d -> d <= MOST_APART_NS).count();
        return (double) agree < NEARLY_ALL_RATIO * off.length
                ? Optional.empty()
                : Optional.of(new ClockMatch.Found(median, off[agree - 1], agree, off.length));
    }
}
