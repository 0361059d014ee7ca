package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Hands over the rows of a trace that is nested and has its tracks.
final class ChromeRows {
    private final ChromeAssembler assembler;
    private final ChromeTimeline timeline;
    private final ChromeTracks tracks;
    private final ImportContext context;
    private final BatchSink sink;
    private final long base;
    private final Launches launches;

    ChromeRows(
            ChromeAssembler assembler,
            ChromeTimeline timeline,
            ChromeTracks tracks,
            ImportContext context,
            BatchSink sink,
            long base) {
        this.assembler = assembler;
        this.timeline = timeline;
        this.tracks = tracks;
        this.context = context;
        this.sink = sink;
        this.base = base;
        this.launches = new Launches(assembler, timeline);
    }

    void write() {
        countEvents();
        for (int s = 0; s < timeline.segments().size(); s++) {
            Segment segment = timeline.segments().get(s);
            int first = timeline.firstOf[s];
            slices(segment, first);
            kernels(segment, first);
            copies(segment, first);
            memories(segment, first);
        }
        launches.write(sink, tracks, context, base);
        new ChromeFlows(assembler, timeline, context).write(sink);
        launches.writeFlows(sink, context, assembler);
        counters();
        new ChromeStages(assembler, timeline, tracks, context, base).write(sink);
    }

    private void countEvents() {
        Map<Integer, Long> byCategory = new HashMap<>();
        long flows = 0;
        long counters = 0;
        long metadata = 0;
        for (Segment segment : timeline.segments()) {
            for (int i = 0; i < segment.slices; i++) {
                byCategory.merge(segment.category[i], 1L, Long::sum);
            }
            flows += segment.flows.size + segment.correlationFlows;
            counters += segment.counters.size;
            metadata += segment.metadata.size;
        }
        Map<String, Long> byName = new TreeMap<>();
        byCategory.forEach((category, count) ->
                byName.merge(category < 0 ? "uncategorised" : assembler.string(category), count, Long::sum));
        byName.forEach(context.stats()::read);
        context.stats().read("flow", flows);
        context.stats().read("counter", counters);
        context.stats().read("metadata", metadata);
    }

    private void slices(Segment segment, int first) {
        int n = segment.slices;
        if (n == 0) {
            return;
        }
        EventBatch batch = new EventBatch(TraceTables.SLICE, n);
        long[] id = batch.longs(0);
        long[] ts = batch.longs(1);
        long[] dur = batch.longs(2);
        long[] track = batch.longs(3);
        long[] depth = batch.longs(6);
        for (int i = 0; i < n; i++) {
            int slice = first + i;
            id[i] = segment.firstId + i;
            ts[i] = base + segment.ts[i];
            dur[i] = timeline.dur[slice];
            track[i] = tracks.id(timeline.track[slice]);
            depth[i] = timeline.depth[slice];
        }
        assembler.textColumn(batch, 4, n, i -> segment.category[i]);
        assembler.textColumn(batch, 5, n, i -> segment.name[i]);
        ChromeAssembler.column(batch, 7, n, i -> {
            int parent = timeline.parent[first + i];
            return parent < 0 ? Segment.NONE : timeline.id(parent);
        });
        ChromeAssembler.column(batch, 8, n, i -> segment.firstId + i);
        ChromeAssembler.column(batch, 9, n, i -> segment.correlation[i]);
        ChromeAssembler.column(batch, 10, n, i -> segment.externalId[i]);
        batch.setSize(n);
        sink.accept(batch);
    }

    private static int at(dev.hourglass.core.trace.Table table, String column) {
        return table.indexOf(column);
    }

    private void kernels(Segment segment, int first) {
        Segment.Rows rows = segment.kernels;
        int n = rows.size;
        if (n == 0) {
            return;
        }
        var table = TraceTables.KERNEL;
        EventBatch batch = new EventBatch(table, n);
        device(batch, segment, first, rows);
        ChromeAssembler.column(batch, at(table, "graph_id"), n, r -> rows.get(r, 4));
        ChromeAssembler.column(batch, at(table, "graph_node_id"), n, r -> rows.get(r, 5));
        String[] whole = {"grid_x", "grid_y", "grid_z", "block_x", "block_y", "block_z", "registers", "shared_bytes"};
        for (int i = 0; i < whole.length; i++) {
            int from = 6 + i;
            ChromeAssembler.column(batch, at(table, whole[i]), n, r -> rows.get(r, from));
        }
        ChromeAssembler.realColumn(batch, at(table, "blocks_per_sm"), n, r -> rows.get(r, 14));
        ChromeAssembler.realColumn(batch, at(table, "warps_per_sm"), n, r -> rows.get(r, 15));
        ChromeAssembler.realColumn(batch, at(table, "occupancy_ratio"), n, r -> scaled(rows.get(r, 16), 0.01));
        ChromeAssembler.column(batch, at(table, "queued_ns"), n, r -> rows.get(r, 17));
        ChromeAssembler.column(batch, at(table, "priority"), n, r -> rows.get(r, 18));
        assembler.textColumn(batch, at(table, "collective"), n, r -> rows.get(r, 19));
        assembler.textColumn(batch, at(table, "process_group"), n, r -> rows.get(r, 20));
        ChromeAssembler.column(batch, at(table, "message_bytes"), n, r -> messageBytes(rows, r));
        batch.setSize(n);
        sink.accept(batch);
    }

    /// Percent to ratio and the like, on the bits of a double.
    private static long scaled(long bits, double factor) {
        return bits == Segment.NONE ? bits : Double.doubleToRawLongBits(Double.longBitsToDouble(bits) * factor);
    }

    private long messageBytes(Segment.Rows rows, int row) {
        long elements = rows.get(row, 21);
        long dtype = rows.get(row, 22);
        if (elements == Segment.NONE || dtype == Segment.NONE) {
            return Segment.NONE;
        }
        int size = elementBytes(assembler.string((int) dtype));
        return size == 0 ? Segment.NONE : elements * size;
    }

    private static int elementBytes(String dtype) {
        return switch (dtype) {
            case "Byte", "Char", "Bool", "Float8_e4m3fn", "Float8_e5m2" -> 1;
            case "Half", "BFloat16", "Short" -> 2;
            case "Float", "Int" -> 4;
            case "Double", "Long" -> 8;
            default -> 0;
        };
    }

    /// The columns that kernels and copies share.
    private void device(EventBatch batch, Segment segment, int first, Segment.Rows rows) {
        int n = rows.size;
        var table = batch.table();
        ChromeAssembler.column(batch, at(table, "id"), n, r -> segment.firstId + rows.get(r, 0));
        ChromeAssembler.column(batch, at(table, "ts"), n, r -> base + segment.ts[(int) rows.get(r, 0)]);
        ChromeAssembler.column(batch, at(table, "dur"), n, r -> timeline.dur[first + (int) rows.get(r, 0)]);
        assembler.textColumn(batch, at(table, "name"), n, r -> segment.name[(int) rows.get(r, 0)]);
        ChromeAssembler.column(
                batch, at(table, "device"), n, r -> orElse(rows.get(r, 1), tracks.device(track(segment, rows, r))));
        ChromeAssembler.column(batch, at(table, "context"), n, r -> rows.get(r, 2));
        ChromeAssembler.column(
                batch, at(table, "stream"), n, r -> orElse(rows.get(r, 3), tracks.stream(track(segment, rows, r))));
        ChromeAssembler.column(batch, at(table, "correlation"), n, r -> segment.correlation[(int) rows.get(r, 0)]);
        ChromeAssembler.column(batch, at(table, "external_id"), n, r -> segment.externalId[(int) rows.get(r, 0)]);
        int[] launch = new int[n];
        for (int r = 0; r < n; r++) {
            launch[r] = launches.find(first + (int) rows.get(r, 0));
        }
        ChromeAssembler.column(
                batch, at(table, "launch_id"), n, r -> launch[r] < 0 ? Segment.NONE : launches.sliceId(launch[r]));
        ChromeAssembler.column(batch, at(table, "track_id"), n, r -> tracks.id(track(segment, rows, r)));
        ChromeAssembler.column(
                batch,
                at(table, "upid"),
                n,
                r -> launch[r] < 0 ? Segment.NONE : tracks.upid(launches.track(launch[r])));
        ChromeAssembler.column(batch, at(table, "source_id"), n, r -> context.sourceId());
    }

    private static int track(Segment segment, Segment.Rows rows, int row) {
        return segment.track[(int) rows.get(row, 0)];
    }

    private static long orElse(long value, long other) {
        return value != Segment.NONE ? value : other;
    }

    /// Copies have a row; memsets only count as work that a call started.
    private void copies(Segment segment, int first) {
        Segment.Rows all = segment.copies;
        Segment.Rows rows = new Segment.Rows(all.stride);
        for (int r = 0; r < all.size; r++) {
            if (assembler.string(segment.category[(int) all.get(r, 0)]).equals("gpu_memcpy")) {
                int at = rows.add();
                System.arraycopy(all.values, r * all.stride, rows.values, at, all.stride);
            } else {
                launches.find(first + (int) all.get(r, 0));
            }
        }
        if (rows.size > 0) {
            copies(segment, first, rows);
        }
    }

    private void copies(Segment segment, int first, Segment.Rows rows) {
        int n = rows.size;
        var table = TraceTables.MEMCPY;
        EventBatch batch = new EventBatch(table, n);
        device(batch, segment, first, rows);
        ChromeAssembler.column(batch, at(table, "bytes"), n, r -> rows.get(r, 4));
        ChromeAssembler.realColumn(batch, at(table, "bandwidth"), n, r -> scaled(rows.get(r, 5), 1e9));
        ChromeAssembler.column(batch, at(table, "src_device"), n, r -> rows.get(r, 6));
        ChromeAssembler.column(batch, at(table, "dst_device"), n, r -> rows.get(r, 7));
        ChromeAssembler.column(batch, at(table, "graph_node_id"), n, r -> rows.get(r, 8));
        for (int r = 0; r < n; r++) {
            String name = assembler.string(segment.name[(int) rows.get(r, 0)]);
            batch.texts(at(table, "kind"))[r] = CopyName.kind(name);
            batch.texts(at(table, "src_kind"))[r] = CopyName.from(name);
            batch.texts(at(table, "dst_kind"))[r] = CopyName.to(name);
        }
        batch.setSize(n);
        sink.accept(batch);
    }

    private void memories(Segment segment, int first) {
        Segment.Rows rows = segment.memories;
        int n = rows.size;
        if (n == 0) {
            return;
        }
        EventBatch batch = new EventBatch(TraceTables.MEMORY_EVENT, n);
        ChromeAssembler.column(batch, 0, n, r -> segment.firstId + rows.get(r, 0));
        ChromeAssembler.column(batch, 1, n, r -> base + segment.ts[(int) rows.get(r, 0)]);
        ChromeAssembler.column(batch, 2, n, r -> tracks.id(timeline.track[first + (int) rows.get(r, 0)]));
        for (int r = 0; r < n; r++) {
            batch.texts(3)[r] = CopyName.deviceType(rows.get(r, 1));
        }
        for (int i = 2; i <= Segment.MEMORY_ARGS.length; i++) {
            int from = i;
            ChromeAssembler.column(batch, 2 + i, n, r -> rows.get(r, from));
        }
        ChromeAssembler.column(batch, 9, n, r -> context.sourceId());
        batch.setSize(n);
        sink.accept(batch);
    }

    private record CounterKey(int track, int name, int series, int id) {}

    private void counters() {
        Map<CounterKey, Long> known = new HashMap<>();
        try (RowWriter trackRows = new RowWriter(TraceTables.TRACK, sink);
                RowWriter rows = new RowWriter(TraceTables.COUNTER, sink)) {
            for (Segment segment : timeline.segments()) {
                Segment.Rows c = segment.counters;
                for (int r = 0; r < c.size; r++) {
                    CounterKey key = new CounterKey(
                            (int) c.get(r, Segment.COUNTER_TRACK),
                            (int) c.get(r, Segment.COUNTER_NAME),
                            (int) c.get(r, Segment.COUNTER_SERIES),
                            (int) c.get(r, Segment.COUNTER_ID));
                    long track = known.computeIfAbsent(key, k -> counterTrack(k, trackRows));
                    rows.set("id", context.take(ImportContext.Id.COUNTER, 1))
                            .set("ts", base + c.get(r, Segment.COUNTER_TS))
                            .set("track_id", track)
                            .set("value", Double.longBitsToDouble(c.get(r, Segment.COUNTER_VALUE)))
                            .end();
                }
            }
        }
    }

    private long counterTrack(CounterKey key, RowWriter rows) {
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

    /// Links from launch calls to device work.
    static final class Launches {
        private final ChromeAssembler assembler;
        private final ChromeTimeline timeline;
        private int[] slices = new int[1024];
        private byte[] kinds = new byte[1024];
        private int n;
        private int[] next = new int[1024];
        private int[] ops = new int[1024];
        private long[] firstTs = new long[1024];
        private long[] lastEnd = new long[1024];
        /// Open addressing from correlation to the first call with it.
        private long[] keys = new long[1 << 12];
        private int[] heads = new int[1 << 12];
        private int distinct;
        private long[] flowOut = new long[1024];
        private long[] flowIn = new long[1024];
        private long[] flowTrace = new long[1024];
        private int flows;
        private long unlinked;

        Launches(ChromeAssembler assembler, ChromeTimeline timeline) {
            this.assembler = assembler;
            this.timeline = timeline;
            java.util.Arrays.fill(heads, -1);
            Map<Integer, Boolean> isCall = new HashMap<>();
            for (int s = 0; s < timeline.segments().size(); s++) {
                Segment segment = timeline.segments().get(s);
                int lastCategory = Integer.MIN_VALUE;
                boolean last = false;
                for (int i = 0; i < segment.slices; i++) {
                    int category = segment.category[i];
                    if (category != lastCategory) {
                        lastCategory = category;
                        last = category >= 0
                                && isCall.computeIfAbsent(category, c -> CallName.isCall(assembler.string(c)));
                    }
                    if (last) {
                        add(timeline.firstOf[s] + i, segment.correlation[i], segment.name[i]);
                    }
                }
            }
        }

        private final Map<Integer, Byte> kindOf = new HashMap<>();

        private void add(int slice, long correlation, int name) {
            if (n == slices.length) {
                int capacity = n * 2;
                slices = java.util.Arrays.copyOf(slices, capacity);
                kinds = java.util.Arrays.copyOf(kinds, capacity);
                next = java.util.Arrays.copyOf(next, capacity);
                ops = java.util.Arrays.copyOf(ops, capacity);
                firstTs = java.util.Arrays.copyOf(firstTs, capacity);
                lastEnd = java.util.Arrays.copyOf(lastEnd, capacity);
            }
            slices[n] = slice;
            kinds[n] = kindOf.computeIfAbsent(name, id -> CallName.kind(assembler.string(id)));
            next[n] = -1;
            firstTs[n] = Segment.NONE;
            lastEnd[n] = Segment.NONE;
            if (correlation != Segment.NONE) {
                link(correlation, n);
            }
            n++;
        }

        private void link(long correlation, int launch) {
            if (distinct * 2 > heads.length) {
                grow();
            }
            int slot = slot(correlation);
            if (heads[slot] < 0) {
                distinct++;
            }
            next[launch] = heads[slot];
            keys[slot] = correlation;
            heads[slot] = launch;
        }

        private int slot(long correlation) {
            int mask = heads.length - 1;
            int slot = (int) ((correlation * 0x9E3779B97F4A7C15L) >>> 40) & mask;
            while (heads[slot] >= 0 && keys[slot] != correlation) {
                slot = (slot + 1) & mask;
            }
            return slot;
        }

        private void grow() {
            long[] oldKeys = keys;
            int[] oldHeads = heads;
            keys = new long[oldKeys.length * 2];
            heads = new int[oldHeads.length * 2];
            java.util.Arrays.fill(heads, -1);
            for (int i = 0; i < oldHeads.length; i++) {
                if (oldHeads[i] >= 0) {
                    int slot = slot(oldKeys[i]);
                    keys[slot] = oldKeys[i];
                    heads[slot] = oldHeads[i];
                }
            }
        }

        /// The call that started a piece of device work, or -1; also counts the work for the call. Of
        /// several calls with the number, as merged traces of several processes have them, it is one
        /// that can start work, and the latest that does not begin after the work.
        int find(int slice) {
            int s = timeline.segmentOf(slice);
            long correlation = timeline.segments().get(s).correlation[slice - timeline.firstOf[s]];
            int found = correlation == Segment.NONE ? -1 : best(correlation, timeline.ts[slice]);
            if (found < 0) {
                unlinked++;
                return -1;
            }
            ops[found]++;
            long end = timeline.ts[slice] + Math.max(0, timeline.dur[slice]);
            firstTs[found] =
                    firstTs[found] == Segment.NONE ? timeline.ts[slice] : Math.min(firstTs[found], timeline.ts[slice]);
            lastEnd[found] = Math.max(lastEnd[found], end);
            flow(sliceId(found), timeline.id(slice), correlation);
            return found;
        }

        private int best(long correlation, long ts) {
            int found = -1;
            for (int launch = heads[slot(correlation)]; launch >= 0; launch = next[launch]) {
                if (found < 0 || better(launch, found, ts)) {
                    found = launch;
                }
            }
            return found;
        }

        private boolean better(int a, int b, long ts) {
            boolean starts = CallName.startsWork(kinds[a]);
            if (starts != CallName.startsWork(kinds[b])) {
                return starts;
            }
            long ta = timeline.ts[slices[a]];
            long tb = timeline.ts[slices[b]];
            boolean before = ta <= ts;
            if (before != (tb <= ts)) {
                return before;
            }
            return before ? ta > tb : ta < tb;
        }

        private void flow(long out, long in, long correlation) {
            if (flows == flowOut.length) {
                flowOut = java.util.Arrays.copyOf(flowOut, flows * 2);
                flowIn = java.util.Arrays.copyOf(flowIn, flows * 2);
                flowTrace = java.util.Arrays.copyOf(flowTrace, flows * 2);
            }
            flowOut[flows] = out;
            flowIn[flows] = in;
            flowTrace[flows++] = correlation;
        }

        long sliceId(int launch) {
            return timeline.id(slices[launch]);
        }

        int track(int launch) {
            return timeline.track[slices[launch]];
        }

        void write(BatchSink sink, ChromeTracks tracks, ImportContext context, long base) {
            if (unlinked > 0) {
                context.stats().count("device_work_without_call", Severity.INFO, unlinked, "whole file");
            }
            int chunk = ChromeAssembler.chunk();
            for (int from = 0; from < n; from += chunk) {
                sink.accept(batch(from, Math.min(n, from + chunk), tracks, context, base));
            }
        }

        private EventBatch batch(int from, int to, ChromeTracks tracks, ImportContext context, long base) {
            EventBatch batch = new EventBatch(TraceTables.LAUNCH, to - from);
            int rows = to - from;
            int[] segment = new int[rows];
            int[] index = new int[rows];
            for (int r = 0; r < rows; r++) {
                segment[r] = timeline.segmentOf(slices[from + r]);
                index[r] = slices[from + r] - timeline.firstOf[segment[r]];
            }
            ChromeAssembler.column(batch, 0, rows, r -> timeline.segments().get(segment[r]).firstId + index[r]);
            ChromeAssembler.column(batch, 1, rows, r -> base + timeline.ts[slices[from + r]]);
            ChromeAssembler.column(batch, 2, rows, r -> timeline.dur[slices[from + r]]);
            assembler.textColumn(batch, 3, rows, r -> timeline.segments().get(segment[r]).name[index[r]]);
            for (int r = 0; r < rows; r++) {
                batch.texts(4)[r] = CallName.word(kinds[from + r]);
            }
            ChromeAssembler.column(batch, 5, rows, r -> timeline.segments().get(segment[r]).correlation[index[r]]);
            ChromeAssembler.column(batch, 6, rows, r -> timeline.segments().get(segment[r]).externalId[index[r]]);
            ChromeAssembler.column(batch, 7, rows, r -> ops[from + r]);
            ChromeAssembler.column(batch, 8, rows, r -> shifted(firstTs[from + r], base));
            ChromeAssembler.column(batch, 9, rows, r -> shifted(lastEnd[from + r], base));
            ChromeAssembler.column(batch, 10, rows, r -> tracks.id(track(from + r)));
            ChromeAssembler.column(batch, 11, rows, r -> tracks.utid(track(from + r)));
            ChromeAssembler.column(batch, 12, rows, r -> tracks.upid(track(from + r)));
            ChromeAssembler.column(batch, 13, rows, r -> context.sourceId());
            batch.setSize(rows);
            return batch;
        }

        private static long shifted(long value, long base) {
            return value == Segment.NONE ? value : base + value;
        }

        void writeFlows(BatchSink sink, ImportContext context, ChromeAssembler assembler) {
            int chunk = ChromeAssembler.chunk();
            byte[] category = "ac2g".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            for (int from = 0; from < flows; from += chunk) {
                int begin = from;
                int rows = Math.min(flows - from, chunk);
                long id = context.take(ImportContext.Id.FLOW, rows);
                EventBatch batch = new EventBatch(TraceTables.FLOW, rows);
                ChromeAssembler.column(batch, 0, rows, r -> id + r);
                ChromeAssembler.column(batch, 1, rows, r -> flowOut[begin + r]);
                ChromeAssembler.column(batch, 2, rows, r -> flowIn[begin + r]);
                java.util.Arrays.fill(batch.texts(3), category);
                ChromeAssembler.column(batch, 4, rows, r -> flowTrace[begin + r]);
                batch.setSize(rows);
                sink.accept(batch);
            }
        }
    }
}
