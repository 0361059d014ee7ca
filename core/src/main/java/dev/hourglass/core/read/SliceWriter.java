package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Gathers the slices of one source, nests them when all are there, and hands them over in the order in
/// which they came.
///
/// What waits is put aside, sorted by track and time, so that the memory needed does not grow with the
/// source, unique names aside.
public final class SliceWriter implements AutoCloseable {
    private static final int CHUNK = 8192;
    /// Slices that are sorted together, and later brought back into their order together.
    private static final int TOGETHER = 1 << 17;

    private static final int STRIDE = SliceRuns.STRIDE + 2;
    /// Track in the upper half, depth in the lower.
    private static final int PLACE = SliceRuns.STRIDE;

    private static final int PARENT = SliceRuns.STRIDE + 1;
    private static final byte PLAIN = 0;
    private static final byte WITH_ARGS = 1;

    private final BatchSink sink;
    private final ImportContext context;
    private final Scratch scratch;
    private final SliceRuns runs;
    private final Map<String, Integer> textIds = new HashMap<>();
    private byte[][] texts = new byte[256][];
    private final Map<Long, Integer> tracks = new HashMap<>();
    private long[] trackIds = new long[16];
    private final List<RowSpill> ranges = new ArrayList<>();
    private SliceColumns segment = new SliceColumns();
    private long first = SliceColumns.NONE;
    private long last;

    private int top;
    private long[] stackEnd = new long[64];
    private long[] stackId = new long[64];

    public SliceWriter(BatchSink sink, ImportContext context) {
        this.sink = sink;
        this.context = context;
        this.scratch = new Scratch(context.scratch(), Scratch.IN_MEMORY);
        this.runs = new SliceRuns(scratch);
    }

    /// Adds a slice and returns its identifier, one more than that of the slice before. What else is
    /// known of it is told by the calls that follow, before the next slice.
    ///
    /// @param dur 0 for an instant, -1 where the end is not known
    public long add(long trackId, long ts, long dur, String name, @Nullable String category) {
        if (segment.slices == TOGETHER) {
            putAside();
        }
        long fresh = context.take(ImportContext.Id.SLICE, 1);
        if (first == SliceColumns.NONE) {
            first = fresh;
        } else if (fresh != last + 1) {
            throw new IllegalStateException("slice " + fresh + " does not follow " + last);
        }
        last = fresh;
        int i = segment.addSlice();
        if (i == 0) {
            segment.firstId = fresh;
        }
        segment.phase[i] = PLAIN;
        segment.track[i] = track(trackId);
        segment.ts[i] = ts;
        segment.dur[i] = dur;
        segment.name[i] = text(name);
        segment.category[i] = category == null ? SliceColumns.NO_TEXT : text(category);
        segment.correlation[i] = SliceColumns.NONE;
        segment.externalId[i] = SliceColumns.NONE;
        return fresh;
    }

    /// The last slice has arguments: rows of `arg_value` under its own identifier.
    public SliceWriter withArgs() {
        segment.phase[segment.slices - 1] = WITH_ARGS;
        return this;
    }

    /// The last slice shares a number with a launch call or with device work.
    public SliceWriter withCorrelation(long value) {
        segment.correlation[segment.slices - 1] = value;
        return this;
    }

    /// The last slice shares a number with an operator.
    public SliceWriter withExternalId(long value) {
        segment.externalId[segment.slices - 1] = value;
        return this;
    }

    private void putAside() {
        runs.add(segment);
        segment.slices = 0;
    }

    /// Nests and hands over everything.
    @Override
    public void close() {
        try (scratch) {
            putAside();
            segment = new SliceColumns();
            for (int track = 0; track < runs.tracks(); track++) {
                nest(track);
            }
            for (int i = 0; i < ranges.size(); i++) {
                hand(ranges.get(i), first + (long) i * TOGETHER);
                ranges.set(i, new RowSpill(scratch, STRIDE));
            }
        }
    }

    /// A slice's parent is the innermost earlier one of the same track that contains it. Half-open: what
    /// begins where the outer one ends is not inside, and nothing is inside a slice of no length.
    private void nest(int track) {
        top = 0;
        SliceRuns.Merge merge = runs.merge(track);
        while (merge.next()) {
            long[] row = merge.row();
            int at = merge.at();
            long ts = row[at + SliceRuns.TS];
            long end = SliceRuns.end(ts, row[at + SliceRuns.DUR]);
            while (top > 0 && (stackEnd[top - 1] < end || ts >= stackEnd[top - 1])) {
                top--;
            }
            place(track, row, at);
            push(end, row[at + SliceRuns.ID] >> 8);
        }
    }

    private void push(long end, long id) {
        if (top == stackEnd.length) {
            stackEnd = Arrays.copyOf(stackEnd, top * 2);
            stackId = Arrays.copyOf(stackId, top * 2);
        }
        stackEnd[top] = end;
        stackId[top++] = id;
    }

    private void place(int track, long[] row, int at) {
        int range = (int) (((row[at + SliceRuns.ID] >> 8) - first) / TOGETHER);
        while (ranges.size() <= range) {
            ranges.add(new RowSpill(scratch, STRIDE));
        }
        RowSpill spill = ranges.get(range);
        int to = spill.add();
        System.arraycopy(row, at, spill.values, to, SliceRuns.STRIDE);
        spill.values[to + PLACE] = ((long) track << 32) | top;
        spill.values[to + PARENT] = top == 0 ? SliceColumns.NONE : stackId[top - 1];
    }

    private void hand(RowSpill spill, long from) {
        int n = (int) spill.size();
        long[] ordered = new long[n * STRIDE];
        spill.forEach(CHUNK, (rows, count) -> {
            for (int at = 0; at < count * STRIDE; at += STRIDE) {
                int to = (int) ((rows[at + SliceRuns.ID] >> 8) - from) * STRIDE;
                System.arraycopy(rows, at, ordered, to, STRIDE);
            }
        });
        for (int row = 0; row < n; row += CHUNK) {
            sink.accept(batch(ordered, row * STRIDE, Math.min(n - row, CHUNK)));
        }
    }

    private EventBatch batch(long[] rows, int from, int n) {
        EventBatch batch = new EventBatch(TraceTables.SLICE, n);
        for (int row = 0; row < n; row++) {
            int at = from + row * STRIDE;
            long id = rows[at + SliceRuns.ID] >> 8;
            batch.longs(0)[row] = id;
            batch.longs(1)[row] = rows[at + SliceRuns.TS];
            batch.longs(2)[row] = rows[at + SliceRuns.DUR];
            batch.longs(3)[row] = trackIds[(int) (rows[at + PLACE] >> 32)];
            setText(batch, 4, row, SliceRuns.category(rows[at + SliceRuns.TEXTS]));
            setText(batch, 5, row, SliceRuns.name(rows[at + SliceRuns.TEXTS]));
            batch.longs(6)[row] = (int) rows[at + PLACE];
            setLong(batch, 7, row, rows[at + PARENT]);
            setLong(batch, 8, row, (byte) rows[at + SliceRuns.ID] == WITH_ARGS ? id : SliceColumns.NONE);
            setLong(batch, 9, row, rows[at + SliceRuns.CORRELATION]);
            setLong(batch, 10, row, rows[at + SliceRuns.EXTERNAL]);
        }
        batch.setSize(n);
        return batch;
    }

    private static void setLong(EventBatch batch, int column, int row, long value) {
        if (value == SliceColumns.NONE) {
            batch.setNull(column, row);
        } else {
            batch.longs(column)[row] = value;
        }
    }

    private void setText(EventBatch batch, int column, int row, int text) {
        if (text == SliceColumns.NO_TEXT) {
            batch.setNull(column, row);
        } else {
            batch.texts(column)[row] = texts[text];
        }
    }

    private int text(String value) {
        Integer known = textIds.get(value);
        if (known != null) {
            return known;
        }
        int fresh = textIds.size();
        if (fresh == texts.length) {
            texts = Arrays.copyOf(texts, fresh * 2);
        }
        texts[fresh] = value.getBytes(StandardCharsets.UTF_8);
        textIds.put(value, fresh);
        return fresh;
    }

    private int track(long trackId) {
        Integer known = tracks.get(trackId);
        if (known != null) {
            return known;
        }
        int fresh = tracks.size();
        if (fresh == trackIds.length) {
            trackIds = Arrays.copyOf(trackIds, fresh * 2);
        }
        trackIds[fresh] = trackId;
        tracks.put(trackId, fresh);
        return fresh;
    }
}
