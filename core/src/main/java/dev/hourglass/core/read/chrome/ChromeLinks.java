package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.RowSpill;
import dev.hourglass.core.read.Scratch;
import dev.hourglass.core.read.SliceRuns;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Calls and the device work that they started, put aside by ranges of the correlation that they
/// share; joined range by range, so that only the calls of one range are in memory.
final class ChromeLinks {
    private static final int RANGES = 64;
    private static final int RANGE_BITS = 16;

    /// What calls and device work have in common.
    static final int ID = 0;

    static final int TS = 1;
    static final int DUR = 2;
    static final int TEXTS = 3;
    static final int CORRELATION = 4;
    static final int EXTERNAL = 5;
    /// Of device work; of calls with the kind of the call in the lowest byte.
    static final int TRACK = 6;

    static final int HEAD = 7;

    /// One range of correlations, or all events without one.
    private static final class Range {
        final RowSpill calls;
        final RowSpill kernels;
        final RowSpill copies;

        Range(Scratch scratch) {
            calls = new RowSpill(scratch, HEAD);
            kernels = new RowSpill(scratch, HEAD + Segment.KERNEL_ARGS.length);
            copies = new RowSpill(scratch, HEAD + Segment.COPY_ARGS.length);
        }
    }

    private final ChromeAssembler assembler;
    private final Scratch scratch;
    private final Map<Integer, Range> ranges = new TreeMap<>();
    /// The range asked for last.
    private Range last;

    private int lastNumber = -1;
    private final KnownTexts calls;
    private static final byte UNKNOWN = -1;
    /// Kinds of calls by the numbers of their names.
    private byte[] kinds = new byte[0];
    /// Numbers of the words for the kinds of calls.
    private final Map<Byte, Integer> kindTexts = new HashMap<>();
    private final int flowText;
    private ChromeChoice.@Nullable Owners owners;

    ChromeLinks(ChromeAssembler assembler, Scratch scratch) {
        this.assembler = assembler;
        this.scratch = scratch;
        this.last = new Range(scratch);
        this.calls = new KnownTexts(text -> CallName.isCall(assembler.string(text)));
        this.flowText = assembler.number("ac2g".getBytes(StandardCharsets.UTF_8));
    }

    private int kindText(byte kind) {
        return kindTexts.computeIfAbsent(kind, k -> assembler.number(CallName.word(k)));
    }

    private Range range(long correlation) {
        int number = correlation == Segment.NONE ? RANGES : (int) (correlation >>> RANGE_BITS) & (RANGES - 1);
        if (number != lastNumber) {
            last = ranges.computeIfAbsent(number, n -> new Range(scratch));
            lastNumber = number;
        }
        return last;
    }

    /// Puts the calls and the device work of a segment aside.
    void add(Segment segment) {
        int lastCategory = Integer.MIN_VALUE;
        boolean call = false;
        for (int i = 0; i < segment.slices; i++) {
            int category = segment.category[i];
            if (category != lastCategory) {
                lastCategory = category;
                call = category >= 0 && calls.is(category);
            }
            if (call) {
                RowSpill into = range(segment.correlation[i]).calls;
                int at = head(into, segment, i);
                into.values[at + TRACK] = ((long) segment.track[i] << 8) | kind(segment.name[i]);
            }
        }
        work(segment, segment.kernels, true);
        work(segment, segment.copies, false);
    }

    private byte kind(int name) {
        if (name < 0) {
            return CallName.kind("");
        }
        if (name >= kinds.length) {
            int old = kinds.length;
            kinds = Arrays.copyOf(kinds, Math.max(1024, Integer.highestOneBit(name) << 1));
            Arrays.fill(kinds, old, kinds.length, UNKNOWN);
        }
        if (kinds[name] == UNKNOWN) {
            kinds[name] = CallName.kind(assembler.string(name));
        }
        return kinds[name];
    }

    private void work(Segment segment, Segment.Rows rows, boolean kernels) {
        for (int r = 0; r < rows.size; r++) {
            int slice = (int) rows.get(r, 0);
            Range range = range(segment.correlation[slice]);
            RowSpill into = kernels ? range.kernels : range.copies;
            int at = head(into, segment, slice);
            into.values[at + TRACK] = segment.track[slice];
            System.arraycopy(rows.values, r * rows.stride + 1, into.values, at + HEAD, rows.stride - 1);
        }
    }

    private static int head(RowSpill into, Segment segment, int slice) {
        int at = into.add();
        long[] values = into.values;
        values[at + ID] = segment.firstId + slice;
        values[at + TS] = segment.ts[slice];
        values[at + DUR] = segment.dur[slice];
        values[at + TEXTS] = SliceRuns.texts(segment.name[slice], segment.category[slice]);
        values[at + CORRELATION] = segment.correlation[slice];
        values[at + EXTERNAL] = segment.externalId[slice];
        return at;
    }

    /// Joins and hands over kernels, copies, calls and the flows between them.
    void write(ChromeWhole whole) {
        ChromeTracks tracks = whole.tracks();
        ImportContext context = whole.context();
        long unlinked = 0;
        ChromeDeviceWork work = new ChromeDeviceWork(assembler, tracks, context, whole.base());
        ChromeChoice choice = new ChromeChoice(tracks, () -> owners(tracks));
        for (Range range : ranges.values()) {
            Join join = new Join(range, whole, choice, work);
            join.write();
            unlinked += join.unlinked;
            if (join.ambiguous > 0) {
                context.stats()
                        .count(
                                "ambiguous_launch",
                                Severity.NOTICE,
                                join.ambiguous,
                                "correlation " + join.firstAmbiguous + ": several calls have it");
            }
        }
        if (unlinked > 0) {
            context.stats().count("device_work_without_call", Severity.INFO, unlinked, "whole file");
        }
    }

    /// The processes that work is known to be of, from all ranges; made once, for files that need it.
    private ChromeChoice.Owners owners(ChromeTracks tracks) {
        ChromeChoice.Owners known = owners;
        if (known == null) {
            ChromeChoice.Owners fresh = new ChromeChoice.Owners();
            ChromeChoice choice = new ChromeChoice(tracks, () -> fresh);
            for (Range range : ranges.values()) {
                ChromeCalls calls = new ChromeCalls(range.calls);
                for (RowSpill work : List.of(range.kernels, range.copies)) {
                    work.forEach(ChromeAssembler.chunk(), (rows, count) -> {
                        for (int at = 0; at < count * work.stride; at += work.stride) {
                            choice.learn(fresh, calls, rows, at);
                        }
                    });
                }
            }
            owners = fresh;
            known = fresh;
        }
        return known;
    }

    /// Work on one range.
    private final class Join {
        private final Range range;
        private final ChromeTracks tracks;
        private final ChromePairs pairs;
        private final ImportContext context;
        private final BatchSink sink;
        private final long base;
        private final ChromeDeviceWork work;
        private final ChromeCalls calls;
        private final ChromeChoice choice;
        private final int n;
        private final long[] ops;
        private final long[] firstTs;
        private final long[] lastEnd;
        private long unlinked;
        private long ambiguous;
        private long firstAmbiguous;

        Join(Range range, ChromeWhole whole, ChromeChoice choice, ChromeDeviceWork work) {
            this.range = range;
            this.tracks = whole.tracks();
            this.pairs = whole.pairs();
            this.context = whole.context();
            this.sink = whole.sink();
            this.base = whole.base();
            this.work = work;
            this.choice = choice;
            this.calls = new ChromeCalls(range.calls);
            this.n = calls.size;
            this.ops = new long[n];
            this.firstTs = ChromeAssembler.filled(n, Segment.NONE);
            this.lastEnd = ChromeAssembler.filled(n, Segment.NONE);
        }

        void write() {
            for (int call = 0; call < n; call++) {
                duration(calls.rows, call * HEAD);
            }
            range.kernels.forEach(ChromeAssembler.chunk(), this::kernels);
            range.copies.forEach(ChromeAssembler.chunk(), this::copies);
            for (int from = 0; from < n; from += ChromeAssembler.chunk()) {
                launches(from, Math.min(n, from + ChromeAssembler.chunk()));
            }
        }

        private void duration(long[] row, int at) {
            if (row[at + DUR] < 0 && !pairs.isEmpty()) {
                row[at + DUR] = pairs.duration(row[at + ID]);
            }
        }

        /// Counts device work for its calls and returns them, -1 where there is none.
        private int[] callsOf(long[] rows, int count, int stride) {
            int[] found = new int[count];
            int linked = 0;
            for (int r = 0; r < count; r++) {
                int at = r * stride;
                duration(rows, at);
                found[r] = choice.call(calls, rows, at);
                if (!choice.isSure()) {
                    firstAmbiguous = ambiguous == 0 ? rows[at + CORRELATION] : firstAmbiguous;
                    ambiguous++;
                }
                if (found[r] < 0) {
                    unlinked++;
                } else {
                    linked++;
                    use(found[r], rows[at + TS], rows[at + TS] + Math.max(0, rows[at + DUR]));
                }
            }
            flows(rows, found, stride, linked);
            return found;
        }

        private void use(int call, long ts, long end) {
            firstTs[call] = firstTs[call] == Segment.NONE ? ts : Math.min(firstTs[call], ts);
            lastEnd[call] = Math.max(lastEnd[call], end);
            ops[call]++;
        }

        private void flows(long[] rows, int[] found, int stride, int linked) {
            if (linked == 0) {
                return;
            }
            EventBatch batch = new EventBatch(TraceTables.FLOW, linked);
            long id = context.take(ImportContext.Id.FLOW, linked);
            int to = 0;
            for (int r = 0; r < found.length; r++) {
                if (found[r] >= 0) {
                    batch.longs(0)[to] = id + to;
                    batch.longs(1)[to] = calls.id(found[r]);
                    batch.longs(2)[to] = rows[r * stride + ID];
                    batch.longs(4)[to] = rows[r * stride + CORRELATION];
                    to++;
                }
            }
            Arrays.fill(batch.codes(3, assembler.texts()), flowText);
            batch.setSize(linked);
            sink.accept(batch);
        }

        private void kernels(long[] rows, int count) {
            int[] found = callsOf(rows, count, range.kernels.stride);
            sink.accept(work.kernels(rows, count, idsOf(found, count), processesOf(found, count)));
        }

        /// Copies have a row; memsets only count as work that a call started.
        private void copies(long[] rows, int count) {
            int stride = range.copies.stride;
            int[] found = callsOf(rows, count, stride);
            int kept = 0;
            for (int r = 0; r < count; r++) {
                int category = SliceRuns.category(rows[r * stride + TEXTS]);
                if (assembler.string(category).equals("gpu_memcpy")) {
                    System.arraycopy(rows, r * stride, rows, kept * stride, stride);
                    found[kept++] = found[r];
                }
            }
            if (kept > 0) {
                sink.accept(work.copies(rows, kept, idsOf(found, kept), processesOf(found, kept)));
            }
        }

        private long[] idsOf(int[] found, int count) {
            long[] ids = new long[count];
            for (int r = 0; r < count; r++) {
                ids[r] = found[r] < 0 ? Segment.NONE : calls.id(found[r]);
            }
            return ids;
        }

        private long[] processesOf(int[] found, int count) {
            long[] processes = new long[count];
            for (int r = 0; r < count; r++) {
                processes[r] = found[r] < 0 ? Segment.NONE : tracks.upid(calls.track(found[r]));
            }
            return processes;
        }

        private void launches(int from, int to) {
            int rows = to - from;
            EventBatch batch = new EventBatch(TraceTables.LAUNCH, rows);
            Columns columns = new Columns(batch, rows, assembler.texts())
                    .of(calls.rows, from * HEAD, HEAD)
                    .longs(0, ID)
                    .longs(1, TS, base)
                    .longs(2, DUR)
                    .texts(3, TEXTS, 32)
                    .longs(5, CORRELATION)
                    .longs(6, EXTERNAL)
                    .mapped(10, TRACK, 8, tracks.ids())
                    .mapped(11, TRACK, 8, tracks.utids())
                    .mapped(12, TRACK, 8, tracks.upids())
                    .constant(13, context.sourceId());
            columns.of(ops, from, 1).longs(7, 0);
            columns.of(firstTs, from, 1).longs(8, 0, base);
            columns.of(lastEnd, from, 1).longs(9, 0, base);
            int[] kinds = batch.codes(4, assembler.texts());
            for (int r = 0; r < rows; r++) {
                byte kind = calls.kind(from + r);
                kinds[r] = r > 0 && kind == calls.kind(from + r - 1) ? kinds[r - 1] : kindText(kind);
            }
            sink.accept(batch);
        }
    }
}
