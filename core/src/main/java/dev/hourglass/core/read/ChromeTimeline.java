package dev.hourglass.core.read;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// All slices of a trace on their tracks: begin and end events paired, asynchronous ones on tracks of
/// their own, everything nested.
final class ChromeTimeline {
    private final ChromeAssembler assembler;
    private final List<Segment> segments;
    private final ImportContext context;
    private final int keyTracks;

    final int n;
    /// Per slice, over all segments. Tracks at [#keyTracks] and beyond are asynchronous.
    final int[] track;
    final long[] ts;
    final long[] dur;
    final int[] depth;
    final int[] parent;
    /// First slice of each segment.
    final int[] firstOf;
    private final Map<Long, Integer> asyncTracks = new HashMap<>();
    /// A slice on each asynchronous track, in the order of the tracks.
    private int[] asyncSamples = new int[16];
    private Nesting nesting;

    ChromeTimeline(ChromeAssembler assembler, List<Segment> segments, int n, TrackKeys keys, ImportContext context) {
        this.assembler = assembler;
        this.segments = segments;
        this.context = context;
        this.keyTracks = keys.size();
        this.n = n;
        this.track = new int[n];
        this.ts = new long[n];
        this.dur = new long[n];
        this.depth = new int[n];
        this.parent = new int[n];
        this.firstOf = new int[segments.size() + 1];
        this.nesting = Nesting.nest(0, new int[0], new long[0], new long[0], new int[0], new int[0]);
    }

    List<Segment> segments() {
        return segments;
    }

    Nesting nesting() {
        return nesting;
    }

    int keyTracks() {
        return keyTracks;
    }

    int tracks() {
        return keyTracks + asyncTracks.size();
    }

    /// A slice that lies on an asynchronous track.
    int asyncSample(int track) {
        return asyncSamples[track - keyTracks];
    }

    /// Identifier of a slice.
    long id(int slice) {
        int s = segmentOf(slice);
        return segments.get(s).firstId + (slice - firstOf[s]);
    }

    int segmentOf(int slice) {
        int s = Arrays.binarySearch(firstOf, slice);
        if (s < 0) {
            return -s - 2;
        }
        while (s + 1 < firstOf.length && firstOf[s + 1] == slice) {
            s++;
        }
        return s;
    }

    int name(int slice) {
        int s = segmentOf(slice);
        return segments.get(s).name[slice - firstOf[s]];
    }

    int category(int slice) {
        int s = segmentOf(slice);
        return segments.get(s).category[slice - firstOf[s]];
    }

    void build() {
        boolean paired = false;
        int at = 0;
        for (int s = 0; s < segments.size(); s++) {
            Segment segment = segments.get(s);
            firstOf[s] = at;
            System.arraycopy(segment.track, 0, track, at, segment.slices);
            System.arraycopy(segment.ts, 0, ts, at, segment.slices);
            System.arraycopy(segment.dur, 0, dur, at, segment.slices);
            asyncTracks(segment, at);
            paired |= segment.ends.size > 0;
            at += segment.slices;
        }
        firstOf[segments.size()] = at;
        if (paired) {
            pair();
        }
        countOpen();
        nesting = Nesting.nest(n, track, ts, dur, depth, parent);
    }

    private void asyncTracks(Segment segment, int first) {
        for (int i = 0; i < Math.min(segment.slices, segment.asyncId.length); i++) {
            byte phase = segment.phase[i];
            if (phase == 'b' || phase == 'n' || phase == 'S') {
                track[first + i] = asyncTrack(segment.category[i], segment.asyncId[i], first + i);
            }
        }
    }

    private int asyncTrack(int category, int id, int sample) {
        long key = ((long) category << 32) | (id & 0xFFFFFFFFL);
        Integer known = asyncTracks.get(key);
        if (known != null) {
            return known;
        }
        int fresh = keyTracks + asyncTracks.size();
        if (asyncTracks.size() == asyncSamples.length) {
            asyncSamples = Arrays.copyOf(asyncSamples, asyncSamples.length * 2);
        }
        asyncSamples[asyncTracks.size()] = sample;
        asyncTracks.put(key, fresh);
        return fresh;
    }

    /// One begin or end of a span, for sorting.
    private record Edge(int track, long ts, long order, int slice) {}

    private void pair() {
        java.util.ArrayList<Edge> edges = new java.util.ArrayList<>();
        for (int s = 0; s < segments.size(); s++) {
            edges(segments.get(s), firstOf[s], edges);
        }
        edges.sort(java.util.Comparator.comparingInt(Edge::track)
                .thenComparingLong(Edge::ts)
                .thenComparingLong(Edge::order));
        int[] stack = new int[64];
        int top = 0;
        int current = -1;
        long unmatched = 0;
        for (Edge edge : edges) {
            if (edge.track() != current) {
                current = edge.track();
                top = 0;
            }
            if (edge.slice() >= 0) {
                if (top == stack.length) {
                    stack = Arrays.copyOf(stack, top * 2);
                }
                stack[top++] = edge.slice();
            } else if (top > 0) {
                int begun = stack[--top];
                dur[begun] = edge.ts() - ts[begun];
            } else {
                unmatched++;
            }
        }
        assembler.lost("end_without_begin", Severity.DATA_LOSS, unmatched);
    }

    private void edges(Segment segment, int first, List<Edge> edges) {
        for (int i = 0; i < segment.slices; i++) {
            byte phase = segment.phase[i];
            if (phase == 'B' || phase == 'b' || phase == 'S') {
                edges.add(new Edge(track[first + i], ts[first + i], 2L * (first + i) + 1, first + i));
            }
        }
        for (int e = 0; e < segment.ends.size; e++) {
            boolean sync = segment.ends.get(e, Segment.END_PHASE) == 'E';
            int on = sync
                    ? (int) segment.ends.get(e, Segment.END_TRACK)
                    : asyncTracks.getOrDefault(
                            (segment.ends.get(e, Segment.END_CATEGORY) << 32)
                                    | (segment.ends.get(e, Segment.END_ID) & 0xFFFFFFFFL),
                            -1);
            long order = 2L * (first + segment.endAfter[e]);
            edges.add(new Edge(on, segment.ends.get(e, Segment.END_TS), order, -1));
        }
    }

    private void countOpen() {
        long open = 0;
        for (int i = 0; i < n; i++) {
            open += dur[i] < 0 ? 1 : 0;
        }
        if (open > 0) {
            context.stats().count("span_without_end", Severity.NOTICE, open, "whole file");
        }
    }
}
