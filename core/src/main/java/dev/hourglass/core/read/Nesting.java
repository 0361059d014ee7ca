package dev.hourglass.core.read;

import java.util.Arrays;

/// Depth and parent of spans, track by track.
///
/// A span's parent is the innermost earlier span of the same track that contains it; among spans of
/// the same start the longer one is outside, and among equal ones the earlier in the file. Spans that
/// overlap without containing each other are siblings.
final class Nesting {
    private final int[] order;
    private final long[] ts;
    private final long[] end;
    private final int[] depth;
    private final int[] parent;
    private int[] stack = new int[64];

    /// @param ts start of each span
    /// @param dur duration of each span; negative for a span without an end, which nothing bounds
    /// @param depth receives the number of spans around each
    /// @param parent receives the index of the innermost one around each, or -1
    Nesting(long[] ts, long[] dur, int[] order, int[] depth, int[] parent) {
        this.ts = ts;
        this.order = order;
        this.depth = depth;
        this.parent = parent;
        this.end = new long[ts.length];
        for (int i = 0; i < ts.length; i++) {
            end[i] = dur[i] < 0 ? Long.MAX_VALUE : ts[i] + dur[i];
        }
    }

    /// Nests all spans.
    ///
    /// @param track the track of each span, a small number
    static void nest(int n, int[] track, long[] ts, long[] dur, int[] depth, int[] parent) {
        int tracks = 0;
        for (int i = 0; i < n; i++) {
            tracks = Math.max(tracks, track[i] + 1);
        }
        int[] begin = new int[tracks + 1];
        for (int i = 0; i < n; i++) {
            begin[track[i] + 1]++;
        }
        for (int t = 0; t < tracks; t++) {
            begin[t + 1] += begin[t];
        }
        int[] order = new int[n];
        int[] next = Arrays.copyOf(begin, tracks + 1);
        for (int i = 0; i < n; i++) {
            order[next[track[i]]++] = i;
        }
        Nesting nesting = new Nesting(ts, dur, order, depth, parent);
        for (int t = 0; t < tracks; t++) {
            nesting.sort(begin[t], begin[t + 1]);
            nesting.walk(begin[t], begin[t + 1]);
        }
    }

    private boolean before(int a, int b) {
        if (ts[a] != ts[b]) {
            return ts[a] < ts[b];
        }
        return end[a] != end[b] ? end[a] > end[b] : a < b;
    }

    /// Merges the runs that are in order already: traces consist of few of them per track.
    private void sort(int from, int to) {
        int[] runs = new int[16];
        int count = 0;
        for (int i = from; i < to; ) {
            int j = i + 1;
            while (j < to && !before(order[j], order[j - 1])) {
                j++;
            }
            if (count == runs.length) {
                runs = Arrays.copyOf(runs, count * 2);
            }
            runs[count++] = i;
            i = j;
        }
        if (count < 2) {
            return;
        }
        int[] spare = new int[to - from];
        while (count > 1) {
            int kept = 0;
            for (int r = 0; r < count; r += 2) {
                int start = runs[r];
                if (r + 1 < count) {
                    int stop = r + 2 < count ? runs[r + 2] : to;
                    merge(start, runs[r + 1], stop, spare);
                }
                runs[kept++] = start;
            }
            count = kept;
        }
    }

    private void merge(int from, int middle, int to, int[] spare) {
        int left = middle - from;
        System.arraycopy(order, from, spare, 0, left);
        int i = 0;
        int j = middle;
        int k = from;
        while (i < left && j < to) {
            order[k++] = before(order[j], spare[i]) ? order[j++] : spare[i++];
        }
        System.arraycopy(spare, i, order, k, left - i);
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
