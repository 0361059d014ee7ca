package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a comparison needs of a run: the time of each step and of its parts, and what ran.
///
/// @param name what the run is called
/// @param stage the stage whose steps these are
/// @param tTokenUs time of each judged step, in order of time
/// @param componentsUs by component key: its time in each of these steps. The components do not overlap
///     and add up to the step's time
/// @param kernels by short name: how often and how long per step
public record RunSamples(
        String name,
        String stage,
        List<Double> tTokenUs,
        Map<String, List<Double>> componentsUs,
        Map<String, KernelUse> kernels) {

    /// How often and how long something ran.
    public record KernelUse(double callsPerStep, double usPerStep) {}

    public RunSamples {
        tTokenUs = List.copyOf(tTokenUs);
        componentsUs = Collections.unmodifiableMap(new LinkedHashMap<>(componentsUs));
        kernels = Collections.unmodifiableMap(new LinkedHashMap<>(kernels));
    }

    /// Reads a session: the steps of the stage whose steps are tokens.
    ///
    /// @throws IllegalArgumentException if it has no steps
    public static RunSamples of(Session session, String name) {
        return of(session, name, "");
    }

    /// The same of another stage, where the session has steps of it.
    ///
    /// @param stage the stage that is wanted; empty for none in particular
    /// @throws IllegalArgumentException if the session has no steps
    public static RunSamples of(Session session, String name, String stage) {
        Rows stages =
                session.query(ExplanationQueries.text("stage_to_compare", Map.of("wanted", SqlText.literal(stage))));
        if (stages.size() == 0) {
            throw new IllegalArgumentException(
                    name + " has no steps to compare: neither decode steps nor GPU work nor annotated steps");
        }
        return ofStage(session, name, stages.text(0, "stage", ""));
    }

    private static RunSamples ofStage(Session session, String name, String stage) {
        Rows times = session.query(ExplanationQueries.ofStage("steps_to_compare", stage));
        Rows parts = session.query(ExplanationQueries.ofStage("parts_to_compare", stage));
        Rows calls = session.query(ExplanationQueries.ofStage("calls_to_compare", stage));
        return new RunSamples(name, stage, column(times), byComponent(parts), kernels(calls));
    }

    private static List<Double> column(Rows rows) {
        List<Double> values = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            values.add(rows.real(r, "us").orElse(0));
        }
        return values;
    }

    private static Map<String, List<Double>> byComponent(Rows rows) {
        Map<String, List<Double>> parts = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            parts.computeIfAbsent(rows.text(r, "component", ""), c -> new ArrayList<>())
                    .add(rows.real(r, "us").orElse(0));
        }
        return parts;
    }

    private static Map<String, KernelUse> kernels(Rows rows) {
        Map<String, KernelUse> kernels = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            kernels.put(
                    rows.text(r, "name", ""),
                    new KernelUse(
                            rows.real(r, "calls").orElse(0), rows.real(r, "us").orElse(0)));
        }
        return kernels;
    }
}
