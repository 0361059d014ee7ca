package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Comparison;
import dev.hourglass.core.analysis.RunDifference;
import dev.hourglass.core.analysis.RunFact;
import dev.hourglass.core.document.Block.Note;
import dev.hourglass.core.stat.Drift;
import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// What must be known before the figures of a comparison are believed: differences beside the times, how sure the
/// headline is, and which part of the step makes the difference.
final class ComparisonDoubts {
    /// Share of the difference from which one part is said to make it: the larger half.
    private static final double MAKES_FROM_SHARE = 0.5;

    private final Comparison c;
    private final Comparison.Metric mean;

    private ComparisonDoubts(Comparison comparison) {
        this.c = comparison;
        this.mean = comparison.metrics().getFirst();
    }

    /// In the order in which they matter.
    ///
    /// @param label names a part of the step
    static List<Note> notes(Comparison comparison, UnaryOperator<String> label) {
        ComparisonDoubts doubts = new ComparisonDoubts(comparison);
        List<Note> all = new ArrayList<>();
        for (RunFact.Kind kind : RunFact.Kind.values()) {
            doubts.difference(kind).ifPresent(all::add);
        }
        comparison.unsteady().forEach(run -> all.add(unsteady(run)));
        all.add(new Note(Note.Tone.PLAIN, "How sure that is", doubts.sureness(label) + "." + doubts.pair()));
        return all;
    }

    private Optional<Note> difference(RunFact.Kind kind) {
        List<RunDifference> all =
                c.differences().stream().filter(d -> d.kind() == kind).toList();
        if (all.isEmpty()) {
            return Optional.empty();
        }
        String said = all.stream().map(ComparisonHeadline::change).collect(Collectors.joining("; "));
        return Optional.of(
                switch (kind) {
                    case WORK ->
                        new Note(
                                Note.Tone.CAUTION,
                                c.baseStage().equals(c.stage())
                                        ? "The runs did not do the same work"
                                        : "The steps are not of the same stage",
                                said + ". Times of other work do not tell which run is faster, so they are UNCLEAR."
                                        + counts());
                    case RECORDING ->
                        new Note(
                                Note.Tone.CAUTION,
                                "The runs were not recorded alike",
                                said + ". What records costs time itself; record both in the same way.");
                    case DISTURBANCE ->
                        new Note(
                                Note.Tone.CAUTION,
                                "Other work disturbed a run",
                                disturbed(all.getFirst())
                                        + ". Its times are not the engine's own, so they are UNCLEAR; run"
                                        + " it again on a quiet machine.");
                    case SETTING -> new Note(Note.Tone.PLAIN, "Other settings", said + ".");
                    case MACHINE -> new Note(Note.Tone.PLAIN, "Other machine", said + ".");
                });
    }

    private String counts() {
        return c.baseStage().equals(c.stage())
                ? ""
                : " " + c.base() + " has " + ComparisonReport.steps(c.steps().base(), c.baseStage()) + ", "
                        + c.candidate() + " has "
                        + ComparisonReport.steps(c.steps().candidate(), c.stage()) + ".";
    }

    private String disturbed(RunDifference d) {
        List<String> said = new ArrayList<>();
        if (ComparisonHeadline.isDisturbed(d.base())) {
            said.add(c.base() + " was disturbed (" + d.base() + ")");
        }
        if (ComparisonHeadline.isDisturbed(d.candidate())) {
            said.add(c.candidate() + " was disturbed (" + d.candidate() + ")");
        }
        return String.join(", ", said);
    }

    private static Note unsteady(Comparison.Unsteady run) {
        double change = run.drift().change();
        String by = us(Math.abs(change)) + " (" + percent(Math.abs(change) / run.levelUs()) + ") "
                + (change > 0 ? "longer" : "shorter");
        boolean jump = run.drift().kind() == Drift.Kind.JUMP;
        return new Note(
                Note.Tone.CAUTION,
                run.run() + (jump ? " changes its level" : " drifts"),
                (jump
                                ? "From its step " + (run.drift().from() + 1) + " on, steps are " + by
                                : "Over the run, steps become " + by)
                        + ". Its figures depend on when it was stopped.");
    }

    private String sureness(UnaryOperator<String> label) {
        Shift shift = mean.shift();
        return switch (shift.verdict()) {
            case SAME -> within();
            case BETTER -> sure(-shift.high(), -shift.low(), "less") + most(label);
            case WORSE -> sure(shift.low(), shift.high(), "more") + most(label);
            case DIFFERENT, UNCLEAR -> doubt();
        };
    }

    private String within() {
        double widest =
                Math.max(Math.abs(mean.shift().low()), Math.abs(mean.shift().high()));
        return widest == 0
                ? "Every step took the same time in both"
                : "With 95 % confidence the means differ by less than " + percent(widest / mean.base())
                        + ", which is within the tolerance of " + percent(c.tolerance());
    }

    private String sure(double from, double to, String direction) {
        return "Sure: with 95 % confidence the mean of t_token is " + percent(from / mean.base()) + " to "
                + percent(to / mean.base()) + " " + direction + ", over " + numbers() + " steps";
    }

    private String numbers() {
        return c.steps().base() + " and " + c.steps().candidate();
    }

    private String pair() {
        return c.isOnePair()
                ? " That is of this pair of runs: what another run would give is not known; record several and compare"
                        + " A1,A2,A3 B1,B2,B3."
                : " Over " + c.runs().base() + " and " + c.runs().candidate() + " runs, with how they scatter.";
    }

    /// The part that makes most of the difference, if one does.
    private String most(UnaryOperator<String> label) {
        return c.attribution().stream()
                .filter(s -> s.deltaUs() / mean.delta() >= MAKES_FROM_SHARE)
                .findFirst()
                .map(s -> ". Most of it is “" + label.apply(s.component()) + "”, " + us(Math.abs(s.deltaUs())) + " "
                        + (s.deltaUs() < 0 ? "less" : "more"))
                .orElse("");
    }

    private String doubt() {
        Shift shift = mean.shift();
        Shift.Doubt why = c.doubt() == Shift.Doubt.NONE ? shift.doubt() : c.doubt();
        if (why == Shift.Doubt.FEW) {
            return "Not sure: " + numbers() + " steps are too few; record at least " + Shift.FEWEST
                    + " in each, better 30";
        }
        String known = Double.isFinite(shift.high() - shift.low())
                ? "with 95 % confidence the mean lies between " + change(shift.low()) + " and " + change(shift.high())
                : "there is no interval";
        return switch (why) {
            case WIDE, DEPENDENT -> "Not sure: " + known + "; record more steps than these " + numbers();
            default -> "Not sure, because " + why.why() + "; of these steps alone, " + known;
        };
    }

    private String change(double us) {
        return percent(Math.abs(us) / mean.base()) + (us < 0 ? " less" : " more");
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }

    private static String percent(double ratio) {
        return Format.value(ratio, Unit.RATIO);
    }
}
