package dev.hourglass.core.read;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// All slices of a trace, put aside track by track in runs that are in order, and read back merged.
public final class SliceRuns {
    /// Numbers of a slice.
    public static final int STRIDE = 6;
    public static final int TS = 0;
    public static final int DUR = 1;
    /// Name in the upper half, category in the lower.
    public static final int TEXTS = 2;
    public static final int CORRELATION = 3;
    public static final int EXTERNAL = 4;
    /// Identifier, and in the lowest byte the phase. Identifiers ascend in the order of the file.
    public static final int ID = 5;

    /// Rows that are read at once from each of few runs, and from each of many.
    private static final int FEW_ROWS = 2048;

    private static final int MANY_ROWS = 64;
    /// Fewer runs than this that are merged at once are few.
    private static final int FEW_RUNS = 16;

    /// Slices of one track that are in order.
    private record Run(Scratch.Block block, long firstTs) {
        int rows() {
            return block.length() / STRIDE;
        }
    }

    private final Scratch scratch;
    private List<List<Run>> tracks = new ArrayList<>();
    private long[] rows = new long[1024 * STRIDE];

    public SliceRuns(Scratch scratch) {
        this.scratch = scratch;
    }

    public static int name(long texts) {
        return (int) (texts >> 32);
    }

    public static int category(long texts) {
        return (int) texts;
    }

    public static long texts(int name, int category) {
        return ((long) name << 32) | (category & 0xFFFFFFFFL);
    }

    public static long end(long ts, long dur) {
        return dur < 0 ? Long.MAX_VALUE : ts + dur;
    }

    /// Puts the slices aside, whose tracks and identifiers are final.
    public void add(SliceColumns slices) {
        int n = slices.slices;
        int most = 0;
        for (int i = 0; i < n; i++) {
            most = Math.max(most, slices.track[i] + 1);
        }
        while (tracks.size() < most) {
            tracks.add(new ArrayList<>());
        }
        int[] begin = new int[most + 1];
        for (int i = 0; i < n; i++) {
            begin[slices.track[i] + 1]++;
        }
        for (int t = 0; t < most; t++) {
            begin[t + 1] += begin[t];
        }
        int[] next = Arrays.copyOf(begin, most);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[next[slices.track[i]]++] = i;
        }
        for (int t = 0; t < most; t++) {
            if (begin[t] < begin[t + 1]) {
                RunSort.sort(order, begin[t], begin[t + 1], (a, b) -> before(slices, a, b));
                tracks.get(t).add(run(slices, order, begin[t], begin[t + 1]));
            }
        }
    }

    private static boolean before(SliceColumns slices, int a, int b) {
        if (slices.ts[a] != slices.ts[b]) {
            return slices.ts[a] < slices.ts[b];
        }
        long endA = end(slices.ts[a], slices.dur[a]);
        long endB = end(slices.ts[b], slices.dur[b]);
        return endA != endB ? endA > endB : a < b;
    }

    private Run run(SliceColumns slices, int[] order, int from, int to) {
        int length = (to - from) * STRIDE;
        if (rows.length < length) {
            rows = new long[length];
        }
        for (int i = from; i < to; i++) {
            int slice = order[i];
            int at = (i - from) * STRIDE;
            rows[at + TS] = slices.ts[slice];
            rows[at + DUR] = slices.dur[slice];
            rows[at + TEXTS] = texts(slices.name[slice], slices.category[slice]);
            rows[at + CORRELATION] = slices.correlation[slice];
            rows[at + EXTERNAL] = slices.externalId[slice];
            rows[at + ID] = (slices.firstId + slice) << 8 | slices.phase[slice];
        }
        return new Run(scratch.put(rows, length), rows[TS]);
    }

    /// How many tracks have been numbered.
    public int tracks() {
        return tracks.size();
    }

    /// The slices of a track in order.
    public Merge merge(int track) {
        return new Merge(tracks.get(track));
    }

    /// Where the reading of one run is.
    private final class Cursor {
        private final Run run;
        private final long[] buffer;
        private int read;
        private int filled;
        int at;

        Cursor(Run run, int rowsAtOnce) {
            this.run = run;
            this.buffer = new long[Math.min(run.rows(), rowsAtOnce) * STRIDE];
            fill();
        }

        private void fill() {
            filled = Math.min(buffer.length, run.block().length() - read);
            scratch.read(run.block(), read, buffer, 0, filled);
            read += filled;
            at = 0;
        }

        /// Goes to the next row. False behind the last.
        boolean advance() {
            at += STRIDE;
            if (at == filled) {
                if (read == run.block().length()) {
                    return false;
                }
                fill();
            }
            return true;
        }

        boolean before(Cursor other) {
            return SliceRuns.before(buffer, at, other.buffer, other.at);
        }
    }

    public static boolean before(long[] a, int atA, long[] b, int atB) {
        if (a[atA + TS] != b[atB + TS]) {
            return a[atA + TS] < b[atB + TS];
        }
        long endA = end(a[atA + TS], a[atA + DUR]);
        long endB = end(b[atB + TS], b[atB + DUR]);
        return endA != endB ? endA > endB : a[atA + ID] < b[atB + ID];
    }

    /// The rows of one track, merged. Only runs that overlap in time are open at once.
    public final class Merge {
        private final List<Run> waiting;
        private int nextRun;
        private final PriorityQueue<Cursor> open =
                new PriorityQueue<>((a, b) -> a.before(b) ? -1 : b.before(a) ? 1 : 0);
        private Cursor current;
        private boolean started;

        private Merge(List<Run> runs) {
            waiting = new ArrayList<>(runs);
            waiting.sort(Comparator.comparingLong(Run::firstTs));
            current = new Cursor(new Run(new Scratch.Block(new long[0], 0, 0), 0), 0);
        }

        /// Goes to the next row. False behind the last.
        public boolean next() {
            if (started && !current.advance()) {
                started = false;
            }
            if (!started) {
                if (open.isEmpty() && nextRun == waiting.size()) {
                    return false;
                }
                current = open.isEmpty() ? openNext() : open.remove();
                started = true;
            }
            while (nextRun < waiting.size() && waiting.get(nextRun).firstTs() <= current.buffer[current.at + TS]) {
                open.add(openNext());
            }
            Cursor first = open.peek();
            if (first != null && first.before(current)) {
                open.remove();
                open.add(current);
                current = first;
            }
            return true;
        }

        private Cursor openNext() {
            return new Cursor(waiting.get(nextRun++), open.size() < FEW_RUNS ? FEW_ROWS : MANY_ROWS);
        }

        /// The array that holds the row.
        public long[] row() {
            return current.buffer;
        }

        /// Where in the array the row begins.
        public int at() {
            return current.at;
        }
    }
}
