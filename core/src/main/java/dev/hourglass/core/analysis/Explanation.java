package dev.hourglass.core.analysis;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A session explained: what limits each stage, what was found, what is unknown.
///
/// @param facts metadata by dotted name
/// @param stages where the time goes, the stage with most time first
/// @param overall what limits the session as a whole
/// @param findings in order of the time at stake
/// @param outcomes how each analysis came out, by its id
/// @param decode what the tokens of a recorded decode run amount to; empty where none were recorded
/// @param questions the seven questions, q1 to q7
/// @param roof what the device can do at most; empty where it is not known
/// @param example one typical step, span by span; empty where there are no steps
/// @param notMeasured what is unknown, with the reason
/// @param losses what was lost or repaired on the way, with severity
public record Explanation(
        Map<String, String> facts,
        List<StageTime> stages,
        Bound overall,
        List<Finding> findings,
        Map<String, Outcome> outcomes,
        Optional<DecodeProfile> decode,
        List<Answer> questions,
        Optional<Roof> roof,
        Optional<ExampleStep> example,
        List<NotMeasured> notMeasured,
        List<Loss> losses) {

    public Explanation {
        stages = List.copyOf(stages);
        findings = List.copyOf(findings);
        questions = List.copyOf(questions);
        notMeasured = List.copyOf(notMeasured);
        losses = List.copyOf(losses);
    }

    /// A fact, or the fallback where the recording does not tell it.
    public String fact(String name, String fallback) {
        return facts.getOrDefault(name, fallback);
    }

    /// Whether work of a GPU was recorded.
    public boolean hasDeviceWork() {
        return stages.stream().anyMatch(s -> s.devices() > 0);
    }

    /// The stage whose steps are tokens: decode where there is one, else the one with most time.
    public Optional<StageTime> tokenStage() {
        return tokenStage(stages);
    }

    static Optional<StageTime> tokenStage(List<StageTime> stages) {
        return stages.stream()
                .filter(s -> s.name().equals("decode"))
                .findFirst()
                .or(() -> stages.stream().filter(s -> !s.firstOnly()).findFirst())
                .or(() -> stages.stream().findFirst());
    }
}
