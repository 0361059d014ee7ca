package dev.hourglass.core.read.chrome;

import java.util.Arrays;

/// The slices around a moment of one track, the innermost on top.
///
/// Half-open: what begins where the outer one ends is not inside, and nothing is inside a span of no length. A
/// frame of
/// Python names the call that it was made from, which says more than its times: one whose return was not seen lasts to
/// the end of the recording, and everything afterwards lies inside by time.
final class ChromeNesting {
    /// The phase of a slice that is such a frame; its numbers are those of its call and of the call around it.
    static final byte FRAME = 'p';

    private int top;
    private long[] ts = new long[64];
    private long[] end = new long[64];
    private long[] id = new long[64];
    /// Number of the call of a frame; [Segment#NONE] of anything else.
    private long[] call = new long[64];
    /// Stages up to each level.
    private int[] stages = new int[64];

    void clear() {
        top = 0;
    }

    /// How many slices there are.
    int depth() {
        return top;
    }

    /// The innermost slice; [Segment#NONE] for none.
    long parent() {
        return top == 0 ? Segment.NONE : id[top - 1];
    }

    /// How many of them are stages.
    int stages() {
        return top == 0 ? 0 : stages[top - 1];
    }

    /// Leaves what does not contain a span.
    void leave(long from, long to) {
        while (top > 0 && !(end[top - 1] >= to && from < end[top - 1])) {
            top--;
        }
    }

    /// Leaves the frames that have returned where another one begins: those inside its caller.
    ///
    /// @return when its caller ends; [Long#MAX_VALUE] where that is not around the moment
    long returnTo(long caller, long moment) {
        int level = top - 1;
        while (level >= 0 && (call[level] != caller || call[level] == Segment.NONE)) {
            level--;
        }
        if (level < 0 || moment >= end[level]) {
            return Long.MAX_VALUE;
        }
        int kept = level + 1;
        for (int i = level + 1; i < top; i++) {
            if (call[i] == Segment.NONE) {
                move(i, kept++);
            }
        }
        top = kept;
        return end[level];
    }

    private void move(int from, int to) {
        ts[to] = ts[from];
        end[to] = end[from];
        id[to] = id[from];
        call[to] = call[from];
        stages[to] = stages[from];
    }

    /// Goes into a span.
    void enter(long from, long to, long slice, long number, int stagesSoFar) {
        if (top == ts.length) {
            ts = Arrays.copyOf(ts, top * 2);
            end = Arrays.copyOf(end, top * 2);
            id = Arrays.copyOf(id, top * 2);
            call = Arrays.copyOf(call, top * 2);
            stages = Arrays.copyOf(stages, top * 2);
        }
        ts[top] = from;
        end[top] = to;
        id[top] = slice;
        call[top] = number;
        stages[top++] = stagesSoFar;
    }

    /// The innermost slice around a moment; -1 for none.
    long at(long moment) {
        int level = top - 1;
        while (level >= 0 && end[level] <= moment && !(end[level] == moment && ts[level] == moment)) {
            level--;
        }
        return level < 0 ? -1 : id[level];
    }
}
