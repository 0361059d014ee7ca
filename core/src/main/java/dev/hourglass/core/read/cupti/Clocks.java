package dev.hourglass.core.read.cupti;

import dev.hourglass.core.trace.Moments;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Pairs of readings of CUPTI's clock and the trace's. Between two pairs the difference is taken to change evenly;
/// before the first and after the last it is theirs.
final class Clocks {
    /// Difference, trace clock less CUPTI's, by CUPTI's clock.
    private final TreeMap<Long, Long> differences = new TreeMap<>();

    /// Between which neighbours the last time lay, and the differences there: times come nearly in order.
    private long from = Long.MAX_VALUE;

    private long to = Long.MIN_VALUE;
    private long atFrom;
    private long atTo;

    void pair(long ts, long device) {
        if (Moments.isPossible(ts) && Moments.isPossible(device)) {
            differences.put(device, ts - device);
            from = Long.MAX_VALUE;
            to = Long.MIN_VALUE;
        }
    }

    boolean isEmpty() {
        return differences.isEmpty();
    }

    /// Largest change between two pairs that follow each other, in nanoseconds: what drift, or a step of the day's
    /// clock, may leave wrong in between.
    long largestStep() {
        long largest = 0;
        Long before = null;
        for (long difference : differences.values()) {
            largest = before == null ? 0 : Math.max(largest, Moments.apart(difference, before));
            before = difference;
        }
        return largest;
    }

    /// A possible time of CUPTI's on the trace clock.
    long ts(long device) {
        if (device < from || device >= to) {
            look(device);
        }
        if (atFrom == atTo || to <= from) {
            return Moments.plus(device, atFrom);
        }
        double share = (double) (device - from) / (to - from);
        return Moments.plus(device, atFrom + Math.round(share * (atTo - atFrom)));
    }

    private void look(long device) {
        Map.@Nullable Entry<Long, Long> before = differences.floorEntry(device);
        Map.@Nullable Entry<Long, Long> after = differences.higherEntry(device);
        from = before == null ? Moments.EARLIEST : before.getKey();
        to = after == null ? Long.MAX_VALUE : after.getKey();
        atFrom = before == null ? (after == null ? 0 : after.getValue()) : before.getValue();
        atTo = after == null ? atFrom : after.getValue();
        if (before == null) {
            atTo = atFrom;
        }
    }
}
