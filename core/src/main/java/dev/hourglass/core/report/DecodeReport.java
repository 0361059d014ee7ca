package dev.hourglass.core.report;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Quantity;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// A decode run as a report: what was measured, in the order in which a person asks.
public final class DecodeReport {
    /// More columns than this cannot be told apart on a page.
    private static final int MOST_COLUMNS = 256;

    private final DecodeProfile profile;
    private final DecodeCharts charts;

    private DecodeReport(DecodeProfile profile) {
        this.profile = profile;
        this.charts = new DecodeCharts(profile);
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
        sections.add(unknowns());
        sections.add(run());
        return new Report(title(), context(), headline(), sections);
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

    private Report.Headline headline() {
        Distribution t = profile.tToken();
        DecodeProfile.ComponentTime neck = profile.neck();
        String depth = profile.fullDepth()
                .map(d -> " with " + d.layers() + " of " + d.layersFull() + " layers")
                .orElse("");
        String statement = "A token takes " + us(t.mean()) + depth + ". "
                + percent(neck.share().orElse(0)) + " of it goes to " + charts.plain(neck.component()) + ".";
        return new Report.Headline(statement, headlineFigures(t, neck), charts.neck(), headlineNotes());
    }

    private List<Figure> headlineFigures(Distribution t, DecodeProfile.ComponentTime neck) {
        List<Figure> out = new ArrayList<>();
        out.add(new Figure("T_token", t.meanQuantity(), "mean ± standard deviation over " + t.n() + " steps"));
        out.add(new Figure(
                "Speed", Quantity.exact(1e6 / t.mean(), Unit.TOKENS_PER_SECOND), "one sequence, 1 / mean T_token"));
        out.add(new Figure(
                "The neck: " + charts.name(neck.component()),
                Quantity.exact(neck.share().orElse(0), Unit.RATIO),
                neck.time()
                        .map(d -> Format.quantity(d.meanQuantity()) + " of each token")
                        .orElse("")));
        out.add(new Figure(
                "Slowest tokens",
                Quantity.exact(t.p99(), Unit.MICROSECONDS),
                "99th percentile; median " + us(t.p50()) + ", maximum " + us(t.max())));
        profile.bound()
                .ifPresent(b -> out.add(new Figure(
                        "Memory bandwidth used",
                        Quantity.exact(b.ratio(), Unit.RATIO),
                        rate(b.expertBytesPerSecond()) + " by the feed-forward part, of "
                                + rate(b.ceilingBytesPerSecond()) + " measured")));
        DecodeProfile.Overhead o = profile.overhead();
        out.add(new Figure(
                "Cost of measuring",
                new Quantity(
                        o.percent() / 100,
                        Unit.RATIO,
                        new Quantity.Spread.Interval(o.low() / 100, o.high() / 100, 0.95)),
                (o.low() <= 0 && o.high() >= 0
                                ? "not distinguishable from zero, over "
                                : "longer than a step without per-node timing, over ")
                        + o.pairs() + " pairs"));
        return out;
    }

    private List<Block.Note> headlineNotes() {
        List<Block.Note> out = new ArrayList<>();
        profile.contention().filter(c -> !c.level().equals("none")).ifPresent(c -> out.add(disturbed(c)));
        profile.fullDepth().ifPresent(d -> out.add(fullDepth(d)));
        return out;
    }

    private static Block.Note disturbed(DecodeProfile.Contention c) {
        boolean severe = c.level().equals("severe");
        return new Block.Note(
                severe ? Block.Note.Tone.SEVERE : Block.Note.Tone.CAUTION,
                severe ? "This run was disturbed: do not trust its numbers" : "This run was disturbed",
                sentence(c.reason()));
    }

    private Block.Note fullDepth(DecodeProfile.FullDepth d) {
        String shares = d.componentUs().entrySet().stream()
                .sorted((a, b) -> Double.compare(b.getValue(), a.getValue()))
                .limit(3)
                .map(e -> charts.name(e.getKey()) + " " + percent(e.getValue() / d.us()))
                .collect(Collectors.joining(", "));
        return new Block.Note(
                Block.Note.Tone.PLAIN,
                d.layers() + " of " + d.layersFull() + " layers ran",
                "Every measured number here is of " + d.layers() + " layers, in which what stands outside the layers"
                        + " weighs more than at full depth. There a token would take about " + us(d.us()) + " ("
                        + us(d.lowUs()) + " to " + us(d.highUs()) + "): " + shares + ". This is an " + d.method()
                        + ".");
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
                        componentTable(),
                        analysis("decode/components")));
    }

    private Block.Table componentTable() {
        List<List<Cell>> rows = new ArrayList<>();
        for (DecodeProfile.ComponentTime c : profile.components()) {
            c.time().ifPresent(t -> rows.add(componentRow(c, t)));
        }
        rows.sort((a, b) -> Double.compare(value(b), value(a)));
        return new Block.Table(
                "Time per token. Parts marked “inside others” overlap them and are not part of the sum.",
                List.of("Part", "Share of T_token", "Mean", "Std. dev.", "Median", "p99", "Max"),
                rows);
    }

    private static double value(List<Cell> row) {
        return row.get(2) instanceof Cell.Value n ? n.value() : 0;
    }

    private List<Cell> componentRow(DecodeProfile.ComponentTime c, Distribution t) {
        Component component = c.component();
        Hue hue = Hue.of(component);
        return List.of(
                new Cell.Named(
                        charts.name(component) + (component.exclusive() ? "" : " (inside others)"),
                        hue,
                        component.key() + ": " + component.doc()),
                new Cell.Share(c.share().orElse(0), hue),
                Cell.number(t.mean(), Unit.MICROSECONDS),
                Cell.number(t.stddev(), Unit.MICROSECONDS),
                Cell.number(t.p50(), Unit.MICROSECONDS),
                Cell.number(t.p99(), Unit.MICROSECONDS),
                Cell.number(t.max(), Unit.MICROSECONDS));
    }

    private Section latency() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Plot(
                "latency",
                charts.latency(),
                "Each dot is one decode step. The box spans the middle half of the steps, its line is the median."));
        blocks.add(latencyTable());
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

    private Block.Table latencyTable() {
        return new Block.Table(
                "",
                List.of("Steps", "n", "Mean", "Std. dev.", "cv", "Min", "Median", "p90", "p99", "Max"),
                List.of(
                        latencyRow("With per-node timing", Hue.PROFILED, profile.tToken()),
                        latencyRow("Without", Hue.UNPROFILED, profile.tTokenUnprofiled())));
    }

    private static List<Cell> latencyRow(String name, Hue hue, Distribution t) {
        return List.of(
                Cell.named(name, hue),
                Cell.number(t.n(), Unit.COUNT),
                Cell.number(t.mean(), Unit.MICROSECONDS),
                Cell.number(t.stddev(), Unit.MICROSECONDS),
                Cell.number(t.cv(), Unit.RATIO),
                Cell.number(t.min(), Unit.MICROSECONDS),
                Cell.number(t.p50(), Unit.MICROSECONDS),
                Cell.number(t.p90(), Unit.MICROSECONDS),
                Cell.number(t.p99(), Unit.MICROSECONDS),
                Cell.number(t.max(), Unit.MICROSECONDS));
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
                        longestPieces(),
                        analysis("decode/example")));
    }

    private Block.Table longestPieces() {
        List<List<Cell>> rows = profile.example().pieces().stream()
                .sorted((a, b) -> Long.compare(b.durNs(), a.durNs()))
                .limit(8)
                .map(DecodeReport::pieceRow)
                .toList();
        return new Block.Table(
                "The longest pieces of this step.",
                List.of("Piece", "Layer", "Operator", "Start", "Time", "Weights read", "Rate"),
                rows);
    }

    private static List<Cell> pieceRow(DecodeProfile.Piece p) {
        Integer layer = p.layer();
        long bytes = Optional.ofNullable(p.weightBytes()).orElse(0L);
        return List.of(
                Cell.named(p.name(), Hue.of(p.component())),
                Cell.text(layer == null ? "outside" : layer.toString()),
                Cell.text(p.kind()),
                Cell.number(p.startNs(), Unit.NANOSECONDS),
                Cell.number(p.durNs(), Unit.NANOSECONDS),
                bytes > 0 ? Cell.number(bytes, Unit.BYTES) : Cell.text("none"),
                bytes > 0 && p.durNs() > 0
                        ? Cell.number(bytes * 1e9 / p.durNs(), Unit.BYTES_PER_SECOND)
                        : Cell.text("–"));
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
                blocks.add(pairs(e));
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

    private static Block.Table pairs(DecodeProfile.ExpertActivity e) {
        return new Block.Table(
                "Pairs of experts chosen together most often.",
                List.of("Layer", "Expert", "with", "Tokens"),
                e.pairs().stream()
                        .map(p -> List.of(
                                Cell.number(p.layer(), Unit.NONE),
                                Cell.number(p.first(), Unit.NONE),
                                Cell.number(p.second(), Unit.NONE),
                                Cell.number(p.tokens(), Unit.COUNT)))
                        .toList());
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
            blocks.add(ceilings());
        }
        return new Section("memory", "Memory bandwidth", blocks);
    }

    private Block.Table ceilings() {
        return new Block.Table(
                "Measured limits of this machine.",
                List.of("Limit", "Device", "Best", "Median", "Std. dev.", "n", "How"),
                profile.ceilings().stream().map(DecodeReport::ceilingRow).toList());
    }

    private static List<Cell> ceilingRow(DecodeProfile.Ceiling c) {
        Unit unit = UnitNames.of(c.unit());
        return List.of(
                Cell.text(c.name()),
                Cell.text(c.device()),
                Cell.number(c.value(), unit),
                Cell.number(c.median(), unit),
                Cell.number(c.stddev(), unit),
                Cell.number(c.n(), Unit.COUNT),
                Cell.text(c.method()));
    }

    private Section processors() {
        List<Block> blocks = new ArrayList<>();
        if (profile.cores().isEmpty()) {
            blocks.add(new Block.Note(Block.Note.Tone.PLAIN, "No samples", "Use of the cores was not sampled."));
        } else {
            blocks.add(new Block.Plot(
                    "cores", charts.cores(), "Share of time that each logical CPU was busy, all processes together."));
            blocks.add(cores());
        }
        if (!profile.threads().isEmpty()) {
            blocks.add(threads());
            blocks.add(analysis("decode/threads"));
        }
        return new Section("cores", "Cores and threads", blocks);
    }

    private Block.Table cores() {
        return new Block.Table(
                "Each logical CPU over the measured phase.",
                List.of("CPU", "Busy", "User", "Kernel", "Taken by hypervisor", "Clock"),
                profile.cores().stream()
                        .map(c -> List.of(
                                Cell.number(c.core(), Unit.NONE),
                                (Cell) new Cell.Share(c.busy(), Hue.BUSY),
                                Cell.number(c.user(), Unit.RATIO),
                                Cell.number(c.system(), Unit.RATIO),
                                Cell.number(c.steal(), Unit.RATIO),
                                c.mhz().isPresent()
                                        ? Cell.number(c.mhz().getAsDouble(), Unit.MEGAHERTZ)
                                        : Cell.absent("the kernel does not tell the clock")))
                        .toList());
    }

    private Block.Table threads() {
        return new Block.Table(
                "Each thread of the engine. A thread that spins in a barrier counts as running.",
                List.of("Thread", "Name", "Running", "Waiting for a CPU", "Taken off the CPU"),
                profile.threads().stream()
                        .map(t -> List.of(
                                Cell.number(t.tid(), Unit.NONE),
                                Cell.text(t.name()),
                                (Cell) new Cell.Share(t.running(), Hue.BUSY),
                                Cell.number(t.waitingForCpu(), Unit.RATIO),
                                Cell.number(t.involuntarySwitches(), Unit.COUNT)))
                        .toList());
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
                                "How much longer a step takes with per-node timing: " + sentence(o.method())),
                        new Block.Query(
                                "The pairs of steps",
                                "SELECT t.token, t.dur AS profiled_ns, u.dur AS unprofiled_ns\n"
                                        + "FROM token t JOIN token_unprofiled u USING (token)\nORDER BY t.token")));
    }

    private Section unknowns() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Unknowns(profile.notMeasured().stream()
                .map(n -> new Block.Unknown(n.item(), n.status(), n.reason(), Optional.ofNullable(n.howToRecord())))
                .toList()));
        blocks.add(
                profile.losses().isEmpty()
                        ? new Block.Prose("Nothing that was measured got lost on its way into this report.")
                        : losses());
        return new Section("unknown", "Not measured, and lost", blocks);
    }

    private Block.Table losses() {
        return new Block.Table(
                "What was lost or repaired on its way into this report.",
                List.of("Source", "What", "Severity", "Count", "Where"),
                profile.losses().stream()
                        .map(l -> List.of(
                                Cell.text(l.source()),
                                Cell.text(l.kind()),
                                Cell.text(l.severity()),
                                Cell.number(l.count(), Unit.COUNT),
                                Cell.text(l.place())))
                        .toList());
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

    private static String sentence(String text) {
        if (text.isEmpty()) {
            return text;
        }
        String begun = text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
        return begun.endsWith(".") ? begun : begun + ".";
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }

    private static String rate(double value) {
        return Format.value(value, Unit.BYTES_PER_SECOND);
    }

    private static String percent(double ratio) {
        return Format.value(ratio, Unit.RATIO);
    }
}
