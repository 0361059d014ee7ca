package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Answer;
import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Any session as a report: the neck, what was found, the seven questions, then the evidence.
///
/// Each section stands where the session holds what it tells of: tokens and their parts, steps of a
/// timeline, work of GPUs. A run with tokens on a GPU has them all.
public final class SessionReport {
    private final Explanation explained;
    private final String name;

    private SessionReport(Explanation explained, String name) {
        this.explained = explained;
        this.name = name;
    }

    /// @param name what was recorded, for the title where the recording does not tell it
    public static Report of(Explanation explained, String name) {
        return new SessionReport(explained, name).build();
    }

    private Report build() {
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("findings", "Findings", findings()));
        sections.add(new Section("questions", "Seven questions", questions()));
        explained.decode().ifPresent(profile -> sections.addAll(new DecodeParts(explained, profile).sections()));
        if (explained.decode().isEmpty() || explained.hasDeviceWork()) {
            steps(sections);
        }
        sections.add(UnknownSection.of(explained.notMeasured(), explained.losses()));
        sections.add(RunSection.of(explained.facts()));
        return explained
                .decode()
                .map(profile -> new Report(
                        "Decode of " + DecodeHeadline.modelName(explained),
                        DecodeHeadline.context(explained),
                        DecodeHeadline.of(profile),
                        sections))
                .orElseGet(() -> new Report(name, context(), headline(), sections));
    }

    private Report.Headline headline() {
        return (explained.stages().isEmpty() ? EngineHeadline.of(explained) : Optional.<Report.Headline>empty())
                .orElseGet(() -> TraceHeadline.of(explained, new TraceCharts(explained)));
    }

    private void steps(List<Section> sections) {
        StepParts parts = new StepParts(explained);
        sections.addAll(parts.sections());
        if (explained.stages().isEmpty()) {
            sections.addFirst(parts.rest());
        } else {
            sections.add(parts.rest());
        }
    }

    private List<String> context() {
        List<String> out = new ArrayList<>();
        for (String fact : List.of("model.name", "engine.name", "gpu.0.name", "device.0.name", "host.name")) {
            Optional.of(explained.fact(fact, "")).filter(v -> !v.isBlank()).ifPresent(out::add);
        }
        explained.stages().forEach(s -> out.add(StageTime.stepsOf(s.steps(), s.name())));
        return out;
    }

    private List<Block> findings() {
        if (explained.findings().isEmpty()) {
            return List.of(new Block.Prose(
                    explained.stages().isEmpty()
                            ? "Nothing was judged: findings are about steps of inference, and there are none in it."
                            : "Nothing was found that would be worth changing."));
        }
        Set<String> shown = new HashSet<>();
        return explained.findings().stream()
                .map(f -> finding(f, shown.add(f.evidenceSql())))
                .toList();
    }

    /// @param first whether no finding before it stands on the same rows, whose query is shown once
    private static Block finding(Finding f, boolean first) {
        String gain = f.gain().isPresent()
                ? Format.value(f.gain().getAsDouble(), Unit.RATIO)
                        + (f.stage().isEmpty() ? ": " : " of the stage's time: ")
                        + f.gainMethod()
                : f.gainMethod();
        return new Block.Finding(
                f.id(),
                Block.Finding.Severity.valueOf(f.severity().name()),
                f.title(),
                f.bound() == Bound.NONE ? "" : f.bound().key(),
                f.share(),
                f.stage() + (f.device() < 0 ? "" : ", GPU " + f.device()),
                f.remedy(),
                f.spellings(),
                gain,
                first ? Optional.of(new Block.Query("The rows behind it", f.evidenceSql())) : Optional.empty());
    }

    private List<Block> questions() {
        return explained.questions().stream()
                .map(a -> (Block) new Block.Question(
                        a.id(),
                        a.question(),
                        a.answer(),
                        Block.Question.Status.valueOf(a.status().name()),
                        a.evidence(),
                        a.query().map(SessionReport::query)))
                .toList();
    }

    /// A query of an answer as a block of a document.
    static Block.Query query(Answer.Query query) {
        return new Block.Query(query.title(), query.sql());
    }
}
