package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Comparison;
import dev.hourglass.core.analysis.KernelChanges;
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
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        sections.add(new Section("metrics", "What changed", changes()));
        sections.add(new Section("attribution", "Where the difference comes from", List.of(attribution())));
        sections.add(new Section("kernels", "What ran", kernels()));
        return new Report(
                c.candidate() + " compared with " + c.base(),
                List.of(
                        "base: " + c.base() + ", " + steps(c.steps().base(), c.baseStage()),
                        "candidate: " + c.candidate() + ", " + steps(c.steps().candidate(), c.stage())),
                new Report.Headline(
                        ComparisonHeadline.statement(c),
                        ComparisonHeadline.figures(c),
                        neck(),
                        ComparisonDoubts.notes(c, this::label)),
                sections);
    }

    /// The candidate's step: heights are its parts' time. The parts of the difference may have either sign, which no
    /// height can show; they stand in a table.
    private Chart.Neck neck() {
        String step = c.metric("latency.mean").isPresent() ? "From step to step in " : "A step of ";
        return new Chart.Neck(
                step + c.candidate() + ", mean",
                Unit.MICROSECONDS,
                c.attribution().stream()
                        .filter(s -> s.candidateUs() > 0)
                        .map(s -> new Chart.Part(brief(s.component()), PartHue.of(s.component()), s.candidateUs()))
                        .toList());
    }

    private List<Block> changes() {
        return Stream.concat(Stream.of(metrics()), doubts().stream()).toList();
    }

    private Block metrics() {
        return new Block.Table(
                "Difference: candidate less base. "
                        + Shift.TEST + ". SAME: the interval lies within ± "
                        + Format.value(c.tolerance(), Unit.RATIO) + " of the base.",
                List.of("Metric", "Base", "Candidate", "Difference", "Relative", "95 % from", "to", "Verdict"),
                c.metrics().stream().map(this::metric).toList());
    }

    private List<Cell> metric(Comparison.Metric m) {
        if (!c.tells(m)) {
            List<Cell> cells = new ArrayList<>(Collections.nCopies(8, Cell.none()));
            cells.set(0, Cell.text(m.name()));
            cells.set(7, Cell.text(m.shift().verdict().name()));
            return cells;
        }
        return List.of(
                Cell.text(m.name()),
                number(m.base(), m.unit()),
                number(m.candidate(), m.unit()),
                number(m.delta(), m.unit()),
                !m.inBoth()
                        ? Cell.none()
                        : Double.isFinite(m.ratio()) ? Cell.number(m.ratio(), Unit.RATIO) : Cell.text("from 0"),
                number(m.shift().low(), m.unit()),
                number(m.shift().high(), m.unit()),
                Cell.text(m.shift().verdict().name()));
    }

    /// Why metrics are UNCLEAR, those of one reason together.
    private Optional<Block> doubts() {
        Map<Shift.Doubt, List<String>> names = new EnumMap<>(Shift.Doubt.class);
        c.metrics().stream()
                .filter(m -> m.shift().doubt() != Shift.Doubt.NONE)
                .forEach(m -> names.computeIfAbsent(m.shift().doubt(), d -> new ArrayList<>())
                        .add(m.name()));
        String said = names.entrySet().stream()
                .map(e -> String.join(", ", e.getValue()) + ": " + e.getKey().why())
                .collect(Collectors.joining(". "));
        return said.isEmpty() ? Optional.empty() : Optional.of(new Block.Prose("Why UNCLEAR. " + said + "."));
    }

    /// A dash where it was not measured, or where the steps do not bound it.
    private static Cell number(double value, Unit unit) {
        return Double.isFinite(value) ? Cell.number(value, unit) : Cell.none();
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

    static String steps(long n, String stage) {
        return StageTime.stepsOf(n, stage);
    }

    /// Of a run with a GPU the words of its own report.
    private String label(String component) {
        return component.equals("between")
                ? "Between two steps"
                : gpu() ? StepPart.find(component).map(StepPart::label).orElse(component) : name(component);
    }

    private String brief(String component) {
        return component.equals("between")
                ? "Between steps"
                : gpu() ? StepPart.find(component).map(StepPart::brief).orElse(component) : name(component);
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

    private static Block changes(String caption, List<KernelChanges.Change> changes) {
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
