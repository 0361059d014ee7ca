package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Hue;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A recorded timeline with GPU work as a report: the neck, what was found, then the evidence.
public final class TraceReport {
    private final Explanation explained;
    private final String name;
    private final TraceCharts charts;

    private TraceReport(Explanation explained, String name) {
        this.explained = explained;
        this.name = name;
        this.charts = new TraceCharts(explained);
    }

    /// @param name what was recorded, for the title
    public static Report of(Explanation explained, String name) {
        return new TraceReport(explained, name).build();
    }

    private Report build() {
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("findings", "Findings", findings()));
        sections.add(new Section("questions", "Seven questions", questions()));
        sections.add(new Section("stages", "Where the time goes", stages()));
        charts.example().ifPresent(sections::add);
        sections.add(section(
                "idle", "Why the GPU is idle", "gpu/idle", "gpu/gaps", "gpu/sync", "gpu/launches", "gpu/graphs"));
        sections.add(kernels());
        sections.add(section("operators", "More about kernels", "gpu/small_kernels", "gpu/streams"));
        sections.add(section("copies", "Copies and overlap", "gpu/memcpy", "gpu/overlap"));
        if (explained.stages().isEmpty()) {
            sections.addFirst(rest());
        } else {
            sections.add(rest());
        }
        sections.add(UnknownSection.of(explained.notMeasured(), explained.losses()));
        sections.add(run());
        return new Report(name, context(), TraceHeadline.of(explained, charts), sections);
    }

    private List<String> context() {
        List<String> out = new ArrayList<>();
        for (String fact : List.of("model.name", "engine.name", "gpu.0.name", "device.0.name", "host.name")) {
            Optional.ofNullable(explained.facts().get(fact))
                    .filter(v -> !v.isBlank())
                    .ifPresent(out::add);
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
        return explained.findings().stream().map(TraceReport::finding).toList();
    }

    private static Block finding(Finding f) {
        String gain = f.gain().isPresent()
                ? Format.value(f.gain().getAsDouble(), Unit.RATIO) + " of the stage's time: " + f.gainMethod()
                : f.gainMethod();
        return new Block.Finding(
                f.id(),
                Block.Finding.Severity.valueOf(f.severity().name()),
                f.title(),
                f.bound() == Bound.NONE ? "" : f.bound().key(),
                f.share(),
                f.stage() + (f.device() < 0 ? "" : ", GPU " + f.device()),
                f.remedy(),
                gain,
                Optional.of(new Block.Query("The rows behind it", f.evidenceSql())));
    }

    private List<Block> questions() {
        return explained.questions().stream()
                .map(a -> (Block) new Block.Question(
                        a.id(),
                        a.question(),
                        a.answer(),
                        Block.Question.Status.valueOf(a.status().name()),
                        a.evidence(),
                        Optional.empty()))
                .toList();
    }

    private List<Block> stages() {
        List<Block> blocks = new ArrayList<>();
        for (StageTime s : headlineFirst()) {
            String id = "parts-" + slug(s.name());
            blocks.add(new Block.Plot(
                    id,
                    new Chart.Parts("Parts of " + s.one(), Unit.MICROSECONDS, charts.parts(s)),
                    "Mean time of each part of " + s.one() + " over " + s.steps()
                            + (s.steps() == 1 ? " step" : " steps")
                            + ". The parts do not overlap and add up to the wall of "
                            + us(s.wall().mean()) + "."));
        }
        List<Chart.Strip> strips = explained.stages().stream()
                .filter(s -> s.walls().size() > 1)
                .map(s -> new Chart.Strip(s.name(), Hue.PROFILED, s.walls()))
                .toList();
        if (!strips.isEmpty()) {
            blocks.add(new Block.Plot(
                    "walls",
                    new Chart.Strips("Wall of every judged step", Unit.MICROSECONDS, strips),
                    "Wall of every judged step."));
        }
        boolean host = explained.stages().stream().allMatch(s -> s.devices() == 0);
        blocks.addAll(
                host
                        ? answers("steps/host_stages")
                        : answers("steps/stages", "gpu/critical_path", "steps/first", "steps/steps"));
        return blocks;
    }

    /// The stages, that of the headline before the others: a summary shows the first one's parts.
    private List<StageTime> headlineFirst() {
        List<StageTime> stages = new ArrayList<>(explained.stages());
        explained.tokenStage().ifPresent(stage -> {
            stages.remove(stage);
            stages.addFirst(stage);
        });
        return stages;
    }

    private static String slug(String text) {
        String slug = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return slug.isEmpty() ? "x" : slug;
    }

    private Section section(String id, String title, String... analyses) {
        return new Section(id, title, answers(analyses));
    }

    private List<Block> answers(String... analyses) {
        List<Block> blocks = new ArrayList<>();
        for (String id : analyses) {
            Outcome outcome = explained.outcomes().get(id);
            if (outcome != null) {
                blocks.addAll(AnalysisTable.of(outcome));
            }
        }
        return blocks;
    }

    /// What runs on the GPU: by call path, by part of the model, by name, and under the device's roof.
    private Section kernels() {
        List<Block> blocks = new ArrayList<>();
        charts.flame().ifPresent(blocks::add);
        charts.roofline().ifPresent(blocks::add);
        blocks.addAll(
                answers("gpu/categories", "gpu/kernels", "op/operators", "op/modules", "op/gemm", "op/call_paths"));
        return new Section("kernels", "Kernels and operators", blocks);
    }

    /// Memory, hardware, experts, engine: only what the session can answer.
    private Section rest() {
        List<Block> blocks = new ArrayList<>();
        explained.outcomes().forEach((id, outcome) -> {
            boolean elsewhere =
                    id.startsWith("bound/") || id.startsWith("steps/") || id.startsWith("gpu/") || id.startsWith("op/");
            if (!elsewhere && !(outcome instanceof Outcome.NotApplicable)) {
                blocks.addAll(AnalysisTable.of(outcome));
            }
        });
        if (blocks.isEmpty()) {
            blocks.add(new Block.Prose("The session holds nothing about memory, hardware, experts or the engine."));
        }
        return new Section(
                "more",
                explained.stages().isEmpty() ? "What was recorded" : "Memory, hardware, experts, engine",
                blocks);
    }

    private Section run() {
        return new Section(
                "run",
                "The run",
                List.of(new Block.Facts(explained.facts().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(e -> new Block.Fact(e.getKey(), e.getValue()))
                        .toList())));
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }
}
