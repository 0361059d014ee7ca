package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Where the analyses look: one stage, a span of time, or everything.
///
/// @param stage name of a stage, as in `step_time.belongs`
/// @param fromNs nanoseconds from the session's start
/// @param toNs nanoseconds from the session's start
public record Focus(Optional<String> stage, OptionalLong fromNs, OptionalLong toNs) {
    /// Everything.
    public static final Focus ALL = new Focus(Optional.empty(), OptionalLong.empty(), OptionalLong.empty());

    private static final String START = ExplanationQueries.bare("session_start", Map.of());
    private static final List<String> STEPPED = List.of("step_time", "step_period", "gpu_gap", "gpu_step");
    private static final List<String> TIMED = List.of(
            "device_op",
            "kernel",
            "memcpy",
            "launch",
            "hw_sample",
            "memory_event",
            "kv_usage",
            "kv_eviction",
            "batch",
            "preemption",
            "core_sample");

    /// Lets the session's queries see only what lies in the focus, under the tables' own names.
    public void apply(Session session) {
        if (stage.isPresent() || fromNs.isPresent() || toNs.isPresent()) {
            String all = session.table("step_time");
            STEPPED.forEach(table -> session.restrict(table, steps(table, all)));
            session.restrict(
                    "step_op",
                    ExplanationQueries.bare(
                            "operations_of_steps", Map.of("steps", all, "condition", steps("step_time", all))));
            if (stage.isPresent()) {
                session.restrict("device_op", ExplanationQueries.bare("operations_in_steps", Map.of()));
            } else {
                TIMED.forEach(table -> session.restrict(table, times("ts")));
            }
        }
    }

    private String steps(String table, String unrestricted) {
        List<String> all = new ArrayList<>();
        stage.ifPresent(name -> all.add(ExplanationQueries.bare(
                "steps_of_stage", Map.of("steps", unrestricted, "stage", SqlText.literal(name)))));
        if (fromNs.isPresent() || toNs.isPresent()) {
            all.add(times(table.equals("gpu_gap") ? "ts" : "end_ts"));
        }
        return String.join(" AND ", all);
    }

    private String times(String column) {
        List<String> all = new ArrayList<>();
        fromNs.ifPresent(ns -> all.add(column + " >= " + START + " + " + ns));
        toNs.ifPresent(ns -> all.add("ts < " + START + " + " + ns));
        return all.isEmpty() ? "true" : String.join(" AND ", all);
    }
}
