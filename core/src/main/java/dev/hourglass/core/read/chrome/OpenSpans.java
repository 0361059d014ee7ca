package dev.hourglass.core.read.chrome;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Spans of one track that began and have not ended, the last one on top. Each call takes constant time on average,
/// whatever is open.
final class OpenSpans {
    private static final int CLOSED = -1;

    private int top;
    private int[] edges = new int[64];
    private int[] names = new int[64];
    /// Where the span of the same name lies that was the last one before.
    private int[] earlier = new int[64];
    private final Map<Integer, Integer> last = new HashMap<>();

    /// @param name by which it may be ended before those above it; [Segment#NO_TEXT] for none
    void push(int edge, int name) {
        if (top == edges.length) {
            edges = Arrays.copyOf(edges, top * 2);
            names = Arrays.copyOf(names, top * 2);
            earlier = Arrays.copyOf(earlier, top * 2);
        }
        edges[top] = edge;
        names[top] = name;
        if (name != Segment.NO_TEXT) {
            earlier[top] = last.getOrDefault(name, CLOSED);
            last.put(name, top);
        }
        top++;
    }

    /// Ends the last span of a name, or of any name where none is told.
    ///
    /// @return its edge; -1 where none is open
    int close(int name) {
        int at = name == Segment.NO_TEXT ? top - 1 : last.getOrDefault(name, CLOSED);
        if (at < 0) {
            return CLOSED;
        }
        int edge = edges[at];
        edges[at] = CLOSED;
        if (names[at] != Segment.NO_TEXT) {
            last.put(names[at], earlier[at]);
        }
        while (top > 0 && edges[top - 1] == CLOSED) {
            top--;
        }
        return edge;
    }
}
