package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.RowSpill;
import dev.hourglass.core.read.RunSort;
import dev.hourglass.core.read.Scratch;
import dev.hourglass.core.read.SliceRuns;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Walks over the slices track by track, each track in order: nests them, finds the stages among them
/// and the slices that flows are bound to. Then hands the rows over in the order of the file, in which
/// the database packs them best.
final class ChromeSlices implements AutoCloseable {
    private final ChromeAssembler assembler;
    private final SliceRuns runs;
    private final ChromePairs pairs;
    private final ChromeTracks tracks;
    private final ChromeFlows flows;
    private final ChromeStages stages;
    private final ImportContext context;
    private final BatchSink sink;
    private final long base;

    /// Slices that are put in the order of the file together.
    private static final int RANGE = 1 << 17;

    /// A slice of [SliceRuns], then its track and depth, then the identifier of its parent.
    private static final int STRIDE = SliceRuns.STRIDE + 2;

    private static final int PLACE = SliceRuns.STRIDE;
    private static final int PARENT = SliceRuns.STRIDE + 1;

    private final Scratch scratch;
    private final long firstId;
    private final List<RowSpill> ranges = new ArrayList<>();
    private long open;

    private final ChromeNesting around = new ChromeNesting();

    ChromeSlices(
            ChromeAssembler assembler,
            ChromeWhole whole,
            SliceRuns runs,
            ChromeFlows flows,
            Scratch scratch,
            long firstId) {
        this.assembler = assembler;
        this.runs = runs;
        this.pairs = whole.pairs();
        this.tracks = whole.tracks();
        this.flows = flows;
        this.scratch = scratch;
        this.firstId = firstId;
        this.stages = new ChromeStages(assembler, whole.context(), whole.sink());
        this.context = whole.context();
        this.sink = whole.sink();
        this.base = whole.base();
    }

    void write() {
        for (int track = 0; track < runs.tracks(); track++) {
            around.clear();
            ChromeFlows.Points points = flows.on(track);
            if (pairs.isEmpty()) {
                merged(track, points);
            } else {
                paired(track, points);
            }
            while (points.hasNext()) {
                bind(points);
            }
        }
        for (int i = 0; i < ranges.size(); i++) {
            hand(ranges.get(i), firstId + (long) i * RANGE);
            ranges.set(i, new RowSpill(scratch, STRIDE));
        }
        if (open > 0) {
            context.stats().count("span_without_end", Severity.NOTICE, open, "whole file");
        }
    }

    private void merged(int track, ChromeFlows.Points points) {
        SliceRuns.Merge merge = runs.merge(track);
        while (merge.next()) {
            slice(track, merge.row(), merge.at(), points);
        }
    }

    /// A track on which durations may only be known now: what begins at one moment is put in order again.
    private void paired(int track, ChromeFlows.Points points) {
        long[] moment = new long[64 * SliceRuns.STRIDE];
        int n = 0;
        SliceRuns.Merge merge = runs.merge(track);
        while (merge.next()) {
            if (n > 0 && merge.row()[merge.at() + SliceRuns.TS] != moment[SliceRuns.TS]) {
                ordered(track, moment, n, points);
                n = 0;
            }
            int at = n++ * SliceRuns.STRIDE;
            if (at == moment.length) {
                moment = Arrays.copyOf(moment, at * 2);
            }
            System.arraycopy(merge.row(), merge.at(), moment, at, SliceRuns.STRIDE);
            if (moment[at + SliceRuns.DUR] < 0) {
                moment[at + SliceRuns.DUR] = pairs.duration(moment[at + SliceRuns.ID] >> 8);
            }
        }
        ordered(track, moment, n, points);
    }

    private void ordered(int track, long[] rows, int n, ChromeFlows.Points points) {
        if (n == 1) {
            slice(track, rows, 0, points);
            return;
        }
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i * SliceRuns.STRIDE;
        }
        RunSort.sort(order, 0, n, (a, b) -> SliceRuns.before(rows, a, rows, b));
        for (int at : order) {
            slice(track, rows, at, points);
        }
    }

    private void slice(int track, long[] row, int at, ChromeFlows.Points points) {
        long ts = row[at + SliceRuns.TS];
        long dur = row[at + SliceRuns.DUR];
        long end = SliceRuns.end(ts, dur);
        long id = row[at + SliceRuns.ID] >> 8;
        while (points.hasNext() && points.ts() < ts) {
            bind(points);
        }
        points.startsAt(ts, id);
        boolean frame = (byte) row[at + SliceRuns.ID] == ChromeNesting.FRAME;
        if (frame) {
            end = Math.min(end, around.returnTo(row[at + SliceRuns.EXTERNAL], ts));
        }
        around.leave(ts, end);
        place(track, row, at, id, dur);
        int outer = around.stages();
        int name = SliceRuns.name(row[at + SliceRuns.TEXTS]);
        boolean stage = stages.isStage(name, SliceRuns.category(row[at + SliceRuns.TEXTS]));
        if (stage && dur >= 0) {
            stages.write(name, id, base + ts, dur, outer, tracks.id(track));
        }
        around.enter(ts, end, id, frame ? row[at + SliceRuns.CORRELATION] : Segment.NONE, stage ? outer + 1 : outer);
        open += dur < 0 && Segment.isBegin((byte) row[at + SliceRuns.ID]) ? 1 : 0;
    }

    /// Binds a flow event to the innermost slice around its moment.
    private void bind(ChromeFlows.Points points) {
        points.bind(around.at(points.ts()));
    }

    private void place(int track, long[] row, int at, long id, long dur) {
        int range = (int) ((id - firstId) / RANGE);
        while (ranges.size() <= range) {
            ranges.add(new RowSpill(scratch, STRIDE));
        }
        RowSpill spill = ranges.get(range);
        int to = spill.add();
        System.arraycopy(row, at, spill.values, to, SliceRuns.STRIDE);
        spill.values[to + SliceRuns.DUR] = dur;
        spill.values[to + PLACE] = (long) track << 32 | around.depth();
        spill.values[to + PARENT] = around.parent();
        if ((byte) row[at + SliceRuns.ID] == ChromeNesting.FRAME) {
            spill.values[to + SliceRuns.CORRELATION] = Segment.NONE;
            spill.values[to + SliceRuns.EXTERNAL] = Segment.NONE;
        }
    }

    private void hand(RowSpill spill, long first) {
        int n = (int) spill.size();
        long[] ordered = new long[n * STRIDE];
        spill.forEach(ChromeAssembler.chunk(), (rows, count) -> {
            for (int at = 0; at < count * STRIDE; at += STRIDE) {
                int to = (int) ((rows[at + SliceRuns.ID] >> 8) - first) * STRIDE;
                System.arraycopy(rows, at, ordered, to, STRIDE);
            }
        });
        for (int from = 0; from < n; from += ChromeAssembler.chunk()) {
            sink.accept(batch(ordered, from * STRIDE, Math.min(n - from, ChromeAssembler.chunk())));
        }
    }

    private EventBatch batch(long[] rows, int from, int n) {
        EventBatch batch = new EventBatch(TraceTables.SLICE, n);
        new Columns(batch, n, assembler.texts())
                .of(rows, from, STRIDE)
                .shifted(0, SliceRuns.ID, 8)
                .longs(1, SliceRuns.TS, base)
                .longs(2, SliceRuns.DUR)
                .mapped(3, PLACE, 32, tracks.ids())
                .texts(4, SliceRuns.TEXTS)
                .texts(5, SliceRuns.TEXTS, 32)
                .longs(7, PARENT)
                .shifted(8, SliceRuns.ID, 8)
                .longs(9, SliceRuns.CORRELATION)
                .longs(10, SliceRuns.EXTERNAL);
        long[] depth = batch.longs(6);
        for (int r = 0; r < n; r++) {
            depth[r] = (int) rows[from + r * STRIDE + PLACE];
        }
        return batch;
    }

    @Override
    public void close() {
        stages.close();
    }
}
