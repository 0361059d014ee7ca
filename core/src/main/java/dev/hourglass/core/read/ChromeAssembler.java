package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Turns the segments of one Chrome trace into the rows of the trace database.
///
/// Segments come in the order of the file. What an event tells by itself is handed over at once;
/// what needs the whole trace (the base of its times, nesting, links, tracks) when all are there.
final class ChromeAssembler {
    private static final int CHUNK = 16_384;

    private final Dictionary dictionary;
    private final TrackKeys trackKeys;
    private final BatchSink sink;
    private final ImportContext context;
    private final List<Segment> segments = new ArrayList<>();
    private byte[][] texts = new byte[0][];
    private int slices;

    ChromeAssembler(Dictionary dictionary, TrackKeys trackKeys, BatchSink sink, ImportContext context) {
        this.dictionary = dictionary;
        this.trackKeys = trackKeys;
        this.sink = sink;
        this.context = context;
    }

    /// Takes the next segment of the file.
    void add(Segment segment) {
        segment.firstId = context.take(ImportContext.Id.SLICE, segment.slices);
        context.stats().add(segment.stats);
        slices += segment.slices;
        segments.add(segment);
        handOver(segment);
    }

    boolean isEmpty() {
        return segments.stream().allMatch(s -> s.slices == 0 && s.counters.size == 0 && s.metadata.size == 0);
    }

    byte[] text(int id) {
        if (id >= texts.length) {
            texts = dictionary.texts();
        }
        return texts[id];
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
        for (int r = 0; r < rows.size; r++) {
            int slice = (int) rows.get(r, 0);
            batch.longs(0)[r] = segment.firstId + slice;
        }
        column(batch, 1, rows.size, r -> segment.externalId[(int) rows.get(r, 0)]);
        int column = 2;
        for (int i = 0; i < Segment.OP_ARGS.length; i++) {
            int at = 1 + i;
            if (Segment.OP_ARGS[i].form() == Arg.Form.TEXT) {
                textColumn(batch, column + i, rows.size, r -> rows.get(r, at));
            } else {
                column(batch, column + i, rows.size, r -> rows.get(r, at));
            }
        }
        batch.setSize(rows.size);
        sink.accept(batch);
        rows.clear();
    }

    private void pythons(Segment segment) {
        Segment.Rows rows = segment.pythons;
        if (rows.size == 0) {
            return;
        }
        EventBatch batch = new EventBatch(TraceTables.PYTHON_CALL, rows.size);
        column(batch, 0, rows.size, r -> segment.firstId + rows.get(r, 0));
        for (int i = 1; i <= Segment.PYTHON_ARGS.length; i++) {
            int at = i;
            column(batch, i, rows.size, r -> rows.get(r, at));
        }
        batch.setSize(rows.size);
        sink.accept(batch);
        rows.clear();
    }

    private void extras(Segment segment) {
        Segment.Rows rows = segment.extras;
        if (rows.size == 0) {
            return;
        }
        EventBatch batch = new EventBatch(TraceTables.ARG_VALUE, rows.size);
        column(batch, 0, rows.size, r -> segment.firstId + rows.get(r, 0));
        textColumn(batch, 1, rows.size, r -> rows.get(r, 1));
        column(batch, 2, rows.size, r -> rows.get(r, 2) == Segment.EXTRA_INTEGER ? rows.get(r, 3) : Segment.NONE);
        realColumn(batch, 3, rows.size, r -> rows.get(r, 2) == Segment.EXTRA_REAL ? rows.get(r, 3) : Segment.NONE);
        textColumn(batch, 4, rows.size, r -> rows.get(r, 2) == Segment.EXTRA_TEXT ? rows.get(r, 3) : Segment.NO_TEXT);
        batch.setSize(rows.size);
        sink.accept(batch);
        rows.clear();
    }

    private void raws(Segment segment) {
        byte[][] raw = segment.rawArgs;
        int n = 0;
        for (byte[] json : raw) {
            n += json == null ? 0 : 1;
        }
        if (n == 0) {
            return;
        }
        EventBatch batch = new EventBatch(TraceTables.RAW_ARGS, n);
        int row = 0;
        for (int slice = 0; slice < raw.length; slice++) {
            if (raw[slice] != null) {
                batch.longs(0)[row] = segment.firstId + slice;
                batch.texts(1)[row++] = raw[slice];
            }
        }
        batch.setSize(n);
        sink.accept(batch);
        segment.rawArgs = new byte[0][];
    }

    /// Ends the trace.
    ///
    /// @param baseNs what its times count from, added to each
    void finish(long baseNs) {
        ChromeTimeline timeline = new ChromeTimeline(this, segments, slices, trackKeys, context);
        timeline.build();
        ChromeTracks tracks = new ChromeTracks(this, timeline, trackKeys, context);
        tracks.write(sink);
        new ChromeRows(this, timeline, tracks, context, sink, baseNs).write();
    }

    /// The earliest time of the trace as the file counts; [Segment#NONE] without any.
    long earliest() {
        long earliest = Long.MAX_VALUE;
        for (Segment segment : segments) {
            for (int i = 0; i < segment.slices; i++) {
                earliest = Math.min(earliest, segment.ts[i]);
            }
            for (int i = 0; i < segment.counters.size; i++) {
                earliest = Math.min(earliest, segment.counters.get(i, Segment.COUNTER_TS));
            }
        }
        return earliest == Long.MAX_VALUE ? Segment.NONE : earliest;
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

    /// Fills a column of doubles that are held as bits.
    static void realColumn(EventBatch batch, int column, int n, LongOf bits) {
        boolean any = false;
        for (int r = 0; r < n; r++) {
            long v = bits.at(r);
            double real = Double.longBitsToDouble(v);
            if (v == Segment.NONE || !Double.isFinite(real)) {
                batch.setNull(column, r);
            } else {
                batch.doubles(column)[r] = real;
                any = true;
            }
        }
        if (!any) {
            batch.setAllNull(column);
        }
    }

    /// Fills a column of texts that are held as numbers.
    void textColumn(EventBatch batch, int column, int n, LongOf text) {
        boolean any = false;
        for (int r = 0; r < n; r++) {
            long id = text.at(r);
            if (id < 0) {
                batch.setNull(column, r);
            } else {
                batch.texts(column)[r] = text((int) id);
                any = true;
            }
        }
        if (!any) {
            batch.setAllNull(column);
        }
    }

    static int chunk() {
        return CHUNK;
    }

    static Table stageTable() {
        return EngineTables.STAGE;
    }

    void lost(String kind, Severity severity, long count) {
        if (count > 0) {
            context.stats().count(kind, severity, count, "whole file");
        }
    }

    static RowWriter rows(Table table, BatchSink sink) {
        return new RowWriter(table, sink);
    }

    static int[] filled(int n, int value) {
        int[] array = new int[n];
        Arrays.fill(array, value);
        return array;
    }
}
