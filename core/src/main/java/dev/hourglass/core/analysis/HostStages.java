package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// Stages of a recording without GPU work: time inside operators, and the rest.
///
/// A stage that spends most of its time inside operators is limited by the processor that computes
/// them; the recording cannot tell its arithmetic from its memory. Where the host launched GPU work that the
/// recording lacks, or where it is cut off before the GPU's part, nothing can be said.
final class HostStages {
    /// Share of a step inside operators from which the processor that computes them limits it: the larger half.
    private static final double COMPUTES_FROM_SHARE = 0.5;

    private HostStages() {}

    static List<StageTime> of(@Nullable Outcome outcome, Session session) {
        List<StageTime> stages = new ArrayList<>();
        boolean operators =
                session.query(ExplanationQueries.text("host_operators")).size() > 0;
        boolean launched =
                session.query(ExplanationQueries.text("host_launches")).size() > 0;
        Map<String, StageTimes.Steps> steps = StageTimes.Steps.of(session);
        if (operators && outcome instanceof Outcome.Clean(Analysis analysis, Rows rows)) {
            for (int r = 0; r < rows.size(); r++) {
                stages.add(
                        stage(rows, r, steps.getOrDefault(rows.text(r, "stage", ""), StageTimes.Steps.NONE), launched));
            }
        }
        return stages;
    }

    private static StageTime stage(Rows rows, int r, StageTimes.Steps each, boolean launched) {
        Map<String, Double> us = new LinkedHashMap<>();
        us.put("t_cpu_computation", StageTimes.us(rows, r, "operators"));
        us.put("t_scheduling", StageTimes.us(rows, r, "other"));
        boolean computing =
                StageTimes.us(rows, r, "operators") >= COMPUTES_FROM_SHARE * StageTimes.us(rows, r, "period");
        return new StageTime(
                rows.text(r, "stage", ""),
                rows.integer(r, "steps").orElse(0),
                0,
                Boolean.TRUE.equals(rows.value(r, "first_only")),
                StageTimes.period(rows, r, each.periods()),
                each.wall(StageTimes.us(rows, r, "wall")),
                each.walls(),
                OptionalDouble.empty(),
                us,
                StageTimes.us(rows, r, "period") - StageTimes.us(rows, r, "wall"),
                OptionalDouble.empty(),
                rows.real(r, "tokens"),
                0,
                0,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                launched
                        ? "the recording has none of the GPU work that the host launched, or it is cut off before any"
                        : "no GPU work was recorded, and no ceiling of the CPU was measured",
                launched ? Bound.UNCLEAR : computing ? Bound.DEVICE : Bound.HOST);
    }
}
