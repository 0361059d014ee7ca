package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.analysis.Period;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Hue;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a report says of the steps of a timeline: their parts, and the GPU's work in them.
final class StepParts {
    private final Explanation explained;
    private final TraceCharts charts;

    StepParts(Explanation explained) {
        this.explained = explained;
        this.charts = new TraceCharts(explained);
    }

    /// The sections that tell why, in the order in which a person asks.
    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("stages", "Where the time goes", stages()));
        charts.example().ifPresent(sections::add);
        if (!explained.stages().isEmpty() && !explained.hasDeviceWork()) {
            sections.add(
                    section("operators", "Operators on the host", "cpu/steps", "op/cpu_operators", "op/call_paths"));
            return sections;
        }
        sections.add(section(
                "idle",
                "Why the GPU is idle",
                "gpu/idle",
                "gpu/host_layers",
                "gpu/host_functions",
                "gpu/gaps",
                "gpu/sync",
                "gpu/launches",
                "gpu/graphs"));
        sections.add(kernels());
        sections.add(section("operators", "More about kernels", "gpu/small_kernels", "gpu/streams"));
        sections.add(section("copies", "Copies and overlap", "gpu/memcpy", "gpu/overlap"));
        return sections;
    }

    private List<Block> stages() {
        List<Block> blocks = new ArrayList<>();
        for (StageTime s : headlineFirst()) {
            String id = "parts-" + slug(s.name());
            blocks.add(new Block.Plot(
                    id,
                    new Chart.Parts("Parts of " + s.one(), Unit.MICROSECONDS, charts.parts(s)),
                    "Mean time of each part of " + s.one() + " over "
                            + s.period().usual()
                            + (s.period().usual() == 1 ? " step" : " steps")
                            + ". The parts do not overlap and add up to "
                            + us(s.period().usualUs())
                            + (s.period().told() == Period.Told.WALL
                                    ? ", its wall."
                                    : " from the end of a step's work to that of the next.")));
        }
        List<Chart.Strip> strips = explained.stages().stream()
                .filter(s -> s.period().each().size() > 1)
                .map(s -> new Chart.Strip(s.name(), Hue.PROFILED, s.period().each()))
                .toList();
        if (!strips.isEmpty()) {
            blocks.add(new Block.Plot(
                    "walls",
                    new Chart.Strips("Every judged step", Unit.MICROSECONDS, strips),
                    "From the end of each judged step's work to that of the next."));
        }
        boolean host = explained.stages().stream().allMatch(s -> s.devices() == 0);
        blocks.addAll(
                host
                        ? answers("steps/host_stages")
                        : answers(
                                "steps/stages",
                                "gpu/critical_path",
                                "gpu/critical_names",
                                "gpu/sides",
                                "steps/first",
                                "steps/steps"));
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
    Section rest() {
        List<Block> blocks = new ArrayList<>();
        explained.outcomes().forEach((id, outcome) -> {
            boolean elsewhere = id.startsWith("bound/")
                    || id.startsWith("steps/")
                    || id.startsWith("gpu/")
                    || (id.startsWith("op/") && shown(id))
                    || id.equals("cpu/steps");
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

    /// Where there are no steps, operators of the host stand with the rest.
    private boolean shown(String id) {
        return !explained.stages().isEmpty() || !id.equals("op/cpu_operators");
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }
}
