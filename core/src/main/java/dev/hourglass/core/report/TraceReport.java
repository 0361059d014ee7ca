package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.analysis.ExampleStep;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.analysis.Roof;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Quantity;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// A recorded timeline with GPU work as a report: the neck, what was found, then the evidence.
public final class TraceReport {
    private record Part(String key, String label, String brief, Hue hue) {}

    private static final List<Part> PARTS = List.of(
            new Part("t_cpu_computation", "Operators on the CPU", "CPU operators", Hue.EXPERTS),
            new Part("t_gpu_computation", "GPU computation", "GPU computes", Hue.GPU),
            new Part("t_communication", "Communication", "Communication", Hue.ROUTING),
            new Part("t_pcie_transfer", "Copies that nothing hides", "Exposed copies", Hue.TRANSFER),
            new Part("t_gpu_kernel_launch", "Idle: operators and launches", "Launches", Hue.LAUNCH),
            new Part("t_sync", "Idle: after waits", "After waits", Hue.SYNC),
            new Part("t_scheduling", "Other code on the host", "Host code", Hue.SCHEDULING),
            new Part("remainder", "Idle: queued, recording, unknown", "Queued, other", Hue.REMAINDER));
    private static final Map<String, Hue> HUES = Map.ofEntries(
            Map.entry("attention", Hue.ATTENTION),
            Map.entry("gemm", Hue.GPU),
            Map.entry("moe", Hue.EXPERTS),
            Map.entry("norm", Hue.NORM),
            Map.entry("sampling", Hue.SAMPLING),
            Map.entry("embedding", Hue.EMBEDDING),
            Map.entry("communication", Hue.ROUTING),
            Map.entry("copy", Hue.REMAINDER),
            Map.entry("memcpy", Hue.TRANSFER),
            Map.entry("elementwise", Hue.HEAD),
            Map.entry("reduction", Hue.SAMPLING),
            Map.entry("memset", Hue.REMAINDER),
            Map.entry("step", Hue.LAYER),
            Map.entry("kernel", Hue.LAUNCH),
            Map.entry("graph", Hue.LAUNCH),
            Map.entry("sync", Hue.SYNC),
            Map.entry("operator", Hue.SCHEDULING));

    private final Explanation explained;
    private final String name;

    private TraceReport(Explanation explained, String name) {
        this.explained = explained;
        this.name = name;
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
        example().ifPresent(sections::add);
        sections.add(section(
                "idle", "Why the GPU is idle", "gpu/idle", "gpu/gaps", "gpu/sync", "gpu/launches", "gpu/graphs"));
        sections.add(kernels());
        sections.add(section("operators", "More about kernels", "gpu/small_kernels", "gpu/streams"));
        sections.add(section("copies", "Copies and overlap", "gpu/memcpy", "gpu/overlap"));
        sections.add(rest());
        sections.add(unknowns());
        sections.add(run());
        return new Report(name, context(), headline(), sections);
    }

    private List<String> context() {
        List<String> out = new ArrayList<>();
        for (String fact : List.of("model.name", "engine.name", "gpu.0.name", "device.0.name", "host.name")) {
            Optional.ofNullable(explained.facts().get(fact))
                    .filter(v -> !v.isBlank())
                    .ifPresent(out::add);
        }
        explained.stages().forEach(s -> out.add(s.steps() + (s.steps() == 1 ? " step of " : " steps of ") + s.name()));
        return out;
    }

    private Report.Headline headline() {
        Optional<StageTime> stage = explained.tokenStage();
        String statement = stage.map(s -> "A step of " + s.name() + " takes "
                        + us(s.wall().mean()) + ". What limits it: " + limit(s) + ".")
                .orElse("The recording has no steps with device work.");
        return new Report.Headline(
                statement,
                stage.map(this::figures).orElse(List.of()),
                stage.map(TraceReport::neck).orElse(new Chart.Neck("nothing to draw", Unit.MICROSECONDS, List.of())),
                notes());
    }

    private static String limit(StageTime s) {
        return s.devices() == 0 && s.bound() == Bound.DEVICE
                ? "the CPU that computes the operators"
                : s.bound().words();
    }

    private List<Figure> figures(StageTime s) {
        List<Figure> out = new ArrayList<>();
        out.add(new Figure(
                "Step of " + s.name(),
                s.wall().meanQuantity(),
                "wall, mean ± standard deviation over " + s.steps() + " steps"));
        s.gpuBusyRatio()
                .ifPresent(busy -> out.add(new Figure(
                        "GPU busy", Quantity.exact(busy, Unit.RATIO), "union over its streams, of the step's wall")));
        explained.findings().stream()
                .filter(f -> f.gain().isPresent() && f.gain().getAsDouble() > 0)
                .findFirst()
                .ifPresent(f -> out.add(new Figure(
                        "To be won at most",
                        Quantity.exact(f.gain().getAsDouble(), Unit.RATIO),
                        f.bound().words() + ": " + f.gainMethod())));
        if (s.devices() > 0) {
            out.add(new Figure(
                    "Kernels per step",
                    Quantity.exact(s.kernels(), Unit.COUNT),
                    "issued by " + Format.value(Math.rint(s.launches()), Unit.COUNT) + " calls"));
        }
        utilisation("MFU", s.mfu(), without(s.utilizationBasis(), "bytes against"))
                .ifPresent(out::add);
        utilisation("MBU", s.mbu(), without(s.utilizationBasis(), "arithmetic against"))
                .ifPresent(out::add);
        return out;
    }

    /// Only what bears on one of the two figures.
    private static String without(String basis, String part) {
        return java.util.Arrays.stream(basis.split("; ", -1))
                .filter(piece -> !piece.startsWith(part))
                .collect(java.util.stream.Collectors.joining("; "));
    }

    private static Optional<Figure> utilisation(String label, OptionalDouble value, String basis) {
        return value.isEmpty()
                ? Optional.empty()
                : Optional.of(new Figure(
                        label, Quantity.exact(value.getAsDouble(), Unit.RATIO), "over the step's wall; " + basis));
    }

    private static Chart.Neck neck(StageTime s) {
        return new Chart.Neck(
                "Parts of a step of " + s.name() + ", the largest at the neck",
                Unit.MICROSECONDS,
                PARTS.stream()
                        .filter(p -> s.componentUs(p.key()) > 0)
                        .map(p -> new Chart.Part(p.brief(), p.hue(), s.componentUs(p.key())))
                        .sorted(Comparator.comparingDouble(Chart.Part::value).reversed())
                        .toList());
    }

    private static List<Chart.Part> parts(StageTime s) {
        return PARTS.stream()
                .filter(p -> s.componentUs(p.key()) > 0)
                .map(p -> new Chart.Part(p.label(), p.hue(), s.componentUs(p.key())))
                .toList();
    }

    private List<Block.Note> notes() {
        List<Block.Note> out = new ArrayList<>();
        List<DecodeProfile.Loss> bad = explained.losses().stream()
                .filter(l -> l.severity().equals("data_loss") || l.severity().equals("error"))
                .toList();
        if (!bad.isEmpty()) {
            DecodeProfile.Loss first = bad.getFirst();
            out.add(new Block.Note(
                    Block.Note.Tone.CAUTION,
                    "Part of the recording is missing",
                    first.count() + " × " + first.kind() + " in " + first.source() + " (" + first.place()
                            + "). Figures cover what was read."));
        }
        if (explained.stages().stream().anyMatch(s -> s.devices() == 0 && s.bound() == Bound.UNCLEAR)) {
            out.add(
                    new Block.Note(
                            Block.Note.Tone.CAUTION,
                            "The GPU's work is missing",
                            "The host launched work on a GPU and the recording has none of it, or it is cut off before that part."
                                    + " Record the GPU's activity too, to the end:"
                                    + " activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], and no other profiler beside."));
        }
        if (explained.stages().stream().anyMatch(StageTime::firstOnly)) {
            out.add(new Block.Note(
                    Block.Note.Tone.PLAIN,
                    "The first recorded step stands apart",
                    "The recorder itself starts in it. A stage that has no other step is shown, but judged mildly."));
        }
        return out;
    }

    private List<Block> findings() {
        if (explained.findings().isEmpty()) {
            return List.of(new Block.Prose("Nothing was found that would be worth changing."));
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
                    new Chart.Parts("Parts of a step of " + s.name(), Unit.MICROSECONDS, parts(s)),
                    "Mean time of each part of a step of " + s.name() + " over " + s.steps()
                            + " steps. The parts do not overlap and add up to the wall of "
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
        String slug = text.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return slug.isEmpty() ? "x" : slug;
    }

    private Optional<Section> example() {
        return explained.example().filter(e -> !e.lanes().isEmpty()).map(e -> {
            List<Chart.Row> rows = e.lanes().stream()
                    .map(lane -> new Chart.Row(
                            lane.label(),
                            lane.bars().stream().map(TraceReport::span).toList()))
                    .toList();
            String dropped = e.dropped() == 0 ? "" : " " + e.dropped() + " of the shortest spans are left out.";
            String shown = e.whole()
                    ? "The whole recording. Operators that run inside others are left out; " + perfetto()
                    : "The step of " + e.stage() + " whose wall is nearest to the median (step " + e.step()
                            + " in host_step): the whole recording is too long for a page; " + perfetto();
            return new Section(
                    "timeline",
                    e.whole() ? "Timeline" : "One step, span by span",
                    List.of(new Block.Plot(
                            "step",
                            new Chart.Timeline(
                                    e.whole() ? "The whole recording" : "A typical step of " + e.stage(),
                                    e.wallNs(),
                                    rows),
                            shown + dropped)));
        });
    }

    private static String perfetto() {
        return "hourglass open offers everything in Perfetto's viewer.";
    }

    private static Chart.Span span(ExampleStep.Bar bar) {
        return new Chart.Span(
                bar.name(),
                bar.category(),
                HUES.getOrDefault(bar.category(), Hue.OTHER),
                bar.startNs(),
                bar.durNs(),
                OptionalDouble.empty());
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
        flame().ifPresent(blocks::add);
        roofline().ifPresent(blocks::add);
        blocks.addAll(
                answers("gpu/categories", "gpu/kernels", "op/operators", "op/modules", "op/gemm", "op/call_paths"));
        return new Section("kernels", "Kernels and operators", blocks);
    }

    private Optional<Rows> rows(String analysis) {
        return switch (explained.outcomes().get(analysis)) {
            case Outcome.Clean(var _, Rows rows) when rows.size() > 0 -> Optional.of(rows);
            case Outcome.Findings(var _, Rows rows, var _) when rows.size() > 0 -> Optional.of(rows);
            case null, default -> Optional.empty();
        };
    }

    private String tokenStage() {
        return explained.tokenStage().map(StageTime::name).orElse("");
    }

    private Optional<Block> flame() {
        List<Chart.Path> paths = rows("op/call_paths").stream()
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .filter(r -> rows.text(r, "stage", "").equals(tokenStage()))
                        .mapToObj(r -> new Chart.Path(
                                List.of(rows.text(r, "path", "").split(" › ", -1)),
                                HUES.getOrDefault(rows.text(r, "category", ""), Hue.OTHER),
                                rows.real(r, "time").orElse(0))))
                .toList();
        return paths.isEmpty()
                ? Optional.empty()
                : Optional.of(new Block.Plot(
                        "flame",
                        new Chart.Flame(
                                "Device time of a typical step by call path",
                                Unit.NANOSECONDS,
                                "a typical step of " + tokenStage(),
                                paths),
                        "Device time of a typical step of " + tokenStage()
                                + " by call path: modules and operators from the top down, at the end what ran on the GPU."
                                + " Width is time."));
    }

    private Optional<Block> roofline() {
        List<Chart.Point> points = rows("op/gemm").stream()
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .filter(r -> rows.text(r, "stage", "").equals(tokenStage()))
                        .filter(r -> rows.real(r, "intensity").orElse(0) > 0
                                && rows.real(r, "rate").orElse(0) > 0)
                        .mapToObj(r -> new Chart.Point(
                                rows.text(r, "operator", "") + " "
                                        + rows.integer(r, "m").orElse(0) + " × "
                                        + rows.integer(r, "n").orElse(0) + " × "
                                        + rows.integer(r, "k").orElse(0) + " " + rows.text(r, "dtype", ""),
                                Hue.GPU,
                                rows.real(r, "intensity").orElse(0),
                                rows.real(r, "rate").orElse(0),
                                rows.real(r, "total").orElse(0))))
                .toList();
        if (points.isEmpty() || explained.roof().isEmpty()) {
            return Optional.empty();
        }
        Roof roof = explained.roof().get();
        return Optional.of(new Block.Plot(
                "roofline",
                new Chart.Roofline(
                        "Matrix products of " + tokenStage() + " under the GPU's roof",
                        roof.flops(),
                        roof.bandwidth(),
                        Format.value(roof.flops(), Unit.FLOP_PER_SECOND) + ", "
                                + Format.value(roof.bandwidth(), Unit.BYTES_PER_SECOND),
                        points),
                "Matrix products of " + tokenStage() + " by shape, under what the GPU can do at most (" + roof.source()
                        + "). Left of the bend memory limits, right of it arithmetic. A point's area is its time; its bytes"
                        + " are both matrices and the result, each once."));
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
        return new Section("more", "Memory, hardware, experts, engine", blocks);
    }

    private Section unknowns() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Unknowns(explained.notMeasured().stream()
                .map(n -> new Block.Unknown(n.item(), n.status(), n.reason(), Optional.ofNullable(n.howToRecord())))
                .toList()));
        if (explained.losses().isEmpty()) {
            blocks.add(new Block.Prose("Nothing got lost on its way into this report."));
        } else {
            blocks.add(new Block.Table(
                    "What was lost, repaired or noticed on its way into this report.",
                    List.of("Source", "What", "Severity", "Count", "Where"),
                    explained.losses().stream()
                            .map(l -> List.of(
                                    Cell.text(l.source()),
                                    Cell.text(l.kind()),
                                    Cell.text(l.severity()),
                                    Cell.number(l.count(), Unit.COUNT),
                                    Cell.text(l.place())))
                            .toList()));
        }
        return new Section("unknown", "Not measured, and lost", blocks);
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
