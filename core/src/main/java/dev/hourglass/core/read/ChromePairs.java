package dev.hourglass.core.read;

import dev.hourglass.core.trace.Severity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Begin and end events, paired track by track: what ends closes the last span that is open.
///
/// Holds about 60 bytes per begin and end; producers that write spans whole cost nothing.
final class ChromePairs {
    /// One begin or end of a span, for sorting. The identifier is negative for an end.
    private record Edge(int track, long ts, long order, long id) {}

    private final List<Edge> edges = new ArrayList<>();
    private long[] ids = new long[0];
    private long[] durations = new long[0];
    private long unmatched;

    void begin(int track, long ts, long id) {
        edges.add(new Edge(track, ts, 2 * id + 1, id));
    }

    /// @param nextId identifier of the slice that follows in the file
    void end(int track, long ts, long nextId) {
        edges.add(new Edge(track, ts, 2 * nextId, -1));
    }

    /// Pairs everything.
    void resolve(ChromeAssembler assembler) {
        edges.sort(
                Comparator.comparingInt(Edge::track).thenComparingLong(Edge::ts).thenComparingLong(Edge::order));
        List<long[]> paired = new ArrayList<>();
        List<Edge> open = new ArrayList<>();
        int track = Integer.MIN_VALUE;
        for (Edge edge : edges) {
            if (edge.track() != track) {
                track = edge.track();
                open.clear();
            }
            if (edge.id() >= 0) {
                open.add(edge);
            } else if (open.isEmpty()) {
                unmatched++;
            } else {
                Edge begun = open.removeLast();
                paired.add(new long[] {begun.id(), edge.ts() - begun.ts()});
            }
        }
        edges.clear();
        paired.sort(Comparator.comparingLong(pair -> pair[0]));
        ids = paired.stream().mapToLong(pair -> pair[0]).toArray();
        durations = paired.stream().mapToLong(pair -> pair[1]).toArray();
        assembler.lost("end_without_begin", Severity.DATA_LOSS, unmatched);
    }

    boolean isEmpty() {
        return ids.length == 0;
    }

    /// Duration of a slice that was read without one, -1 where its end is not in the file.
    long duration(long id) {
        int at = Arrays.binarySearch(ids, id);
        return at < 0 ? -1 : durations[at];
    }
}
