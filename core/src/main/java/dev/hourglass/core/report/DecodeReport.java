package dev.hourglass.core.report;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.text.Words;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A decode run as a report: what was measured, in the order in which a person asks.
public final class DecodeReport {
    /// More columns than this cannot be told apart on a page.
    private static final int MOST_COLUMNS = 256;

    private final DecodeProfile profile;
    private final DecodeCharts charts;
    private final DecodeTables tables;

    private DecodeReport(DecodeProfile profile) {
        this.profile = profile;
        this.charts = new DecodeCharts(profile);
        this.tables = new DecodeTables(profile, charts);
    }

    public static Report of(DecodeProfile profile) {
        return new DecodeReport(profile).build();
    }

    private Report build() {
        List<Section> sections = new ArrayList<>();
        sections.add(questions());
        sections.add(breakdown());
        sections.add(latency());
        sections.add(token());
        sections.add(layers());
        experts().ifPresent(sections::add);
        sections.add(memory());
        sections.add(processors());
        sections.add(counters());
        sections.add(overhead());
        sections.add(UnknownSection.of(profile.notMeasured(), profile.losses()));
        sections.add(run());
        return new Report(title(), context(), DecodeHeadline.of(profile, charts), sections);
    }

    private String title() {
        return "Decode of " + modelName();
    }

    private String modelName() {
        return profile.fact("model.shape", profile.fact("model.name", "a model"));
    }

    private List<String> context() {
        List<String> out = new ArrayList<>();
        out.add(modelName());
        layersNote().ifPresent(out::add);
        fact("model.quantization").ifPresent(out::add);
        fact("engine.name").ifPresent(name -> out.add((name + " " + profile.fact("engine.version", "")).strip()));
        fact("engine.threads").ifPresent(n -> out.add(n + (n.equals("1") ? " thread" : " threads")));
        fact("host.cpu").ifPresent(out::add);
        return out;
    }

    private Optional<String> layersNote() {
        String full = profile.fact("model.layers_full", profile.fact("model.layers", ""));
        return fact("model.layers").map(n -> n.equals(full) ? n + " layers" : n + " of " + full + " layers");
    }

    private Optional<String> fact(String name) {
        return Optional.ofNullable(profile.facts().get(name)).filter(v -> !v.isBlank());
    }

    private Section questions() {
        List<Block> blocks = new ArrayList<>();
        for (DecodeProfile.Answer a : profile.questions()) {
            blocks.add(new Block.Question(
                    a.id(), a.question(), a.answer(), status(a.status()), a.evidence(), DecodeQueries.of(a.id())));
        }
        return new Section("questions", "Seven questions", blocks);
    }

    private static Block.Question.Status status(DecodeProfile.Answer.Status status) {
        return switch (status) {
            case ANSWERED -> Block.Question.Status.ANSWERED;
            case NOT_APPLICABLE -> Block.Question.Status.NOT_APPLICABLE;
            case NOT_MEASURED -> Block.Question.Status.NOT_MEASURED;
        };
    }

    private Section breakdown() {
        return new Section(
                "components",
                "Where the time goes",
                List.of(
                        new Block.Plot(
                                "components",
                                charts.parts(),
                                "Mean time of each part of a step. The parts do not overlap and add up to T_token."),
                        tables.componentTable(),
                        analysis("decode/components")));
    }

    private Section latency() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Plot(
                "latency",
                charts.latency(),
                "Each dot is one decode step. The box spans the middle half of the steps, its line is the median."));
        blocks.add(tables.latencyTable());
        blocks.add(new Block.Plot(
                "tokens",
                charts.overTokens(),
                "T_token in the order in which the tokens came. The KV cache grows from left to right."));
        if (profile.tokens().size() <= MOST_COLUMNS) {
            blocks.add(new Block.Plot(
                    "token-parts", charts.tokenParts(), "The same steps by part: what a slow token spends more on."));
        }
        blocks.add(analysis("decode/latency"));
        return new Section("latency", "Latency", blocks);
    }

    private Section token() {
        DecodeProfile.Example e = profile.example();
        return new Section(
                "token",
                "One token, piece by piece",
                List.of(
                        new Block.Plot(
                                "timeline",
                                charts.timeline(),
                                "Step " + e.token() + ", whose " + us(e.us())
                                        + " are nearest to the median: its layers, its parts, its "
                                        + Format.value(e.pieces().size(), Unit.COUNT) + " timed pieces."),
                        tables.longestPieces(),
                        analysis("decode/example")));
    }

    private Section layers() {
        List<Block> blocks = new ArrayList<>();
        if (profile.layers().isEmpty()) {
            blocks.add(new Block.Note(
                    Block.Note.Tone.PLAIN, "No layers", "The engine's pieces carry no layer, so none can be shown."));
        } else {
            blocks.add(new Block.Plot(
                    "layers", charts.layers(), "Mean time per token in each layer, by part. " + layerSpread()));
            blocks.add(analysis("decode/layers"));
        }
        return new Section("layers", "Layer by layer", blocks);
    }

    private String layerSpread() {
        var sums = profile.layers().stream().mapToDouble(DecodeCharts::layerUs).summaryStatistics();
        return "A layer takes " + us(sums.getAverage()) + " on average, from " + us(sums.getMin()) + " to "
                + us(sums.getMax()) + ".";
    }

    private Optional<Section> experts() {
        return profile.experts().map(e -> {
            List<Block> blocks = new ArrayList<>();
            if (profile.fact("model.random_weights", "false").equals("true")) {
                blocks.add(new Block.Note(
                        Block.Note.Tone.PLAIN,
                        "Random weights",
                        "This model's weights are random. The pattern below shows that routing is measured; it says"
                                + " nothing about how evenly a trained model uses its experts."));
            }
            blocks.add(new Block.Plot("experts", charts.experts(e), expertCaption(e)));
            if (!e.pairs().isEmpty()) {
                blocks.add(DecodeTables.pairs(e));
            }
            blocks.add(analysis("decode/experts"));
            return new Section("experts", "Experts", blocks);
        });
    }

    private String expertCaption(DecodeProfile.ExpertActivity e) {
        return "How often each of the " + e.experts() + " experts was chosen, " + e.topK()
                + " per token and layer. The most chosen expert of a layer is chosen "
                + Format.significant(e.imbalance()) + " times as often as the mean expert (average over layers; "
                + profile.tToken().n() + " tokens).";
    }

    private Section memory() {
        List<Block> blocks = new ArrayList<>();
        profile.bound()
                .ifPresentOrElse(
                        b -> {
                            blocks.add(new Block.Plot(
                                    "bandwidth",
                                    charts.bandwidth(b),
                                    "Weight bytes read per second against what memory delivers to the same threads when they"
                                            + " do nothing else."));
                            blocks.add(analysis("decode/bound"));
                        },
                        () -> blocks.add(new Block.Note(
                                Block.Note.Tone.PLAIN,
                                "No ceiling",
                                "Achieved bandwidth cannot be judged: the machine's own limit was not measured"
                                        + profile.notMeasured().stream()
                                                .filter(n -> n.item().equals("dram_read"))
                                                .findFirst()
                                                .map(n -> ", because " + n.reason())
                                                .orElse("")
                                        + ".")));
        if (!profile.ceilings().isEmpty()) {
            blocks.add(tables.ceilings());
        }
        return new Section("memory", "Memory bandwidth", blocks);
    }

    private Section processors() {
        List<Block> blocks = new ArrayList<>();
        if (profile.cores().isEmpty()) {
            blocks.add(new Block.Note(Block.Note.Tone.PLAIN, "No samples", "Use of the cores was not sampled."));
        } else {
            blocks.add(new Block.Plot(
                    "cores", charts.cores(), "Share of time that each logical CPU was busy, all processes together."));
            blocks.add(tables.cores());
        }
        if (!profile.threads().isEmpty()) {
            blocks.add(tables.threads());
            blocks.add(analysis("decode/threads"));
        }
        return new Section("cores", "Cores and threads", blocks);
    }

    private Section counters() {
        List<Block> blocks = new ArrayList<>();
        List<List<Cell>> counted = new ArrayList<>();
        List<Block.Unknown> unknown = new ArrayList<>();
        for (DecodeProfile.Counter c : profile.counters()) {
            Long value = c.value();
            if (value == null) {
                String reason = Optional.ofNullable(c.reason()).orElse("no reason was recorded");
                unknown.add(new Block.Unknown(c.event(), "not_measured", reason, Optional.empty()));
            } else {
                counted.add(List.of(
                        Cell.text(c.event()),
                        Cell.text(c.scope()),
                        Cell.number(value, eventUnit(c.event())),
                        Cell.number((double) value / profile.tToken().n(), eventUnit(c.event()))));
            }
        }
        if (!counted.isEmpty()) {
            blocks.add(new Block.Table(
                    "Events of the kernel's perf subsystem over the measured phase.",
                    List.of("Event", "Scope", "Count", "Per profiled token"),
                    counted));
        }
        if (!unknown.isEmpty()) {
            blocks.add(new Block.Unknowns(unknown));
        }
        if (blocks.isEmpty()) {
            blocks.add(new Block.Prose("No event was counted in this run."));
        }
        return new Section("counters", "Hardware counters", blocks);
    }

    /// The perf subsystem counts its clocks in nanoseconds.
    private static Unit eventUnit(String event) {
        return event.endsWith("-clock") ? Unit.NANOSECONDS : Unit.COUNT;
    }

    private Section overhead() {
        DecodeProfile.Overhead o = profile.overhead();
        return new Section(
                "overhead",
                "What measuring cost",
                List.of(
                        new Block.Plot(
                                "overhead",
                                charts.overhead(),
                                "How much longer a step takes with per-node timing: " + Words.sentence(o.method())),
                        new Block.Query(
                                "The pairs of steps",
                                "SELECT t.token, t.dur AS profiled_ns, u.dur AS unprofiled_ns\n"
                                        + "FROM token t JOIN token_unprofiled u USING (token)\nORDER BY t.token")));
    }

    private Section run() {
        Map<String, List<Block.Fact>> groups = new LinkedHashMap<>();
        for (String first : List.of("run", "model", "engine", "host")) {
            groups.put(first, new ArrayList<>());
        }
        for (Map.Entry<String, String> fact : profile.facts().entrySet()) {
            int dot = fact.getKey().indexOf('.');
            String group = dot < 0 ? "run" : fact.getKey().substring(0, dot);
            String name = fact.getKey().substring(dot + 1);
            groups.computeIfAbsent(group, g -> new ArrayList<>())
                    .add(new Block.Fact(name.replace('_', ' '), readable(name, fact.getValue())));
        }
        groups.values().removeIf(List::isEmpty);
        return new Section(
                "run",
                "The run",
                groups.entrySet().stream()
                        .map(e -> (Block) new Block.Facts(groupTitle(e.getKey()), e.getValue()))
                        .toList());
    }

    private static String groupTitle(String group) {
        return switch (group) {
            case "host" -> "Machine";
            case "run" -> "Command and settings";
            default -> group.isEmpty() ? "Other" : group.substring(0, 1).toUpperCase(Locale.ROOT) + group.substring(1);
        };
    }

    /// Bytes and counts are stored as plain numbers; a person reads them scaled.
    private static String readable(String name, String value) {
        if (!value.matches("\\d{5,15}")) {
            return value;
        }
        return name.endsWith("bytes")
                ? Format.value(Double.parseDouble(value), Unit.BYTES)
                : Format.value(Double.parseDouble(value), Unit.COUNT);
    }

    private static Block.Query analysis(String id) {
        return DecodeQueries.library(id);
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }
}
