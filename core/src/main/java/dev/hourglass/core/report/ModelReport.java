package dev.hourglass.core.report;

import dev.hourglass.core.cost.CostRow;
import dev.hourglass.core.cost.ModelAssessment;
import dev.hourglass.core.cost.ModelAssessment.Phase;
import dev.hourglass.core.cost.StepTime;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.Footprint;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelUse;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Parallel;
import dev.hourglass.core.model.Tower;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What a model costs, for people: blocks of a report.
public final class ModelReport {
    private static final double MICRO = 1e6;

    private final ModelAssessment assessment;
    private final Model model;
    private final ModelUse use;
    private final Convention convention;
    private final boolean allLogits;

    /// @param convention in which FLOPs are shown
    /// @param allLogits whether a prefill yields the logits of every position
    public ModelReport(ModelAssessment assessment, Convention convention, boolean allLogits) {
        this.assessment = assessment;
        this.model = assessment.model();
        this.use = assessment.use();
        this.convention = convention;
        this.allLogits = allLogits;
    }

    /// One model: parameters, a step of each phase, memory.
    public List<Block> summary() {
        List<Block> blocks = new ArrayList<>();
        ModelNotes.doubts(model, "").ifPresent(blocks::add);
        blocks.add(new Block.Prose(model.architecture() + ": " + layers()));
        blocks.add(parameters());
        blocks.add(steps());
        tower().ifPresent(blocks::add);
        blocks.add(new Block.Prose(""));
        blocks.add(memory());
        ModelNotes.behind(model, use.context()).ifPresent(blocks::add);
        return blocks;
    }

    /// Costs of both phases, group by group, layer by layer or operator by operator.
    public List<Block> costs(CostRow.By by) {
        List<Block> blocks = new ArrayList<>();
        ModelNotes.doubts(model, "").ifPresent(blocks::add);
        for (Phase phase : Phase.values()) {
            List<CostRow> rows = CostRow.of(assessment, phase, convention, by);
            blocks.add(table(caption(phase), by, by == CostRow.By.LAYER ? CostRow.collapsed(rows) : rows));
        }
        if (by == CostRow.By.OPERATOR) {
            ModelNotes.contexts(model).ifPresent(blocks::add);
        }
        return blocks;
    }

    /// Several models side by side, one row each: FLOP, or least times where a device is named.
    public static List<Block> comparison(List<ModelAssessment> assessments, Convention convention) {
        List<Block> blocks = new ArrayList<>();
        assessments.forEach(
                a -> ModelNotes.doubts(a.model(), name(a.model()) + ": ").ifPresent(blocks::add));
        blocks.add(table(assessments, convention));
        return blocks;
    }

    private static Block.Table table(List<ModelAssessment> assessments, Convention convention) {
        boolean timed = assessments.stream().anyMatch(a -> a.device().isPresent());
        List<String> columns = new ArrayList<>(List.of("model", "params", "active", "weights", "KV/token"));
        columns.addAll(
                timed ? List.of("prefill", "decode", "max batch") : List.of("prefill", "decode", "decode bytes"));
        return new Block.Table(
                describe(convention) + ". " + comparedUse(assessments),
                columns,
                assessments.stream().map(a -> compared(a, convention, timed)).toList());
    }

    private static String comparedUse(List<ModelAssessment> assessments) {
        List<String> uses = assessments.stream()
                .map(a -> "prefill of " + a.use().prompt() + " tokens, decode at "
                        + a.use().context() + ", batch " + a.use().batch())
                .distinct()
                .toList();
        return (uses.size() == 1 ? "A " + uses.getFirst() : "Prompts differ: " + String.join("; ", uses))
                + assessments
                        .getFirst()
                        .device()
                        .map(d -> "; least times and largest batch on " + d.title())
                        .orElse("")
                + ".";
    }

    private static List<Cell> compared(ModelAssessment a, Convention convention, boolean timed) {
        List<Cell> cells = new ArrayList<>(List.of(
                Cell.text(name(a.model()) + (a.model().reading().doubts().isEmpty() ? "" : " (see above)")),
                Cell.text(billions(a.model().parameters())),
                Cell.text(billions(a.model().activeParameters())),
                weights(a.model(), Unit.BYTES),
                Cell.number(a.cacheBytesPerToken(), Unit.BYTES)));
        if (timed) {
            cells.add(seconds(a, Phase.PREFILL));
            cells.add(seconds(a, Phase.DECODE));
            cells.add(a.fit().map(f -> Cell.number(f.maxBatch(), Unit.COUNT)).orElse(Cell.text("unknown")));
        } else {
            cells.add(Cell.number((double) a.prefill(convention, false).total(), Unit.FLOP));
            cells.add(Cell.number((double) a.decode(convention).total(), Unit.FLOP));
            cells.add(Cell.number(bytes(a, Phase.DECODE), Unit.BYTES));
        }
        return cells;
    }

    private static Cell seconds(ModelAssessment a, Phase phase) {
        return a.time(phase).map(t -> Cell.number(t.seconds(), Unit.SECONDS)).orElse(Cell.text(""));
    }

    private static String billions(long count) {
        return Format.significant(count / 1e9) + "B";
    }

    /// A short name: of the file, or of its directory where the file is only called `config`.
    static String name(Model model) {
        Path path = Path.of(model.source());
        String file = String.valueOf(path.getFileName()).replaceFirst("\\.(json|gguf|safetensors)$", "");
        Path directory = path.toAbsolutePath().getParent();
        return file.equals("config") && directory != null && directory.getFileName() != null
                ? directory.getFileName().toString()
                : file;
    }

    /// What a convention counts, in a few words.
    static String describe(Convention convention) {
        return switch (convention) {
            case HF -> "FLOP convention hf: as eager PyTorch executes it, full-square attention, latents expanded";
            case SERVING -> "FLOP convention serving: causal, latents absorbed, last logit only";
        };
    }

    private String layers() {
        Map<String, Long> kinds = new LinkedHashMap<>();
        model.sections().stream().filter(s -> s.layer() >= 0).forEach(s -> kinds.merge(s.kind(), 1L, Long::sum));
        String text = kinds.entrySet().stream()
                .map(e -> e.getValue() + " × " + e.getKey())
                .collect(Collectors.joining("; "));
        return model.layers() + " layers (" + text + ")" + experts() + ".";
    }

    private String experts() {
        return model.experts()
                .map(e -> ", " + e.chosen() + " of " + e.total() + " experts per token")
                .orElse("");
    }

    private Block parameters() {
        Map<Group, Long> groups = model.parametersByGroup();
        Map<Group, Double> bytes = weightBytes();
        List<List<Cell>> rows = new ArrayList<>();
        groups.forEach((group, count) -> rows.add(List.of(
                Cell.text(group.label()),
                Cell.number(count, Unit.COUNT),
                Cell.number(active(group, count), Unit.COUNT),
                known(bytes.getOrDefault(group, 0.0), Unit.BYTES))));
        rows.add(List.of(
                Cell.text("total"),
                Cell.number(model.parameters(), Unit.COUNT),
                Cell.number(model.activeParameters(), Unit.COUNT),
                weights(model, Unit.BYTES)));
        return new Block.Table(
                "Weights: " + formats(), List.of("group", "parameters", "active per token", "bytes"), rows);
    }

    private long active(Group group, long count) {
        return group == Group.ROUTED_EXPERTS ? model.activeParameters() - (model.parameters() - count) : count;
    }

    private Map<Group, Double> weightBytes() {
        Map<Group, Double> bytes = new LinkedHashMap<>();
        model.everySection()
                .forEach(section -> section.operators()
                        .forEach(operator -> operator.weights()
                                .forEach(weight -> bytes.merge(
                                        weight.group(),
                                        model.storage().bytes(section.path(operator), weight),
                                        Double::sum))));
        return bytes;
    }

    private String formats() {
        if (model.storage().unknown().isPresent()) {
            return "bytes not known, because " + model.storage().unknown().get() + ".";
        }
        return model.storage().bytesByFormat(model).entrySet().stream()
                .map(e -> Format.value((double) e.getValue(), Unit.BYTES) + " " + e.getKey())
                .collect(Collectors.joining(" + ", "", ", " + model.storage().origin() + "."));
    }

    private static Cell known(double value, Unit unit) {
        return Double.isNaN(value) ? Cell.text("not known") : Cell.number(value, unit);
    }

    /// Bytes of a model's weights, where they are known.
    static Cell weights(Model model, Unit unit) {
        return model.storage().unknown().isPresent()
                ? Cell.text("not known")
                : Cell.number((double) model.weightBytes(), unit);
    }

    private Block steps() {
        List<List<Cell>> rows = new ArrayList<>();
        rows.add(row("FLOP", phase -> Cell.number((double) flops(phase), Unit.FLOP)));
        rows.add(row("bytes moved", phase -> known(bytes(assessment, phase), Unit.BYTES)));
        rows.add(row("FLOP per byte", phase -> known(flops(phase) / bytes(assessment, phase), Unit.FLOP_PER_BYTE)));
        model.experts().ifPresent(e -> rows.add(row("experts read per layer", phase -> touched(e, phase))));
        assessment.device().ifPresent(device -> {
            rows.add(row("least time", phase -> seconds(assessment, phase)));
            rows.add(row(
                    "limited by",
                    phase -> Cell.text(
                            assessment.time(phase).map(StepTime::limitedBy).orElse(""))));
        });
        String on = assessment
                .device()
                .map(d -> " On " + devices() + d.title() + ", "
                        + (d.origin().startsWith(DeviceSpec.MEASURED) ? "peaks " + d.origin() : "data-sheet peaks")
                        + ".")
                .orElse("");
        return new Block.Table(
                "A step. " + describe(convention) + (allLogits ? "; logits of every position" : "") + "." + on,
                List.of("", "prefill, " + tokens(use.prompt()), "decode at " + use.context() + batch()),
                rows);
    }

    private String devices() {
        Parallel parallel = use.parallel();
        return parallel.devices() == 1 ? "" : parallel.devices() + " × ";
    }

    private String tokens(long n) {
        return n + " tokens" + batch();
    }

    private String batch() {
        return use.batch() == 1 ? "" : " × " + use.batch();
    }

    private Cell touched(Operator.Experts experts, Phase phase) {
        double touched = assessment.expertsTouched(phase).orElse(0);
        return Cell.text(Format.significant(touched) + " of " + experts.total());
    }

    private static List<Cell> row(String name, Function<Phase, Cell> cell) {
        return List.of(Cell.text(name), cell.apply(Phase.PREFILL), cell.apply(Phase.DECODE));
    }

    private long flops(Phase phase) {
        return switch (phase) {
            case PREFILL -> assessment.prefill(convention, allLogits).total();
            case DECODE -> assessment.decode(convention).total();
        };
    }

    /// Bytes that a step of the whole model moves.
    static double bytes(ModelAssessment a, Phase phase) {
        return a.costs(phase).stream().mapToDouble(c -> c.traffic().total()).sum();
    }

    private Optional<Block> tower() {
        return model.tower().map(tower -> {
            String label = tower.kind().label();
            String input = switch (tower.size()) {
                case Tower.Size.Always always -> always.input();
                case Tower.Size.Patches p ->
                    use.image()
                            .map(i -> "an image of " + i.width() + " × " + i.height() + " pixels")
                            .orElse("an image");
            };
            return new Block.Prose(assessment
                    .tower(convention)
                    .map(f -> label + ": " + Format.value((double) f.total(), Unit.FLOP) + " for " + input + ", "
                            + assessment.towerTokens(tower).orElse(0L) + " tokens inside the tower.")
                    .orElse(label + ": its FLOP depend on the image; give --image WIDTHxHEIGHT."));
        });
    }

    private Block memory() {
        List<Block.Fact> facts = new ArrayList<>();
        long fixed = assessment.fixedStateElements();
        facts.add(new Block.Fact(
                "KV cache",
                Format.value(assessment.cacheBytesPerToken(), Unit.BYTES) + " per token ("
                        + use.costing(model).cacheType().label() + ")"
                        + (fixed == 0
                                ? ""
                                : ", and " + Format.value((double) fixed, Unit.COUNT)
                                        + " fixed elements per sequence")));
        Footprint need = assessment.footprint();
        facts.add(new Block.Fact(
                "memory",
                size(need.total()) + " = weights " + size(need.weights())
                        + " + cache " + Format.value(need.cache(), Unit.BYTES) + " + activations "
                        + Format.value(need.activations(), Unit.BYTES)
                        + (use.parallel().devices() == 1
                                ? ""
                                : ", on the fullest of " + use.parallel().devices() + " devices")));
        assessment
                .device()
                .ifPresent(device -> facts.add(new Block.Fact("fits", new FitText(assessment).of(device.title()))));
        return new Block.Facts(facts);
    }

    private static String size(double bytes) {
        return Double.isNaN(bytes) ? "not known" : Format.value(bytes, Unit.BYTES);
    }

    private String caption(Phase phase) {
        String what = switch (phase) {
            case PREFILL -> "Prefill of " + tokens(use.prompt());
            case DECODE -> "Decode of one token at " + use.context() + " tokens of context" + batch();
        };
        return what + ". " + describe(convention) + ".";
    }

    private static Block.Table table(String caption, CostRow.By by, List<CostRow> rows) {
        boolean timed = rows.stream().anyMatch(r -> r.seconds().isPresent());
        List<String> columns = new ArrayList<>();
        columns.add(by.label());
        if (by != CostRow.By.GROUP) {
            columns.add(by == CostRow.By.LAYER ? "made of" : "group");
        }
        if (by != CostRow.By.LAYER) {
            columns.add("of them");
        }
        columns.addAll(List.of("FLOP", "bytes", "FLOP/B", "output"));
        if (timed) {
            columns.addAll(List.of("least", "limit"));
        }
        return new Block.Table(
                caption, columns, rows.stream().map(r -> cells(r, by, timed)).toList());
    }

    private static List<Cell> cells(CostRow row, CostRow.By by, boolean timed) {
        List<Cell> cells = new ArrayList<>();
        cells.add(Cell.text(row.name()));
        if (by != CostRow.By.GROUP) {
            cells.add(Cell.text(row.kind()));
        }
        if (by != CostRow.By.LAYER) {
            cells.add(Cell.number(row.operators(), Unit.COUNT));
        }
        cells.add(Cell.number((double) row.flops(), Unit.FLOP));
        cells.add(Cell.number(row.traffic().total(), Unit.BYTES));
        cells.add(Cell.number(row.intensity(), Unit.NONE));
        cells.add(Cell.number(row.outputBytes(), Unit.BYTES));
        if (timed) {
            cells.add(Cell.number(row.seconds().orElse(0) * MICRO, Unit.MICROSECONDS));
            cells.add(Cell.text(row.limitedBy().orElse("")));
        }
        return cells;
    }
}
