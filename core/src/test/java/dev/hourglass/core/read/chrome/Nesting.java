package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.RunSort;
import java.util.Arrays;

/// Depth and parent of spans, track by track, all in memory: the oracle of [SliceWriter].
///
/// A span's parent is the innermost earlier span of the same track that contains it; among spans of
/// the same start the longer one is outside, and among equal ones the earlier in the file. Spans that
/// overlap without containing each other are siblings.
public final class Nesting {
    private final long[] ts;
    private final long[] end;
    private final int[] depth;
    private final int[] parent;
    /// Spans track by track, each track in order.
    private final int[] order;
    /// Where each track begins in `order`.
    private final int[] begin;
    private int[] stack = new int[64];

    private Nesting(int n, int[] track, long[] ts, long[] dur, int[] depth, int[] parent) {
        this.ts = ts;
        this.depth = depth;
        this.parent = parent;
        this.end = new long[n];
        int tracks = 0;
        for (int i = 0; i < n; i++) {
            end[i] = dur[i] < 0 ? Long.MAX_VALUE : ts[i] + dur[i];
            tracks = Math.max(tracks, track[i] + 1);
        }
        this.begin = new int[tracks + 1];
        for (int i = 0; i < n; i++) {
            begin[track[i] + 1]++;
        }
        for (int t = 0; t < tracks; t++) {
            begin[t + 1] += begin[t];
        }
        this.order = new int[n];
        int[] next = Arrays.copyOf(begin, tracks + 1);
        for (int i = 0; i < n; i++) {
            order[next[track[i]]++] = i;
        }
    }

    /// Nests all spans.
    ///
    /// @param track the track of each span, a small number
    /// @param ts start of each span
    /// @param dur duration of each span; negative for a span without an end, which nothing bounds
    /// @param depth receives the number of spans around each
    /// @param parent receives the index of the innermost one around each, or -1
    public static Nesting nest(int n, int[] track, long[] ts, long[] dur, int[] depth, int[] parent) {
        Nesting nesting = new Nesting(n, track, ts, dur, depth, parent);
        for (int t = 0; t + 1 < nesting.begin.length; t++) {
            RunSort.sort(nesting.order, nesting.begin[t], nesting.begin[t + 1], nesting::before);
            nesting.walk(nesting.begin[t], nesting.begin[t + 1]);
        }
        return nesting;
    }

    private boolean before(int a, int b) {
        if (ts[a] != ts[b]) {
            return ts[a] < ts[b];
        }
        return end[a] != end[b] ? end[a] > end[b] : a < b;
    }

    private void walk(int from, int to) {
        int top = 0;
        for (int i = from; i < to; i++) {
            int span = order[i];
            while (top > 0 && !contains(stack[top - 1], span)) {
                top--;
            }
            depth[span] = top;
            parent[span] = top == 0 ? -1 : stack[top - 1];
            if (top == stack.length) {
                stack = Arrays.copyOf(stack, top * 2);
            }
            stack[top++] = span;
        }
    }

    /// Half-open: what begins where the outer one ends is not inside, and nothing is inside a span of
    /// no length. The outer one is known not to begin later.
    private boolean contains(int outer, int span) {
        return end[outer] >= end[span] && ts[span] < end[outer];
    }
}
