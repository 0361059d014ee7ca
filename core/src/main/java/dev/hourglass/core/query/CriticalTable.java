package dev.hourglass.core.query;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The derived table of critical paths: computed here, because SQL cannot say what waits for what.
///
/// Of a recording it holds the work of as many periods at a time as issue [#MOST_OPS] operations, and of one period
/// at least.
final class CriticalTable {
    static final String NAME = "critical_segment";

    /// Operations on the device that are held in memory at a time.
    private static final long MOST_OPS = 200_000;

    private static final QueryFile QUERIES =
            QueryFile.read(Objects.requireNonNull(CriticalTable.class.getResourceAsStream("critical.sql")));

    private static final Table TABLE = Table.of(
            NAME,
            "What the time from token to token was spent on, moment by moment: the longest chain of dependent work that ends where a"
                    + " period ends. The segments of a period touch each other and fill it. Without calls and their correlation to"
                    + " the work there are none.",
            Column.integer("step", Unit.NONE, "The step that ends the period, as in step_period."),
            Column.integer("device", Unit.NONE, "GPU ordinal."),
            Column.integer("source_id", Unit.NONE, "The source that it was read from."),
            Column.integer("nth", Unit.NONE, "Position in the period, from its end."),
            Column.integer("ts", Unit.NANOSECONDS, "Start."),
            Column.integer("end_ts", Unit.NANOSECONDS, "End."),
            Column.text(
                    "kind",
                    "device (work on the GPU), queue (issued, what it waited for had ended, and the GPU had not begun it), launch"
                            + " (from the call to the start of its work), wait (from the end of awaited work to the end of the call"
                            + " that waits), host (a thread that does not wait), or unknown (no call was recorded)."),
            Column.integer(
                    "id",
                    Unit.NONE,
                    "The device operation, of a launch the call that issued it, of a wait the call that waited; NULL for host and unknown."),
            Column.integer("track_id", Unit.NONE, "The thread of the host; NULL where it is on the GPU."));

    /// Hands over the rows of a query whose columns are all integers.
    interface Numbers {
        void each(String sql, int columns, Consumer<long[]> row);
    }

    /// A period and its path's place.
    private record Period(long step, long source, CriticalPath.Span span, long ops) {}

    private final Numbers numbers;

    CriticalTable(Numbers numbers) {
        this.numbers = numbers;
    }

    /// Creates it, empty.
    static String definition() {
        return "CREATE OR REPLACE TABLE " + NAME + " ("
                + TABLE.columns().stream()
                        .map(c -> c.name() + " " + c.type().sql())
                        .collect(Collectors.joining(", "))
                + ")";
    }

    static Views.View view() {
        return new Views.View(
                NAME,
                TABLE.doc(),
                TABLE.columns().stream()
                        .map(c -> new Views.ViewColumn(c.name(), c.unit().symbol(), c.doc()))
                        .toList());
    }

    /// Writes its rows.
    void write(BatchSink sink) {
        List<Period> periods = new ArrayList<>();
        numbers.each(
                QUERIES.text("periods"),
                7,
                row -> periods.add(
                        new Period(row[0], row[2], new CriticalPath.Span(row[1], row[3], row[4], row[5]), row[6])));
        try (RowWriter rows = new RowWriter(TABLE, sink)) {
            int from = 0;
            while (from < periods.size()) {
                int to = together(periods, from);
                write(periods.subList(from, to), rows);
                from = to;
            }
        }
    }

    /// Up to where periods are of one source and few enough.
    private static int together(List<Period> periods, int from) {
        long ops = 0;
        int to = from;
        while (to < periods.size()
                && periods.get(to).source() == periods.get(from).source()
                && (to == from || ops + periods.get(to).ops() <= MOST_OPS)) {
            ops += periods.get(to).ops();
            to++;
        }
        return to;
    }

    private void write(List<Period> periods, RowWriter rows) {
        CriticalPath path = path(Map.of(
                "source",
                Long.toString(periods.getFirst().source()),
                "from",
                Long.toString(
                        periods.stream().mapToLong(p -> p.span().ts()).min().orElseThrow()),
                "to",
                Long.toString(
                        periods.stream().mapToLong(p -> p.span().end()).max().orElseThrow())));
        for (Period period : periods) {
            List<CriticalPath.Segment> segments = path.of(period.span());
            for (int nth = 0; nth < segments.size(); nth++) {
                write(period, nth, segments.get(nth), rows);
            }
        }
    }

    private static void write(Period period, int nth, CriticalPath.Segment segment, RowWriter rows) {
        rows.set("step", period.step())
                .set("device", period.span().device())
                .set("source_id", period.source())
                .set("nth", nth)
                .set("ts", segment.ts())
                .set("end_ts", segment.end())
                .set("kind", segment.kind().name().toLowerCase(Locale.ROOT));
        if (segment.id() >= 0) {
            rows.set("id", segment.id());
        }
        if (segment.track() >= 0) {
            rows.set("track_id", segment.track());
        }
        rows.end();
    }

    private CriticalPath path(Map<String, String> span) {
        List<CriticalPath.Op> ops = new ArrayList<>();
        numbers.each(
                QUERIES.text("operations", span),
                9,
                r -> ops.add(new CriticalPath.Op(r[0], r[1], r[2], lane(r[3], r[4]), r[3], r[5], r[6], r[7], r[8])));
        List<CriticalPath.Wait> waits = new ArrayList<>();
        numbers.each(
                QUERIES.text("waits", span),
                6,
                r -> waits.add(new CriticalPath.Wait(r[0], r[1], r[2], r[3], r[5] < 0 ? -1 : lane(r[4], r[5]))));
        List<CriticalPath.Event> events = new ArrayList<>();
        numbers.each(
                QUERIES.text("events", span),
                5,
                r -> events.add(new CriticalPath.Event(lane(r[0], r[1]), r[2], lane(r[0], r[3]), r[4])));
        return new CriticalPath(ops, waits, events);
    }

    /// A stream's number is its device's alone, and never negative here.
    private static long lane(long device, long stream) {
        return (device + 1 << 40) + stream + 1;
    }
}
