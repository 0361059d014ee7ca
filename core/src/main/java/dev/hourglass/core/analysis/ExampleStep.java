package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The recording span by span: all of it where it is small enough for a page, else the one step whose
/// wall is nearest to the median of its stage.
///
/// @param stage stage of that step
/// @param step identifier, as in `host_step`
/// @param whole whether the whole recording is shown
/// @param wallNs length of what is shown
/// @param lanes steps, operators and calls of each host thread, and one lane per stream
/// @param dropped short spans that were left out so that the page stays small
public record ExampleStep(String stage, long step, boolean whole, long wallNs, List<Lane> lanes, long dropped) {
    /// Spans that a page can hold and a browser still moves.
    private static final int MOST_SPANS = 60_000;
    private static final String SPANS = """
            WITH host AS (
              SELECT track_id, dense_rank() OVER (ORDER BY n DESC, track_id) AS nth, count(*) OVER () AS threads
              FROM (SELECT track_id, count(*) AS n FROM launch WHERE ts < $end AND ts + dur > $ts GROUP BY track_id)),
                 span AS (
              SELECT 0 AS part, 0 AS lane, 'Steps' AS label, coalesce(name, stage) AS name, 'step' AS category, ts, end_ts
              FROM host_step WHERE stage <> 'between'
              UNION ALL
              SELECT 1, nth, CASE WHEN threads = 1 THEN 'Operators' ELSE 'Operators, thread ' || nth END, s.name, 'operator',
                     s.ts, s.ts + s.dur
              FROM slice s JOIN host USING (track_id) WHERE s.category = 'cpu_op' AND nth <= 8
              UNION ALL
              SELECT 1, nth * 1.0 + 0.5, CASE WHEN threads = 1 THEN 'Calls' ELSE 'Calls, thread ' || nth END, l.name, l.kind,
                     l.ts, l.ts + l.dur
              FROM launch l JOIN host USING (track_id) WHERE nth <= 8
              UNION ALL
              SELECT 2, source_id * 1e9 + device * 1e5 + stream, 'GPU ' || device || ' stream ' || stream, short_name, category,
                     ts, end_ts
              FROM device_op),
                 inside AS (SELECT * FROM span WHERE ts < $end AND end_ts > $ts),
                 kept AS (
              SELECT *, max(end_ts) OVER (PARTITION BY part, lane ORDER BY ts, end_ts DESC
                                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
              FROM inside),
                 ranked AS (
              SELECT *, row_number() OVER (ORDER BY end_ts - ts DESC) AS rank, count(*) OVER () AS spans
              FROM kept WHERE reach IS NULL OR ts >= reach)
            SELECT part, lane, label, name, category, ts - $ts AS start, end_ts - ts AS dur, spans
            FROM ranked WHERE rank <= $most ORDER BY part, lane, ts""";

    /// Spans on one timeline, in order, without overlap.
    public record Lane(String label, List<Bar> bars) {
        public Lane {
            bars = List.copyOf(bars);
        }
    }

    /// One span.
    ///
    /// @param category what kind of work it is
    /// @param startNs from the start of the step's wall; negative where the span begins before it
    public record Bar(String name, String category, long startNs, long durNs) {}

    public ExampleStep {
        lanes = List.copyOf(lanes);
    }

    static Optional<ExampleStep> of(Session session, Optional<StageTime> stage) {
        if (stage.isEmpty()) {
            return Optional.empty();
        }
        Rows chosen = session.query("SELECT t.step, t.ts, t.end_ts FROM step_time t WHERE t.judged AND t.stage = '"
                + stage.get().name().replace("'", "''") + "' ORDER BY abs(t.wall - "
                + (long) (stage.get().wall().p50() * 1000) + "), t.ts LIMIT 1");
        return chosen.size() == 0
                ? Optional.empty()
                : Optional.of(read(session, stage.get().name(), chosen));
    }

    private static ExampleStep read(Session session, String stage, Rows chosen) {
        Rows all = session.query("SELECT least((SELECT min(ts) FROM step_time), (SELECT min(ts) FROM device_op)) AS ts,"
                + " greatest((SELECT max(end_ts) FROM step_time), (SELECT max(end_ts) FROM device_op)) AS end_ts,"
                + " (SELECT count(*) FROM device_op) + (SELECT count(*) FROM launch)"
                + " + (SELECT count(*) FROM slice WHERE category = 'cpu_op') AS spans");
        boolean whole = all.integer(0, "spans").orElse(0) <= MOST_SPANS;
        Rows shown = whole ? all : chosen;
        long ts = shown.integer(0, "ts").orElseThrow();
        long end = shown.integer(0, "end_ts").orElseThrow();
        Rows rows = session.query(SPANS.replace("$ts", Long.toString(ts))
                .replace("$end", Long.toString(end))
                .replace("$most", Integer.toString(MOST_SPANS)));
        Map<List<Object>, List<Bar>> lanes = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            lanes.computeIfAbsent(
                            List.of(
                                    rows.text(r, "label", ""),
                                    rows.real(r, "lane").orElse(0)),
                            l -> new ArrayList<>())
                    .add(new Bar(
                            rows.text(r, "name", ""),
                            rows.text(r, "category", ""),
                            rows.integer(r, "start").orElse(0),
                            rows.integer(r, "dur").orElse(0)));
        }
        long spans = rows.size() == 0 ? 0 : rows.integer(0, "spans").orElse(0);
        return new ExampleStep(
                stage,
                chosen.integer(0, "step").orElseThrow(),
                whole,
                end - ts,
                lanes.entrySet().stream()
                        .map(e -> new Lane(e.getKey().getFirst().toString(), e.getValue()))
                        .toList(),
                Math.max(0, spans - MOST_SPANS));
    }
}
