package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.RunSort;
import dev.hourglass.core.trace.Severity;
import java.util.Arrays;

/// Begin and end events, paired track by track: what ends closes the last span that is open; where the end has a
/// name that counts, the last open span of that name.
///
/// Holds about 64 bytes per pair until all are resolved, 16 afterwards; producers that write spans whole
/// cost nothing.
final class ChromePairs {
    private static final int FIRST = 1024;

    /// Begins and ends as they came: the track, the moment, and the place among what happens at the same
    /// moment, which is odd for a begin and holds its identifier.
    private int edges;

    private int[] track = new int[0];
    private long[] ts = new long[0];
    private long[] order = new long[0];
    /// Names by which spans are told apart, [Segment#NO_TEXT] where they nest.
    private int[] names = new int[0];

    /// Identifiers of what begins, rising.
    private int begins;

    private long[] ids = new long[0];
    private long[] durations = new long[0];
    private boolean any;
    /// Ends whose begin somebody wants to know, rising, and what is known.
    private int questions;

    private int[] asked = new int[0];
    private long[] answers = new long[0];

    /// @param id identifier of the slice, larger than those before
    /// @param name of an asynchronous span, which others of the same id may overlap
    void begin(int on, long at, long id, int name) {
        if (begins == ids.length) {
            ids = Arrays.copyOf(ids, Math.max(FIRST, begins + (begins >> 1)));
        }
        ids[begins++] = id;
        add(on, at, 2 * id + 1, name);
    }

    /// @param nextId identifier of the slice that follows in the file
    /// @param name as of [#begin]
    /// @return the number of the edge, for [#ask]
    int end(int on, long at, long nextId, int name) {
        add(on, at, 2 * nextId, name);
        return edges - 1;
    }

    /// Asks for what an end closes; edges come in order.
    ///
    /// @return the number of the question, for [#begun]
    int ask(int edge) {
        if (questions == asked.length) {
            asked = Arrays.copyOf(asked, Math.max(64, questions * 2));
        }
        asked[questions] = edge;
        return questions++;
    }

    /// The slice that was closed by the end that was asked for, -1 where it closed none.
    long begun(int question) {
        return answers[question];
    }

    private void add(int on, long at, long place, int name) {
        if (edges == track.length) {
            int capacity = Math.max(FIRST, edges + (edges >> 1));
            track = Arrays.copyOf(track, capacity);
            ts = Arrays.copyOf(ts, capacity);
            order = Arrays.copyOf(order, capacity);
            names = Arrays.copyOf(names, capacity);
        }
        track[edges] = on;
        ts[edges] = at;
        names[edges] = name;
        order[edges++] = place;
    }

    /// Pairs everything.
    void resolve(ChromeAssembler assembler) {
        durations = new long[begins];
        Arrays.fill(durations, -1);
        answers = new long[questions];
        Arrays.fill(answers, -1);
        int tracks = 0;
        for (int i = 0; i < edges; i++) {
            tracks = Math.max(tracks, track[i] + 1);
        }
        int[] from = new int[tracks + 1];
        for (int i = 0; i < edges; i++) {
            from[track[i] + 1]++;
        }
        for (int t = 0; t < tracks; t++) {
            from[t + 1] += from[t];
        }
        int[] sorted = new int[edges];
        int[] next = from.clone();
        for (int i = 0; i < edges; i++) {
            sorted[next[track[i]]++] = i;
        }
        long unmatched = 0;
        for (int t = 0; t < tracks; t++) {
            RunSort.sort(sorted, from[t], from[t + 1], this::before);
            unmatched += pair(sorted, from[t], from[t + 1]);
        }
        track = new int[0];
        ts = new long[0];
        order = new long[0];
        names = new int[0];
        assembler.lost("end_without_begin", Severity.DATA_LOSS, unmatched);
    }

    private boolean before(int a, int b) {
        return ts[a] != ts[b] ? ts[a] < ts[b] : order[a] < order[b];
    }

    /// Pairs the edges of one track and returns how many ends have no begin.
    private long pair(int[] sorted, int from, int to) {
        long unmatched = 0;
        OpenSpans open = new OpenSpans();
        for (int i = from; i < to; i++) {
            int edge = sorted[i];
            if ((order[edge] & 1) == 1) {
                open.push(edge, names[edge]);
                continue;
            }
            int begun = open.close(names[edge]);
            if (begun < 0) {
                unmatched++;
                continue;
            }
            durations[Arrays.binarySearch(ids, 0, begins, order[begun] >> 1)] = ts[edge] - ts[begun];
            any = true;
            if (questions > 0) {
                answer(edge, order[begun] >> 1);
            }
        }
        return unmatched;
    }

    private void answer(int edge, long id) {
        int question = Arrays.binarySearch(asked, 0, questions, edge);
        if (question >= 0) {
            answers[question] = id;
        }
    }

    boolean isEmpty() {
        return !any;
    }

    /// Duration of a slice that was read without one, -1 where its end is not in the file.
    long duration(long id) {
        int at = Arrays.binarySearch(ids, 0, begins, id);
        return at < 0 ? -1 : durations[at];
    }
}
