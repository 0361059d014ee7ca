package dev.hourglass.core.report;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Figure;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.text.Words;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Quantity;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What a person reads first of a decode run: the neck, the figures beside it, what to beware of.
final class DecodeHeadline {
    private final DecodeProfile profile;
    private final DecodeCharts charts;

    private DecodeHeadline(DecodeProfile profile) {
        this.profile = profile;
        this.charts = new DecodeCharts(profile);
    }

    static Report.Headline of(DecodeProfile profile) {
        return new DecodeHeadline(profile).build();
    }

    static String modelName(Explanation explained) {
        return explained.fact("model.shape", explained.fact("model.name", "a model"));
    }

    /// What ran, in short: model, layers, format, engine, threads, processor.
    static List<String> context(Explanation explained) {
        List<String> out = new ArrayList<>();
        out.add(modelName(explained));
        String layers = explained.fact("model.layers", "");
        String full = explained.fact("model.layers_full", layers);
        if (!layers.isBlank()) {
            out.add(layers.equals(full) ? layers + " layers" : layers + " of " + full + " layers");
        }
        out.add(explained.fact("model.quantization", ""));
        out.add((explained.fact("engine.name", "") + " " + explained.fact("engine.version", "")).strip());
        String threads = explained.fact("engine.threads", "");
        out.add(threads.isBlank() ? "" : threads + (threads.equals("1") ? " thread" : " threads"));
        out.add(explained.fact("host.cpu", ""));
        out.removeIf(String::isBlank);
        return out;
    }

    private Report.Headline build() {
        Distribution t = profile.tToken();
        DecodeProfile.ComponentTime neck = profile.neck();
        String depth = profile.fullDepth()
                .map(d -> " with " + d.layers() + " of " + d.layersFull() + " layers")
                .orElse("");
        String statement = "A token takes " + us(t.mean()) + depth + ". "
                + percent(neck.share().orElse(0)) + " of it goes to " + charts.plain(neck.component()) + ".";
        return new Report.Headline(statement, figures(t, neck), charts.neck(), notes());
    }

    private List<Figure> figures(Distribution t, DecodeProfile.ComponentTime neck) {
        List<Figure> out = new ArrayList<>();
        out.add(new Figure("T_token", t.meanQuantity(), "mean ± standard deviation over " + t.n() + " steps"));
        if (t.mean() > 0) {
            out.add(new Figure(
                    "Speed", Quantity.exact(1e6 / t.mean(), Unit.TOKENS_PER_SECOND), "one sequence, 1 / mean T_token"));
        }
        out.add(new Figure(
                "The neck: " + charts.name(neck.component()),
                Quantity.exact(neck.share().orElse(0), Unit.RATIO),
                neck.time()
                        .map(d -> Format.quantity(d.meanQuantity()) + " of each token")
                        .orElse("")));
        out.add(new Figure(
                "Slowest tokens",
                Quantity.exact(Double.isFinite(t.p99()) ? t.p99() : t.max(), Unit.MICROSECONDS),
                Double.isFinite(t.p99())
                        ? "99th percentile; median " + us(t.p50()) + ", maximum " + us(t.max())
                        : "the slowest; median " + us(t.p50()) + "; no 99th percentile, because of "
                                + Distribution.tooFew(0.99)));
        profile.readingOfNeck()
                .ifPresent(r -> out.add(new Figure(
                        "Memory bandwidth used",
                        Quantity.exact(r.ratio(), Unit.RATIO),
                        rate(r.bytesPerSecond()) + " by " + charts.plain(neck.component()) + ", of "
                                + rate(r.ceilingBytesPerSecond()) + " measured")));
        profile.overhead().ifPresent(o -> out.add(cost(o)));
        return out;
    }

    private static Figure cost(DecodeProfile.Overhead o) {
        return new Figure(
                "Cost of measuring",
                new Quantity(
                        o.percent() / 100,
                        Unit.RATIO,
                        new Quantity.Spread.Interval(o.low() / 100, o.high() / 100, 0.95)),
                (o.low() <= 0 && o.high() >= 0
                                ? "not distinguishable from zero, over "
                                : "longer than a step without per-node timing, over ")
                        + o.pairs() + " pairs");
    }

    private List<Block.Note> notes() {
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
                Words.sentence(c.reason()));
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
