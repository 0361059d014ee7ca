package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Links that a trace draws by itself: each flow event is bound to the slice around its moment, or,
/// at the end of a link that does not say so, to the next one.
final class ChromeFlows {
    private record Event(byte phase, int track, long ts, int id, int category, boolean enclosing) {}

    private record Key(int category, int id) {}

    private final ChromeAssembler assembler;
    private final ChromeTimeline timeline;
    private final ImportContext context;
    private long unbound;
    private long unmatched;

    ChromeFlows(ChromeAssembler assembler, ChromeTimeline timeline, ImportContext context) {
        this.assembler = assembler;
        this.timeline = timeline;
        this.context = context;
    }

    void write(BatchSink sink) {
        List<Event> events = events();
        Map<Key, Integer> open = new HashMap<>();
        try (RowWriter rows = new RowWriter(TraceTables.FLOW, sink)) {
            for (Event event : events) {
                Key key = new Key(event.category(), event.id());
                int slice = bind(event);
                if (slice < 0) {
                    unbound++;
                    continue;
                }
                Integer from = event.phase() == 's' ? null : open.get(key);
                if (from != null) {
                    row(rows, from, slice, event);
                } else if (event.phase() != 's') {
                    unmatched++;
                }
                if (event.phase() != 'f') {
                    open.put(key, slice);
                }
            }
        }
        lost("flow_without_slice", unbound);
        lost("flow_without_start", unmatched);
    }

    private void lost(String kind, long count) {
        if (count > 0) {
            context.stats().count(kind, Severity.NOTICE, count, "whole file");
        }
    }

    private List<Event> events() {
        List<Event> events = new ArrayList<>();
        for (Segment segment : timeline.segments()) {
            Segment.Rows f = segment.flows;
            for (int r = 0; r < f.size; r++) {
                events.add(new Event(
                        (byte) f.get(r, Segment.FLOW_PHASE),
                        (int) f.get(r, Segment.FLOW_TRACK),
                        f.get(r, Segment.FLOW_TS),
                        (int) f.get(r, Segment.FLOW_ID),
                        (int) f.get(r, Segment.FLOW_CATEGORY),
                        f.get(r, Segment.FLOW_ENCLOSING) != 0));
            }
        }
        events.sort(Comparator.comparingLong(Event::ts).thenComparingInt(ChromeFlows::rank));
        return events;
    }

    private static int rank(Event event) {
        return switch (event.phase()) {
            case 's' -> 0;
            case 't' -> 1;
            default -> 2;
        };
    }

    private int bind(Event event) {
        if (event.phase() == 'f' && !event.enclosing()) {
            int next = timeline.nesting().from(event.track(), event.ts());
            if (next >= 0) {
                return next;
            }
        }
        return timeline.nesting().around(event.track(), event.ts());
    }

    private void row(RowWriter rows, int from, int to, Event event) {
        rows.set("id", context.take(ImportContext.Id.FLOW, 1))
                .set("slice_out", timeline.id(from))
                .set("slice_in", timeline.id(to));
        if (event.category() >= 0) {
            rows.set("category", assembler.string(event.category()));
        }
        String id = assembler.string(event.id());
        if (id.matches("-?\\d{1,18}")) {
            rows.set("trace_id", Long.parseLong(id));
        }
        rows.end();
    }
}
