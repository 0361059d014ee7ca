package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.RowSpill;
import dev.hourglass.core.read.Scratch;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.util.HashMap;
import java.util.Map;

/// What a trace tells about moments: values of counters and events of the allocator. Put aside until
/// tracks and the base of the times are known.
final class ChromeSamples {
    private static final int COUNTER_STRIDE = 6;
    private static final int MEMORY_HEAD = 3;
    private static final int MEMORY_STRIDE = MEMORY_HEAD + Segment.MEMORY_ARGS.length;

    private final ChromeAssembler assembler;
    private final RowSpill counters;
    private final RowSpill memories;

    ChromeSamples(ChromeAssembler assembler, Scratch scratch) {
        this.assembler = assembler;
        this.counters = new RowSpill(scratch, COUNTER_STRIDE);
        this.memories = new RowSpill(scratch, MEMORY_STRIDE);
    }

    /// Puts those of a segment aside.
    void add(Segment segment) {
        Segment.Rows c = segment.counters;
        for (int r = 0; r < c.size; r++) {
            int at = counters.add();
            System.arraycopy(c.values, r * c.stride, counters.values, at, COUNTER_STRIDE);
        }
        Segment.Rows m = segment.memories;
        for (int r = 0; r < m.size; r++) {
            int slice = (int) m.get(r, 0);
            int at = memories.add();
            memories.values[at] = segment.firstId + slice;
            memories.values[at + 1] = segment.ts[slice];
            memories.values[at + 2] = segment.track[slice];
            System.arraycopy(m.values, r * m.stride + 1, memories.values, at + MEMORY_HEAD, m.stride - 1);
        }
    }

    void write(ChromeTracks tracks, ImportContext context, BatchSink sink, long base) {
        memories.forEach(ChromeAssembler.chunk(), (rows, n) -> {
            EventBatch batch = new EventBatch(TraceTables.MEMORY_EVENT, n);
            ChromeAssembler.column(batch, 0, n, r -> rows[r * MEMORY_STRIDE]);
            ChromeAssembler.column(batch, 1, n, r -> base + rows[r * MEMORY_STRIDE + 1]);
            ChromeAssembler.column(batch, 2, n, r -> tracks.id((int) rows[r * MEMORY_STRIDE + 2]));
            for (int r = 0; r < n; r++) {
                batch.texts(3)[r] = CopyName.deviceType(rows[r * MEMORY_STRIDE + MEMORY_HEAD]);
            }
            for (int i = 1; i < Segment.MEMORY_ARGS.length; i++) {
                int from = MEMORY_HEAD + i;
                ChromeAssembler.column(batch, 3 + i, n, r -> rows[r * MEMORY_STRIDE + from]);
            }
            ChromeAssembler.column(batch, 9, n, r -> context.sourceId());
            batch.setSize(n);
            sink.accept(batch);
        });
        counters(tracks, context, sink, base);
    }

    private record CounterKey(int track, int name, int series, int id) {}

    private void counters(ChromeTracks tracks, ImportContext context, BatchSink sink, long base) {
        Map<CounterKey, Long> known = new HashMap<>();
        try (RowWriter trackRows = new RowWriter(TraceTables.TRACK, sink);
                RowWriter rows = new RowWriter(TraceTables.COUNTER, sink)) {
            counters.forEach(ChromeAssembler.chunk(), (values, n) -> {
                for (int at = 0; at < n * COUNTER_STRIDE; at += COUNTER_STRIDE) {
                    CounterKey key = new CounterKey(
                            (int) values[at + Segment.COUNTER_TRACK],
                            (int) values[at + Segment.COUNTER_NAME],
                            (int) values[at + Segment.COUNTER_SERIES],
                            (int) values[at + Segment.COUNTER_ID]);
                    long track = known.computeIfAbsent(key, k -> counterTrack(k, tracks, context, trackRows));
                    rows.set("id", context.take(ImportContext.Id.COUNTER, 1))
                            .set("ts", base + values[at + Segment.COUNTER_TS])
                            .set("track_id", track)
                            .set("value", Double.longBitsToDouble(values[at + Segment.COUNTER_VALUE]))
                            .end();
                }
            });
        }
    }

    private long counterTrack(CounterKey key, ChromeTracks tracks, ImportContext context, RowWriter rows) {
        long id = context.take(ImportContext.Id.TRACK, 1);
        String name = assembler.string(key.name());
        String series = assembler.string(key.series());
        rows.set("id", id)
                .set(
                        "name",
                        series.isEmpty() || series.equals(name) || series.equals("value") ? name : name + " " + series)
                .set("type", "counter")
                .set("upid", tracks.processOf(key.track()))
                .set("source_id", context.sourceId())
                .end();
        return id;
    }
}
