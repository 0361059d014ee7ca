package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.Beside;
import dev.hourglass.core.read.Scratch;
import dev.hourglass.core.read.SliceRuns;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TextTable;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Turns the segments of one Chrome trace into the rows of the trace database.
///
/// Segments come in the order of the file. What an event tells by itself is handed over at once; what
/// needs the whole trace (the base of its times, nesting, links, tracks) is put aside in a [Scratch]
/// and handed over when all segments were there.
final class ChromeAssembler {
    private static final int CHUNK = 16_384;
    /// Kinds of extra arguments that have a value.
    private static final int EXTRA_KINDS = 3;

    private final Dictionary dictionary;
    private final Dictionary.Local numbers;
    private final BatchSink sink;
    private final ImportContext context;
    private final Scratch scratch;
    private final ChromeTracks tracks;
    private final SliceRuns runs;
    private final ChromePairs pairs = new ChromePairs();
    private final ChromeEndArgs endArgs;
    private final ChromeLinks links;
    private final ChromeFlows flows;
    private final ChromeSamples samples;
    /// Read by the threads of [#finish].
    private volatile byte[][] texts = new byte[0][];
    /// Slices by the number of their category, from [Segment#NO_TEXT] on.
    private long[] slicesByCategory = new long[256];
    private long slices;
    /// Identifier of the first slice; the others follow without a gap.
    private long firstId;
    private long flowEvents;
    private long counterEvents;
    private long metadataEvents;
    private final ChromeBounds bounds;

    ChromeAssembler(
            Dictionary dictionary, TrackKeys trackKeys, Scratch scratch, BatchSink sink, ImportContext context) {
        this.dictionary = dictionary;
        this.numbers = dictionary.local();
        this.sink = sink;
        this.context = context;
        this.scratch = scratch;
        this.tracks = new ChromeTracks(this, trackKeys, context);
        this.runs = new SliceRuns(scratch);
        this.endArgs = new ChromeEndArgs(this, pairs, scratch);
        this.links = new ChromeLinks(this, scratch);
        this.flows = new ChromeFlows(this, context);
        this.samples = new ChromeSamples(this, scratch);
        this.bounds = new ChromeBounds(this);
    }

    /// Takes the next segment of the file.
    void add(Segment segment) {
        segment.firstId = context.take(ImportContext.Id.SLICE, segment.slices);
        firstId = slices == 0 ? segment.firstId : firstId;
        context.stats().add(segment.stats);
        count(segment);
        tracks.separate(segment);
        tracks.learn(segment);
        pair(segment);
        frames(segment);
        runs.add(segment);
        links.add(segment);
        flows.add(segment);
        samples.add(segment);
        handOver(segment);
    }

    private void count(Segment segment) {
        slices += segment.slices;
        flowEvents += segment.flows.size + segment.correlationFlows;
        counterEvents += segment.counters.size;
        metadataEvents += segment.metadata.size;
        for (int i = 0; i < segment.slices; i++) {
            int at = segment.category[i] + 1;
            if (at >= slicesByCategory.length) {
                slicesByCategory = Arrays.copyOf(slicesByCategory, Integer.highestOneBit(at) << 1);
            }
            slicesByCategory[at]++;
        }
        bounds.add(segment);
    }

    private void pair(Segment segment) {
        if (segment.ends.size == 0 && segment.begins == 0) {
            return;
        }
        for (int i = 0; i < segment.slices; i++) {
            if (segment.isBegin(i)) {
                boolean sync = segment.phase[i] == 'B';
                pairs.begin(
                        segment.track[i], segment.ts[i], segment.firstId + i, sync ? Segment.NO_TEXT : segment.name[i]);
            }
        }
        endArgs.takeBegins(segment);
        int row = 0;
        for (int e = 0; e < segment.ends.size; e++) {
            boolean sync = segment.ends.get(e, Segment.END_PHASE) == 'E';
            int on = sync
                    ? (int) segment.ends.get(e, Segment.END_TRACK)
                    : tracks.async(
                            (int) segment.ends.get(e, Segment.END_CATEGORY), (int) segment.ends.get(e, Segment.END_ID));
            int edge = pairs.end(
                    on,
                    segment.ends.get(e, Segment.END_TS),
                    segment.firstId + segment.endAfter[e],
                    sync ? Segment.NO_TEXT : (int) segment.ends.get(e, Segment.END_NAME));
            row = endArgs.takeEnd(segment, e, edge, row);
        }
    }

    /// Says on the slices of Python functions which call each is, and which called it: they have no numbers of
    /// launches.
    private static void frames(Segment segment) {
        for (int r = 0; r < segment.pythons.size; r++) {
            int slice = (int) segment.pythons.get(r, 0);
            boolean numbered = segment.correlation[slice] != Segment.NONE || segment.externalId[slice] != Segment.NONE;
            if (segment.phase[slice] == 'X' && !numbered) {
                segment.phase[slice] = ChromeNesting.FRAME;
                segment.correlation[slice] = segment.pythons.get(r, 1);
                segment.externalId[slice] = segment.pythons.get(r, 2);
            }
        }
    }

    boolean isEmpty() {
        return slices == 0 && counterEvents == 0 && metadataEvents == 0;
    }

    byte[] text(int id) {
        byte[][] known = texts;
        if (id >= known.length) {
            known = dictionary.texts();
            texts = known;
        }
        return known[id];
    }

    String string(int id) {
        return id < 0 ? "" : new String(text(id), StandardCharsets.UTF_8);
    }

    Optional<byte[]> optionalText(long id) {
        return id < 0 ? Optional.empty() : Optional.of(text((int) id));
    }

    private void handOver(Segment segment) {
        ops(segment);
        pythons(segment);
        extras(segment);
        raws(segment);
    }

    private void ops(Segment segment) {
        Segment.Rows rows = segment.ops;
        if (rows.size == 0) {
            return;
        }
        EventBatch batch = new EventBatch(TraceTables.OP_DETAIL, rows.size);
        Columns columns = new Columns(batch, rows.size, dictionary)
                .of(rows.values, 0, rows.stride)
                .longs(0, 0, segment.firstId);
        long[] external = new long[rows.size];
        for (int r = 0; r < rows.size; r++) {
            external[r] = segment.externalId[(int) rows.get(r, 0)];
        }
        columns.of(external, 0, 1).longs(1, 0).of(rows.values, 0, rows.stride);
        for (int i = 0; i < Segment.OP_ARGS.length; i++) {
            if (Segment.OP_ARGS[i].form() == Arg.Form.TEXT) {
                columns.texts(2 + i, 1 + i);
            } else {
                columns.longs(2 + i, 1 + i);
            }
        }
        sink.accept(batch);
        rows.clear();
    }

    private void pythons(Segment segment) {
        Segment.Rows rows = segment.pythons;
        if (rows.size == 0) {
            return;
        }
        EventBatch batch = new EventBatch(TraceTables.PYTHON_CALL, rows.size);
        Columns columns = new Columns(batch, rows.size, dictionary)
                .of(rows.values, 0, rows.stride)
                .longs(0, 0, segment.firstId);
        for (int i = 1; i <= Segment.PYTHON_ARGS.length; i++) {
            columns.longs(i, i);
        }
        sink.accept(batch);
        rows.clear();
    }

    private void extras(Segment segment) {
        arguments(segment.extras.values, segment.extras.size, segment.firstId);
        segment.extras.clear();
    }

    /// Hands arguments over: whose they are, name, kind, value.
    ///
    /// @param first added to whose they are
    void arguments(long[] rows, int n, long first) {
        if (n == 0) {
            return;
        }
        EventBatch batch = new EventBatch(TraceTables.ARG_VALUE, n);
        long[] byKind = new long[n * EXTRA_KINDS];
        Arrays.fill(byKind, Segment.NONE);
        for (int r = 0; r < n; r++) {
            int kind = (int) rows[r * ChromeEndArgs.STRIDE + 2];
            if (kind < EXTRA_KINDS) {
                byKind[r * EXTRA_KINDS + kind] = rows[r * ChromeEndArgs.STRIDE + 3];
            }
        }
        new Columns(batch, n, dictionary)
                .of(rows, 0, ChromeEndArgs.STRIDE)
                .longs(0, 0, first)
                .texts(1, 1)
                .of(byKind, 0, EXTRA_KINDS)
                .longs(2, Segment.EXTRA_INTEGER)
                .reals(3, Segment.EXTRA_REAL, 1)
                .texts(4, Segment.EXTRA_TEXT);
        sink.accept(batch);
    }

    /// Those of begins wait for their ends.
    private void raws(Segment segment) {
        byte[][] raw = segment.rawArgs;
        int n = 0;
        for (int slice = 0; slice < raw.length; slice++) {
            n += raw[slice] == null || segment.isBegin(slice) ? 0 : 1;
        }
        if (n == 0) {
            return;
        }
        EventBatch batch = new EventBatch(TraceTables.RAW_ARGS, n);
        int row = 0;
        for (int slice = 0; slice < raw.length; slice++) {
            if (raw[slice] != null && !segment.isBegin(slice)) {
                batch.longs(0)[row] = segment.firstId + slice;
                batch.texts(1)[row++] = raw[slice];
            }
        }
        batch.setSize(n);
        sink.accept(batch);
        segment.rawArgs = new byte[0][];
    }

    /// Ends the trace: calls and the device work that they started are handed over on a thread of their own,
    /// beside the
    /// slices.
    ///
    /// @param baseNs what its times count from, added to each
    void finish(long baseNs) {
        countEvents();
        pairs.resolve(this);
        endArgs.write(sink);
        flows.sort();
        tracks.assign();
        tracks.write(sink);
        ChromeWhole whole = new ChromeWhole(tracks, pairs, context, sink, baseNs);
        try (Beside linked = Beside.start("link", () -> links.write(whole));
                ChromeSlices rows = new ChromeSlices(this, whole, runs, flows, scratch, firstId)) {
            rows.write();
            linked.join();
        }
        flows.write(sink);
        samples.write(tracks, context, sink, baseNs);
    }

    private void countEvents() {
        Map<String, Long> byName = new TreeMap<>();
        for (int at = 0; at < slicesByCategory.length; at++) {
            if (slicesByCategory[at] > 0) {
                byName.merge(at == 0 ? "uncategorised" : string(at - 1), slicesByCategory[at], Long::sum);
            }
        }
        byName.forEach(context.stats()::read);
        context.stats().read("flow", flowEvents);
        context.stats().read("counter", counterEvents);
        context.stats().read("metadata", metadataEvents);
    }

    /// When what is in the trace happened, as the file counts.
    ChromeBounds bounds() {
        return bounds;
    }

    /// A value per row of a segment.
    @FunctionalInterface
    interface LongOf {
        long at(int row);
    }

    /// Fills a column; [Segment#NONE] becomes NULL.
    static void column(EventBatch batch, int column, int n, LongOf value) {
        boolean any = false;
        for (int r = 0; r < n; r++) {
            long v = value.at(r);
            if (v == Segment.NONE) {
                batch.setNull(column, r);
            } else {
                batch.longs(column)[r] = v;
                any = true;
            }
        }
        if (!any) {
            batch.setAllNull(column);
        }
    }

    /// What numbers of texts mean.
    TextTable texts() {
        return dictionary;
    }

    /// The number of a text.
    int number(byte[] text) {
        return numbers.intern(text);
    }

    static int chunk() {
        return CHUNK;
    }

    void lost(String kind, Severity severity, long count) {
        if (count > 0) {
            context.stats().count(kind, severity, count, "whole file");
        }
    }

    static long[] filled(int n, long value) {
        long[] array = new long[n];
        Arrays.fill(array, value);
        return array;
    }
}
