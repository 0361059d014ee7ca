package dev.hourglass.core.read.cupti;

import dev.hourglass.core.trace.Moments;

/// When something ran, on the trace clock.
///
/// @param ts start
/// @param dur its length; -1 where neither is known
record Times(long ts, long dur) {
    private static final Times UNKNOWN = new Times(0, -1);

    /// @param start by CUPTI's clock; CUPTI leaves 0 where it could not tell
    /// @param end never before the start
    static Times of(Clocks clocks, long start, long end) {
        if (start <= 0 || end < start || !Moments.isPossible(end) || clocks.isEmpty()) {
            return UNKNOWN;
        }
        long ts = clocks.ts(start);
        return Moments.isPossible(ts, end - start) ? new Times(ts, end - start) : UNKNOWN;
    }

    boolean isKnown() {
        return dur >= 0;
    }
}
