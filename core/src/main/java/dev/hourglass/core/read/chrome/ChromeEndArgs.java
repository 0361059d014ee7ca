package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.RowSpill;
import dev.hourglass.core.read.RunSort;
import dev.hourglass.core.read.Scratch;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.TraceTables;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Arguments of spans whose end is an event of its own: those of the end join those of the begin, and replace the ones
/// of the same name. Put aside until it is known which end belongs to which begin.
final class ChromeEndArgs {
    /// Values of an argument: whose it is, then its name, kind and value.
    static final int STRIDE = 4;

    /// JSON that was put aside.
    ///
    /// @param of the slice that begins, or the number of the end
    private record Raw(long of, Scratch.Block block, int bytes) {}

    private final ChromeAssembler assembler;
    private final ChromePairs pairs;
    private final Scratch scratch;
    private final RowSpill begins;
    private final RowSpill ends;
    private final List<Raw> rawBegins = new ArrayList<>();
    private final List<Raw> rawEnds = new ArrayList<>();

    ChromeEndArgs(ChromeAssembler assembler, ChromePairs pairs, Scratch scratch) {
        this.assembler = assembler;
        this.pairs = pairs;
        this.scratch = scratch;
        this.begins = new RowSpill(scratch, STRIDE);
        this.ends = new RowSpill(scratch, STRIDE);
    }

    /// Puts the arguments of spans that begin aside, and leaves those of the others.
    void takeBegins(Segment segment) {
        if (segment.begins == 0) {
            return;
        }
        Segment.Rows rows = segment.extras;
        int kept = 0;
        for (int r = 0; r < rows.size; r++) {
            int slice = (int) rows.get(r, 0);
            if (segment.isBegin(slice)) {
                put(begins, segment.firstId + slice, rows, r);
            } else {
                System.arraycopy(rows.values, r * STRIDE, rows.values, kept++ * STRIDE, STRIDE);
            }
        }
        rows.size = kept;
        for (int slice = 0; slice < Math.min(segment.slices, segment.rawArgs.length); slice++) {
            if (segment.rawArgs[slice] != null && segment.isBegin(slice)) {
                rawBegins.add(raw(segment.firstId + slice, segment.rawArgs[slice]));
            }
        }
    }

    /// Puts the arguments of an end aside.
    ///
    /// @param row the first row of the segment's arguments of ends that may be this end's
    /// @return the first row behind them
    int takeEnd(Segment segment, int end, int edge, int row) {
        Segment.Rows rows = segment.endArgs;
        byte @Nullable [] json = end < segment.endRaws.length ? segment.endRaws[end] : null;
        int behind = row;
        while (behind < rows.size && rows.get(behind, 0) == end) {
            behind++;
        }
        if (behind > row || json != null) {
            int number = pairs.ask(edge);
            for (int r = row; r < behind; r++) {
                put(ends, number, rows, r);
            }
            if (json != null) {
                rawEnds.add(raw(number, json));
            }
        }
        return behind;
    }

    private static void put(RowSpill into, long of, Segment.Rows rows, int row) {
        int at = into.add();
        System.arraycopy(rows.values, row * STRIDE, into.values, at, STRIDE);
        into.values[at] = of;
    }

    private Raw raw(long of, byte[] json) {
        long[] packed = new long[(json.length + Long.BYTES - 1) / Long.BYTES];
        ByteBuffer bytes = ByteBuffer.allocate(packed.length * Long.BYTES).put(0, json);
        bytes.asLongBuffer().get(packed);
        return new Raw(of, scratch.put(packed, packed.length), json.length);
    }

    private byte[] bytes(Raw raw) {
        long[] packed = new long[raw.block().length()];
        scratch.read(raw.block(), 0, packed, 0, packed.length);
        ByteBuffer bytes = ByteBuffer.allocate(packed.length * Long.BYTES);
        bytes.asLongBuffer().put(packed);
        return Arrays.copyOf(bytes.array(), raw.bytes());
    }

    /// Hands everything over, once ends have their begins.
    void write(BatchSink sink) {
        long[] last = ofEnds();
        int n = last.length / STRIDE;
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i * STRIDE;
        }
        RunSort.sort(order, 0, n, (a, b) -> compare(last, a, last, b) < 0);
        begins.forEach(ChromeAssembler.chunk(), (rows, count) -> {
            int kept = 0;
            for (int at = 0; at < count * STRIDE; at += STRIDE) {
                if (!contains(last, order, rows, at)) {
                    System.arraycopy(rows, at, rows, kept++ * STRIDE, STRIDE);
                }
            }
            assembler.arguments(rows, kept, 0);
        });
        for (int from = 0; from < n; from += ChromeAssembler.chunk()) {
            int count = Math.min(n - from, ChromeAssembler.chunk());
            assembler.arguments(Arrays.copyOfRange(last, from * STRIDE, (from + count) * STRIDE), count, 0);
        }
        raws(sink);
    }

    /// Arguments of the ends that have a begin, under its identifier.
    private long[] ofEnds() {
        long[] all = new long[Math.toIntExact(ends.size()) * STRIDE];
        int[] n = {0};
        ends.forEach(ChromeAssembler.chunk(), (rows, count) -> {
            for (int at = 0; at < count * STRIDE; at += STRIDE) {
                long slice = pairs.begun((int) rows[at]);
                if (slice >= 0) {
                    System.arraycopy(rows, at, all, n[0], STRIDE);
                    all[n[0]] = slice;
                    n[0] += STRIDE;
                }
            }
        });
        return Arrays.copyOf(all, n[0]);
    }

    /// By the slice, then by the name.
    private static int compare(long[] a, int atA, long[] b, int atB) {
        int bySlice = Long.compare(a[atA], b[atB]);
        return bySlice != 0 ? bySlice : Long.compare(a[atA + 1], b[atB + 1]);
    }

    private static boolean contains(long[] in, int[] order, long[] rows, int at) {
        int low = 0;
        int high = order.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int way = compare(in, order[middle], rows, at);
            if (way == 0) {
                return true;
            }
            if (way < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return false;
    }

    private void raws(BatchSink sink) {
        Map<Long, Raw> bySlice = new HashMap<>();
        for (Raw end : rawEnds) {
            long slice = pairs.begun((int) end.of());
            if (slice >= 0) {
                bySlice.put(slice, end);
            }
        }
        List<Raw> rows = new ArrayList<>();
        for (Raw begin : rawBegins) {
            Raw end = bySlice.remove(begin.of());
            rows.add(end == null ? begin : raw(begin.of(), RawMembers.merged(bytes(begin), bytes(end))));
        }
        bySlice.forEach((slice, end) -> rows.add(new Raw(slice, end.block(), end.bytes())));
        for (int from = 0; from < rows.size(); from += ChromeAssembler.chunk()) {
            raws(rows.subList(from, Math.min(rows.size(), from + ChromeAssembler.chunk())), sink);
        }
    }

    private void raws(List<Raw> rows, BatchSink sink) {
        EventBatch batch = new EventBatch(TraceTables.RAW_ARGS, rows.size());
        for (int r = 0; r < rows.size(); r++) {
            batch.longs(0)[r] = rows.get(r).of();
            batch.texts(1)[r] = bytes(rows.get(r));
        }
        batch.setSize(rows.size());
        sink.accept(batch);
    }
}
