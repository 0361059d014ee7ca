package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Comparison;
import dev.hourglass.core.analysis.Shift;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Quantity;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;

/// A comparison as a document.
public final class ComparisonReport {
    private static final int MOST = 20;

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
                c.base() + " against " + c.candidate(),
                List.of(
                        "steps of " + c.stage(),
                        "base: " + c.base() + ", " + steps(c.steps().base()),
                        "candidate: " + c.candidate() + ", " + steps(c.steps().candidate())),
                headline(),
                sections);
    }

    private Report.Headline headline() {
        Comparison.Metric mean = c.metrics().getFirst();
        String statement = switch (mean.shift().verdict()) {
            case SAME -> "No change: a step takes " + us(mean.candidate()) + ", before " + us(mean.base()) + ".";
            case BETTER ->
                "Better: a step takes " + us(mean.candidate()) + " instead of " + us(mean.base()) + ", "
                        + percent(-mean.ratio()) + " less.";
            case WORSE ->
                "Worse: a step takes " + us(mean.candidate()) + " instead of " + us(mean.base()) + ", "
                        + percent(mean.ratio()) + " more.";
            case UNCLEAR ->
                "Unclear: a step takes " + us(mean.candidate()) + ", before " + us(mean.base())
                        + "; spread and number of steps do not allow more to be said.";
        };
        return new Report.Headline(
                statement,
                List.of(new Figure(
                        "Difference of the mean step",
                        new Quantity(
                                mean.delta(),
                                Unit.MICROSECONDS,
                                new Quantity.Spread.Interval(
                                        mean.shift().low(), mean.shift().high(), 0.95)),
                        Shift.TEST)),
                new Chart.Neck(
                        "Parts of the difference",
                        Unit.MICROSECONDS,
                        c.attribution().stream()
                                .filter(s -> s.deltaUs() != 0)
                                .map(s -> new Chart.Part(
                                        brief(s.component()), Hue.of(s.component()), Math.abs(s.deltaUs())))
                                .toList()),
                List.of());
    }

    private Block metrics() {
        return new Block.Table(
                "Each metric in both runs. Interval and verdict: " + Shift.TEST + ".",
                List.of("Metric", "Base", "Candidate", "Difference", "Relative", "95 % from", "to", "Verdict"),
                c.metrics().stream()
                        .map(m -> List.of(
                                Cell.text(m.name()),
                                Cell.number(m.base(), Unit.MICROSECONDS),
                                Cell.number(m.candidate(), Unit.MICROSECONDS),
                                Cell.number(m.delta(), Unit.MICROSECONDS),
                                Double.isFinite(m.ratio()) ? Cell.number(m.ratio(), Unit.RATIO) : Cell.text("from 0"),
                                Cell.number(m.shift().low(), Unit.MICROSECONDS),
                                Cell.number(m.shift().high(), Unit.MICROSECONDS),
                                Cell.text(m.shift().verdict().name())))
                        .toList());
    }

    private Block attribution() {
        return new Block.Table(
                "The difference of the mean step by part; the rows add up to it.",
                List.of("Part", "Difference"),
                c.attribution().stream()
                        .map(s -> List.of(
                                new Cell.Named(label(s.component()), Hue.of(s.component()), ""),
                                Cell.number(s.deltaUs(), Unit.MICROSECONDS)))
                        .toList());
    }

    private static String steps(long n) {
        return n == 1 ? "1 step" : n + " steps";
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
                        .limit(MOST)
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

    private static String percent(double ratio) {
        return Format.value(ratio, Unit.RATIO);
    }
}
