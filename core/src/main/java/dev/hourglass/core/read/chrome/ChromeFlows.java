package dev.hourglass.core.read.chrome;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Links that a trace draws by itself: each flow event is bound to the slice around its moment, or,
/// at the end of a link that does not say so, to the next one.
final class ChromeFlows {
    private record Event(byte phase, int track, long ts, int id, int category, boolean enclosing) {
        /// Whether it is bound to the next slice rather than to the one around it.
        boolean isForward() {
            return phase == 'f' && !enclosing;
        }
    }

    private record Key(int category, int id) {}

    private final ChromeAssembler assembler;
    private final ImportContext context;
    private final List<Event> events = new ArrayList<>();
    private final Map<Integer, List<Integer>> byTrack = new HashMap<>();
    /// The slice of each event, -1 for none.
    private long[] bound = new long[0];
    private long unbound;
    private long unmatched;

    ChromeFlows(ChromeAssembler assembler, ImportContext context) {
        this.assembler = assembler;
        this.context = context;
    }

    /// Takes the flow events of a segment.
    void add(Segment segment) {
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

    /// Puts all events in order, for [#on(int)].
    void sort() {
        events.sort(Comparator.comparingLong(Event::ts).thenComparingInt(ChromeFlows::rank));
        bound = new long[events.size()];
        Arrays.fill(bound, -1);
        for (int i = 0; i < events.size(); i++) {
            byTrack.computeIfAbsent(events.get(i).track(), track -> new ArrayList<>())
                    .add(i);
        }
    }

    private static int rank(Event event) {
        return switch (event.phase()) {
            case 's' -> 0;
            case 't' -> 1;
            default -> 2;
        };
    }

    /// The events on a track, in order, which wait for their slices.
    Points on(int track) {
        return new Points(byTrack.getOrDefault(track, List.of()));
    }

    /// Flow events of one track.
    final class Points {
        private final List<Integer> numbers;
        private int next;
        /// Where the first event is that waits for the next slice.
        private int forward;

        private Points(List<Integer> numbers) {
            this.numbers = numbers;
        }

        boolean hasNext() {
            return next < numbers.size();
        }

        /// Moment of the next event.
        long ts() {
            return events.get(numbers.get(next)).ts();
        }

        /// Gives the next event the slice around it.
        void bind(long slice) {
            bound[numbers.get(next++)] = slice;
        }

        /// Gives the events that wait for a slice the one that starts now.
        void startsAt(long moment, long slice) {
            while (forward < numbers.size() && events.get(numbers.get(forward)).ts() <= moment) {
                int number = numbers.get(forward++);
                if (events.get(number).isForward()) {
                    starts.put(number, slice);
                }
            }
        }
    }

    /// The slices that forward events found.
    private final Map<Integer, Long> starts = new HashMap<>();

    void write(BatchSink sink) {
        Map<Key, Long> open = new HashMap<>();
        try (RowWriter rows = new RowWriter(TraceTables.FLOW, sink)) {
            for (int i = 0; i < events.size(); i++) {
                Event event = events.get(i);
                Key key = new Key(event.category(), event.id());
                long slice = starts.getOrDefault(i, bound[i]);
                if (slice < 0) {
                    unbound++;
                    continue;
                }
                Long from = event.phase() == 's' ? null : open.get(key);
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

    private void row(RowWriter rows, long from, long to, Event event) {
        rows.set("id", context.take(ImportContext.Id.FLOW, 1))
                .set("slice_out", from)
                .set("slice_in", to);
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
