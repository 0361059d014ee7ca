package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.RowWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Stages of inference among annotated ranges that come in any order: gathered, nested, then written.
public final class StageRanges {
    private record Range(long slice, long track, long ts, long dur, String text, StageName name) {
        long end() {
            return Moments.plus(ts, dur);
        }
    }

    private final ImportContext context;
    private final Map<String, Optional<StageName>> byName = new HashMap<>();
    private final List<Range> ranges = new ArrayList<>();

    public StageRanges(ImportContext context) {
        this.context = context;
    }

    /// Takes a range if its name is that of a stage.
    public void offer(long slice, long track, long ts, long dur, String text) {
        if (dur > 0) {
            byName.computeIfAbsent(text, name -> StageName.read(name, context))
                    .ifPresent(name -> ranges.add(new Range(slice, track, ts, dur, text, name)));
        }
    }

    public void write(BatchSink sink) {
        ranges.sort(Comparator.comparingLong(Range::track)
                .thenComparingLong(Range::ts)
                .thenComparing(Comparator.comparingLong(Range::dur).reversed()));
        Deque<Range> open = new ArrayDeque<>();
        try (RowWriter rows = new RowWriter(EngineTables.STAGE, sink)) {
            for (Range range : ranges) {
                while (!open.isEmpty() && !holds(open.peek(), range)) {
                    open.pop();
                }
                if (open.isEmpty() || !StageName.part(range.text(), context.options())) {
                    write(range, open.size(), rows);
                    open.push(range);
                }
            }
        }
        ranges.clear();
    }

    private static boolean holds(Range outer, Range inner) {
        return outer.track() == inner.track() && outer.end() >= inner.end();
    }

    private void write(Range range, int depth, RowWriter rows) {
        StageName stage = range.name();
        rows.set("id", context.take(ImportContext.Id.STAGE, 1))
                .set("ts", range.ts())
                .set("dur", range.dur())
                .set("name", range.text())
                .set("kind", stage.kind())
                .set("depth", depth)
                .set("track_id", range.track())
                .set("slice_id", range.slice())
                .set("source_id", context.sourceId());
        counts(stage, rows);
        rows.end();
    }

    /// Requests and tokens, where the name tells them.
    public static void counts(StageName stage, RowWriter rows) {
        set(rows, "prefill_requests", stage.prefillRequests());
        set(rows, "decode_requests", stage.decodeRequests());
        set(rows, "prefill_tokens", stage.prefillTokens());
        set(rows, "decode_tokens", stage.decodeTokens());
        set(rows, "context_tokens", stage.contextTokens());
    }

    private static void set(RowWriter rows, String column, OptionalLong value) {
        value.ifPresent(v -> rows.set(column, v));
    }
}
