package dev.hourglass.core.cost;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The timed steps of a session with the work that each was asked to do.
///
/// @param source table that they come from: `token`, `step` or `stage`; empty where there are none
/// @param steps those whose work is known
/// @param mixed steps that prefill and decode at once, which are left out
/// @param uncached prefills of which the recording does not tell how much of their prompts was cached: counted as none
/// @param missing what the recording does not tell of the others, one phrase each
public record TimedSteps(String source, List<Step> steps, long mixed, long uncached, List<String> missing) {

    public TimedSteps {
        steps = List.copyOf(steps);
        missing = List.copyOf(missing);
    }

    /// One timed step.
    ///
    /// @param dur time in which the devices could have worked for it, in nanoseconds
    /// @param busyNs time in which the GPU worked for it; empty where not told
    /// @param devices GPUs that took part
    /// @param given what the user gave, for people
    public record Step(
            long ref,
            long ts,
            long dur,
            OptionalLong busyNs,
            long devices,
            ModelAssessment.Phase phase,
            long batch,
            long tokens,
            long context,
            String given) {}

    /// What the user says of the work, for recordings that do not.
    public record Given(OptionalLong batch, OptionalLong prompt, OptionalLong context) {}

    /// Reads the first of tokens, engine steps and stages that the session has.
    public static TimedSteps of(Session session, Given given) {
        for (String source : List.of("token", "step", "stage")) {
            Rows rows = session.query(CostQueries.ALL.text(source));
            if (rows.size() > 0) {
                return read(source, rows, given);
            }
        }
        return new TimedSteps("", List.of(), 0, 0, List.of());
    }

    private static TimedSteps read(String source, Rows rows, Given given) {
        List<Step> steps = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        long mixed = 0;
        long uncached = 0;
        for (int r = 0; r < rows.size(); r++) {
            switch (rows.text(r, "phase", "")) {
                case "prefill" -> {
                    step(rows, r, ModelAssessment.Phase.PREFILL, given, steps, missing);
                    uncached += rows.integer(r, "context").isEmpty() ? 1 : 0;
                }
                case "decode" -> step(rows, r, ModelAssessment.Phase.DECODE, given, steps, missing);
                default -> mixed++;
            }
        }
        return new TimedSteps(
                source, steps, mixed, uncached, missing.stream().distinct().toList());
    }

    private static void step(
            Rows rows, int r, ModelAssessment.Phase phase, Given given, List<Step> steps, List<String> missing) {
        List<String> filled = new ArrayList<>();
        OptionalLong batch = known(rows.integer(r, "batch"), given.batch(), "batch", filled);
        boolean prefill = phase == ModelAssessment.Phase.PREFILL;
        OptionalLong tokens = prefill
                ? known(perSequence(rows.integer(r, "tokens"), batch), given.prompt(), "prompt", filled)
                : OptionalLong.of(1);
        OptionalLong context = prefill
                ? OptionalLong.of(perSequence(rows.integer(r, "context"), batch).orElse(0))
                : known(perSequence(rows.integer(r, "context"), batch), given.context(), "context", filled);
        if (batch.isEmpty() || tokens.isEmpty() || context.isEmpty()) {
            missing.add(Stream.of(
                                    batch.isEmpty() ? "--batch" : "",
                                    tokens.isEmpty() ? "--prompt" : "",
                                    context.isEmpty() ? "--context" : "")
                            .filter(option -> !option.isEmpty())
                            .collect(Collectors.joining(" "))
                    + " of its " + phase.label() + " steps");
            return;
        }
        steps.add(new Step(
                rows.integer(r, "ref").orElse(r),
                rows.integer(r, "ts").orElse(0),
                rows.integer(r, "dur").orElse(0),
                rows.integer(r, "busy_ns"),
                rows.integer(r, "devices").orElse(1),
                phase,
                batch.getAsLong(),
                tokens.getAsLong(),
                context.getAsLong(),
                String.join(", ", filled)));
    }

    private static OptionalLong known(OptionalLong told, OptionalLong given, String name, List<String> filled) {
        if ((told.isPresent() && told.getAsLong() > 0) || given.isEmpty()) {
            return told;
        }
        filled.add(name + " " + given.getAsLong());
        return given;
    }

    private static OptionalLong perSequence(OptionalLong sum, OptionalLong batch) {
        return sum.isPresent() && batch.isPresent() && batch.getAsLong() > 0
                ? OptionalLong.of(Math.round((double) sum.getAsLong() / batch.getAsLong()))
                : OptionalLong.empty();
    }
}
