package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
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
        Rows chosen = session.query(ExplanationQueries.text(
                "nearest_step", Map.of("stage", SqlText.literal(stage.get().name()), "wall", Long.toString((long)
                        (stage.get().wall().p50() * 1000)))));
        return chosen.size() == 0
                ? Optional.empty()
                : Optional.of(read(session, stage.get().name(), chosen));
    }

    private static ExampleStep read(Session session, String stage, Rows chosen) {
        Rows all = session.query(ExplanationQueries.text("whole_recording"));
        boolean whole = all.integer(0, "spans").orElse(0) <= MOST_SPANS;
        Rows shown = whole ? all : chosen;
        long ts = shown.integer(0, "ts").orElseThrow();
        long end = shown.integer(0, "end_ts").orElseThrow();
        Rows rows = session.query(ExplanationQueries.text(
                "spans",
                Map.of("ts", Long.toString(ts), "end", Long.toString(end), "most", Integer.toString(MOST_SPANS))));
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
