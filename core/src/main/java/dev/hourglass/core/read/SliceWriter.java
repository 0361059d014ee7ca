package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Gathers the slices of one source, nests them when all are there, and hands them over.
///
/// Holds about 60 bytes per slice until it is closed. For readers of modest inputs.
public final class SliceWriter implements AutoCloseable {
    private static final int CHUNK = 8192;
    private static final int NO_TEXT = -1;

    private final BatchSink sink;
    private final ImportContext context;
    private final Map<String, Integer> textIds = new HashMap<>();
    private byte[][] texts = new byte[256][];
    private final Map<Long, Integer> tracks = new HashMap<>();
    private long[] trackIds = new long[16];

    private int n;
    private long[] id = new long[1024];
    private int[] track = new int[1024];
    private long[] ts = new long[1024];
    private long[] dur = new long[1024];
    private int[] name = new int[1024];
    private int[] category = new int[1024];
    private long[] argSet = new long[1024];
    private long[] correlation = new long[1024];
    private long[] externalId = new long[1024];

    public SliceWriter(BatchSink sink, ImportContext context) {
        this.sink = sink;
        this.context = context;
    }

    /// Adds a slice and returns its identifier. What else is known of it is told by the calls that
    /// follow, before the next slice.
    ///
    /// @param dur 0 for an instant, -1 where the end is not known
    public long add(long trackId, long ts, long dur, String name, @Nullable String category) {
        if (n == id.length) {
            grow();
        }
        long fresh = context.take(ImportContext.Id.SLICE, 1);
        this.id[n] = fresh;
        this.track[n] = track(trackId);
        this.ts[n] = ts;
        this.dur[n] = dur;
        this.name[n] = text(name);
        this.category[n] = category == null ? NO_TEXT : text(category);
        this.argSet[n] = Long.MIN_VALUE;
        this.correlation[n] = Long.MIN_VALUE;
        this.externalId[n] = Long.MIN_VALUE;
        n++;
        return fresh;
    }

    /// The last slice has arguments: rows of `arg_value` under its own identifier.
    public SliceWriter withArgs() {
        argSet[n - 1] = id[n - 1];
        return this;
    }

    /// The last slice shares a number with a launch call or with device work.
    public SliceWriter withCorrelation(long value) {
        correlation[n - 1] = value;
        return this;
    }

    /// The last slice shares a number with an operator.
    public SliceWriter withExternalId(long value) {
        externalId[n - 1] = value;
        return this;
    }

    /// Nests and hands over everything.
    @Override
    public void close() {
        int[] depth = new int[n];
        int[] parent = new int[n];
        Nesting.nest(n, track, ts, dur, depth, parent);
        for (int from = 0; from < n; from += CHUNK) {
            sink.accept(batch(from, Math.min(n, from + CHUNK), depth, parent));
        }
        n = 0;
    }

    private EventBatch batch(int from, int to, int[] depth, int[] parent) {
        EventBatch batch = new EventBatch(TraceTables.SLICE, to - from);
        for (int i = from; i < to; i++) {
            int row = i - from;
            batch.longs(0)[row] = id[i];
            batch.longs(1)[row] = ts[i];
            batch.longs(2)[row] = dur[i];
            batch.longs(3)[row] = trackIds[track[i]];
            setText(batch, 4, row, category[i]);
            setText(batch, 5, row, name[i]);
            batch.longs(6)[row] = depth[i];
            setLong(batch, 7, row, parent[i] < 0 ? Long.MIN_VALUE : id[parent[i]]);
            setLong(batch, 8, row, argSet[i]);
            setLong(batch, 9, row, correlation[i]);
            setLong(batch, 10, row, externalId[i]);
        }
        batch.setSize(to - from);
        return batch;
    }

    private static void setLong(EventBatch batch, int column, int row, long value) {
        if (value == Long.MIN_VALUE) {
            batch.setNull(column, row);
        } else {
            batch.longs(column)[row] = value;
        }
    }

    private void setText(EventBatch batch, int column, int row, int text) {
        if (text == NO_TEXT) {
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

    private void grow() {
        int capacity = n * 2;
        id = Arrays.copyOf(id, capacity);
        track = Arrays.copyOf(track, capacity);
        ts = Arrays.copyOf(ts, capacity);
        dur = Arrays.copyOf(dur, capacity);
        name = Arrays.copyOf(name, capacity);
        category = Arrays.copyOf(category, capacity);
        argSet = Arrays.copyOf(argSet, capacity);
        correlation = Arrays.copyOf(correlation, capacity);
        externalId = Arrays.copyOf(externalId, capacity);
    }
}
