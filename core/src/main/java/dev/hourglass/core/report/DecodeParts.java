package dev.hourglass.core.report;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Queries;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.text.Words;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a report says of a decode run whose engine tells the parts of each token.
final class DecodeParts {
    /// More columns than this cannot be told apart on a page.
    private static final int MOST_COLUMNS = 256;

    private final Explanation explained;
    private final DecodeProfile profile;
    private final DecodeCharts charts;
    private final DecodeTables tables;

    DecodeParts(Explanation explained, DecodeProfile profile) {
        this.explained = explained;
        this.profile = profile;
        this.charts = new DecodeCharts(profile);
        this.tables = new DecodeTables(profile, charts);
    }

    /// The sections, in the order in which a person asks.
    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        sections.add(breakdown());
        sections.add(latency());
        sections.add(token());
        sections.add(layers());
        experts().ifPresent(sections::add);
        sections.add(memory());
        sections.add(processors());
        sections.add(counters());
        sections.add(overhead());
        return sections;
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
            if (explained.fact("model.random_weights", "false").equals("true")) {
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
                            blocks.add(tables.readings());
                        },
                        () -> blocks.add(new Block.Note(
                                Block.Note.Tone.PLAIN,
                                "No ceiling",
                                "Achieved bandwidth cannot be judged: the machine's own limit was not measured"
                                        + explained.notMeasured().stream()
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
        return new Section(
                "overhead",
                "What measuring cost",
                profile.overhead()
                        .map(this::overhead)
                        .orElseGet(
                                () -> List.of(
                                        new Block.Prose(
                                                "Not measured, because no steps without per-node timing ran beside the profiled ones."))));
    }

    private List<Block> overhead(DecodeProfile.Overhead o) {
        return List.of(
                new Block.Plot(
                        "overhead",
                        charts.overhead(o),
                        "How much longer a step takes with per-node timing: " + Words.sentence(o.method())),
                SessionReport.query(Queries.library("decode/pairs")));
    }

    private static Block.Query analysis(String id) {
        return SessionReport.query(Queries.library(id));
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }
}
