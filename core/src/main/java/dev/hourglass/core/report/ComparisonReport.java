package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Comparison;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;

/// A comparison as a document.
public final class ComparisonReport {
    private static final int MOST_ROWS = 20;

    private final Comparison c;

    private ComparisonReport(Comparison comparison) {
        this.c = comparison;
    }

    public static Report of(Comparison comparison) {
        return new ComparisonReport(comparison).build();
    }

    private Report build() {
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("metrics", "What changed", List.of(metrics())));
        sections.add(new Section("attribution", "Where the difference comes from", List.of(attribution())));
        sections.add(new Section("kernels", "What ran", kernels()));
        return new Report(
                c.candidate() + " compared with " + c.base(),
                List.of(
                        "base: " + c.base() + ", " + steps(c.steps().base(), c.baseStage()),
                        "candidate: " + c.candidate() + ", " + steps(c.steps().candidate(), c.stage())),
                new Report.Headline(ComparisonHeadline.statement(c), ComparisonHeadline.figures(c), neck(), notes()),
                sections);
    }

    private Chart.Neck neck() {
        return new Chart.Neck(
                "Parts of the difference",
                Unit.MICROSECONDS,
                c.attribution().stream()
                        .filter(s -> s.deltaUs() != 0)
                        .map(s ->
                                new Chart.Part(brief(s.component()), PartHue.of(s.component()), Math.abs(s.deltaUs())))
                        .toList());
    }

    /// What must be known before the two are held against each other.
    private List<Block.Note> notes() {
        Block.Note sure = ComparisonHeadline.certainty(c, this::label);
        return c.baseStage().equals(c.stage())
                ? List.of(sure)
                : List.of(
                        sure,
                        new Block.Note(
                                Block.Note.Tone.CAUTION,
                                "The steps are not of the same stage",
                                c.base() + " has " + steps(c.steps().base(), c.baseStage()) + ", " + c.candidate()
                                        + " has "
                                        + steps(c.steps().candidate(), c.stage())
                                        + ". Where the names stand for different work, the figures below compare nothing."));
    }

    private Block metrics() {
        return new Block.Table(
                "Time per step in both runs; difference: candidate less base, with its 95 % interval. Interval and verdict: "
                        + Shift.TEST + ".",
                List.of("Metric", "Base", "Candidate", "Difference", "Relative", "95 % from", "to", "Verdict"),
                c.metrics().stream().map(this::metric).toList());
    }

    private List<Cell> metric(Comparison.Metric m) {
        return List.of(
                Cell.text(m.name()),
                time(m.base()),
                time(m.candidate()),
                time(m.delta()),
                !m.inBoth()
                        ? Cell.text("–")
                        : Double.isFinite(m.ratio()) ? Cell.number(m.ratio(), Unit.RATIO) : Cell.text("from 0"),
                time(m.shift().low()),
                time(m.shift().high()),
                Cell.text(m.shift().verdict().name()));
    }

    /// A dash where it was not measured, or where one step has no spread.
    private static Cell time(double us) {
        return Double.isNaN(us) ? Cell.text("–") : Cell.number(us, Unit.MICROSECONDS);
    }

    private Block attribution() {
        return new Block.Table(
                "Which part of the step made the mean " + (change() < 0 ? "shorter" : "longer") + " by "
                        + us(Math.abs(change())) + "; the rows add up to " + us(change()) + ".",
                List.of("Part", "Candidate less base"),
                c.attribution().stream()
                        .map(s -> List.of(
                                new Cell.Named(label(s.component()), PartHue.of(s.component()), ""),
                                Cell.number(s.deltaUs(), Unit.MICROSECONDS)))
                        .toList());
    }

    private double change() {
        return c.metrics().getFirst().delta();
    }

    private static String steps(long n, String stage) {
        return StageTime.stepsOf(n, stage);
    }

    /// Of a run with a GPU the words of its own report.
    private String label(String component) {
        return gpu() ? StepPart.find(component).map(StepPart::label).orElse(component) : name(component);
    }

    private String brief(String component) {
        return gpu() ? StepPart.find(component).map(StepPart::brief).orElse(component) : name(component);
    }

    private boolean gpu() {
        return c.attribution().stream().anyMatch(s -> s.component().equals("t_gpu_computation"));
    }

    private static String name(String component) {
        return Component.find(component).map(Component::label).orElse(component);
    }

    private List<Block> kernels() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(changes("Appeared", c.kernels().appeared()));
        blocks.add(changes("Vanished", c.kernels().vanished()));
        blocks.add(changes("Changed by more than a tenth", c.kernels().changed()));
        return blocks;
    }

    private static Block changes(String caption, List<Comparison.Change> changes) {
        if (changes.isEmpty()) {
            return new Block.Prose(caption + ": none.");
        }
        return new Block.Table(
                caption + " (" + changes.size() + "), per step.",
                List.of("Name", "Calls, base", "Calls, candidate", "Time, base", "Time, candidate"),
                changes.stream()
                        .limit(MOST_ROWS)
                        .map(k -> List.of(
                                Cell.text(k.name()),
                                Cell.number(k.base().callsPerStep(), Unit.COUNT),
                                Cell.number(k.candidate().callsPerStep(), Unit.COUNT),
                                Cell.number(k.base().usPerStep(), Unit.MICROSECONDS),
                                Cell.number(k.candidate().usPerStep(), Unit.MICROSECONDS)))
                        .toList());
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }
}
