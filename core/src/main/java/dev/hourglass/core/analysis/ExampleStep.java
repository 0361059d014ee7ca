package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One step, span by span: the one whose wall is nearest to the median of its stage.
///
/// @param stage its stage
/// @param step identifier, as in `host_step`
/// @param wallNs its wall
/// @param lanes operators, calls, and one lane per stream
/// @param dropped short spans that were left out so that the example stays small
public record ExampleStep(String stage, long step, long wallNs, List<Lane> lanes, long dropped) {
    private static final int MOST = 6000;

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
        Rows chosen = session.query("SELECT t.step, t.device, t.source_id, t.ts, t.end_ts, h.track_id FROM step_time t"
                + " JOIN host_step h ON h.step = t.step WHERE t.judged AND t.stage = '"
                + stage.get().name().replace("'", "''") + "' ORDER BY abs(t.wall - "
                + (long) (stage.get().wall().p50() * 1000) + "), t.ts LIMIT 1");
        return chosen.size() == 0
                ? Optional.empty()
                : Optional.of(read(session, stage.get().name(), chosen));
    }

    private static ExampleStep read(Session session, String stage, Rows chosen) {
        long ts = chosen.integer(0, "ts").orElseThrow();
        long end = chosen.integer(0, "end_ts").orElseThrow();
        String within = "ts < " + end + " AND end_ts > " + ts;
        String source = "source_id = " + chosen.integer(0, "source_id").orElseThrow();
        Rows rows = session.query("WITH host AS (SELECT track_id, ts, ts + dur AS end_ts, name, category FROM slice"
                + " WHERE track_id = " + chosen.integer(0, "track_id").orElse(-1) + "),"
                + " span AS ("
                + "SELECT 0 AS lane, 'Operators' AS label, name, 'operator' AS category, ts, end_ts FROM host h"
                + " WHERE category = 'cpu_op' AND " + within
                + " UNION ALL SELECT 1, 'Calls', name, kind, ts, ts + dur FROM launch WHERE track_id = "
                + chosen.integer(0, "track_id").orElse(-1) + " AND ts < " + end + " AND ts + dur > " + ts
                + " UNION ALL SELECT 2 + device * 100000 + stream, 'GPU ' || device || ' stream ' || stream, short_name,"
                + " category, ts, end_ts FROM device_op WHERE " + source + " AND " + within + "),"
                + " kept AS (SELECT *, max(end_ts) OVER (PARTITION BY lane ORDER BY ts, end_ts DESC ROWS BETWEEN UNBOUNDED"
                + " PRECEDING AND 1 PRECEDING) AS reach, row_number() OVER (ORDER BY end_ts - ts DESC) AS rank,"
                + " count(*) OVER () AS spans FROM span)"
                + " SELECT label, name, category, ts - " + ts + " AS start, end_ts - ts AS dur, spans FROM kept"
                + " WHERE (reach IS NULL OR ts >= reach) AND rank <= " + MOST + " ORDER BY lane, ts");
        Map<String, List<Bar>> lanes = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            lanes.computeIfAbsent(rows.text(r, "label", ""), l -> new ArrayList<>())
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
                end - ts,
                lanes.entrySet().stream()
                        .map(e -> new Lane(e.getKey(), e.getValue()))
                        .toList(),
                Math.max(0, spans - MOST));
    }
}
