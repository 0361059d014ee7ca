package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// What a comparison needs of a run: the time of each step and of its parts, its work, and what ran.
///
/// @param name what the run is called
/// @param stage the stage whose steps these are
/// @param steps the judged steps, in order of time
/// @param componentsUs by component key: its time in each of these steps. The components do not overlap
///     and add up to the step's wall
/// @param kernels by short name: how often and how long per step
/// @param fullNames by short name: the whole name of a kernel; short names are those of one session
/// @param facts what must be the same in runs that are compared
public record RunSamples(
        String name,
        String stage,
        List<Step> steps,
        Map<String, List<Double>> componentsUs,
        Map<String, KernelUse> kernels,
        Map<String, String> fullNames,
        List<RunFact> facts) {

    /// One judged step. What the recording does not tell of it is NaN.
    ///
    /// @param periodUs from the end of the step before it to its own end, in microseconds; of a decode run T_token
    /// @param wallUs from its start to its end, in microseconds
    /// @param tokens tokens that it computed
    /// @param batch sequences that it served
    public record Step(double periodUs, double wallUs, double tokens, double batch) {
        /// One of a decode run: another follows at once, and it computes one token of one sequence.
        public static Step of(double us) {
            return new Step(us, us, 1, 1);
        }
    }

    /// How often and how long something ran.
    public record KernelUse(double callsPerStep, double usPerStep) {}

    public RunSamples {
        steps = List.copyOf(steps);
        componentsUs = Collections.unmodifiableMap(new LinkedHashMap<>(componentsUs));
        kernels = Collections.unmodifiableMap(new LinkedHashMap<>(kernels));
        fullNames = Collections.unmodifiableMap(new LinkedHashMap<>(fullNames));
        facts = List.copyOf(facts);
    }

    /// A decode run, of which only T_token in microseconds and what ran are known.
    public RunSamples(
            String name,
            String stage,
            List<Double> timesUs,
            Map<String, List<Double>> componentsUs,
            Map<String, KernelUse> kernels) {
        this(name, stage, timesUs.stream().map(Step::of).toList(), componentsUs, kernels, Map.of(), List.of());
    }

    /// The same under another name.
    public RunSamples named(String other) {
        return new RunSamples(other, stage, steps, componentsUs, kernels, fullNames, facts);
    }

    /// Time from token to token, in order of time: the periods of the steps, or where none is known their walls.
    public List<Double> tTokenUs() {
        return hasPeriods() ? known(Step::periodUs) : wallUs();
    }

    /// Whether it is known when a step follows another.
    public boolean hasPeriods() {
        return steps.stream().anyMatch(step -> !Double.isNaN(step.periodUs()));
    }

    /// The walls of the steps, in order of time.
    public List<Double> wallUs() {
        return known(Step::wallUs);
    }

    List<Double> known(ToDoubleFunction<Step> of) {
        return steps.stream()
                .mapToDouble(of)
                .filter(v -> !Double.isNaN(v))
                .boxed()
                .toList();
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
        Rows names = session.query(ExplanationQueries.text("kernel_names"));
        Rows facts = session.query(ExplanationQueries.text("facts_to_compare"));
        Map<String, KernelUse> kernels = kernels(calls);
        Map<String, String> full = names(names);
        full.keySet().retainAll(kernels.keySet());
        return new RunSamples(name, stage, steps(times), byComponent(parts), kernels, full, facts(facts));
    }

    private static List<Step> steps(Rows rows) {
        List<Step> steps = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            steps.add(new Step(
                    rows.real(r, "period").orElse(Double.NaN),
                    rows.real(r, "wall").orElse(Double.NaN),
                    rows.real(r, "tokens").orElse(Double.NaN),
                    rows.real(r, "batch").orElse(Double.NaN)));
        }
        return steps;
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

    private static Map<String, String> names(Rows rows) {
        Map<String, String> names = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            names.put(rows.text(r, "short_name", ""), rows.text(r, "name", ""));
        }
        return names;
    }

    private static List<RunFact> facts(Rows rows) {
        List<RunFact> facts = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            RunFact.Kind kind = RunFact.Kind.valueOf(rows.text(r, "kind", "").toUpperCase(Locale.ROOT));
            facts.add(new RunFact(kind, rows.text(r, "what", ""), rows.text(r, "value", "")));
        }
        return facts;
    }
}
