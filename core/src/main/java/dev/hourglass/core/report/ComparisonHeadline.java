package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Comparison;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Figure;
import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Quantity;
import dev.hourglass.core.unit.Unit;
import java.util.List;
import java.util.function.UnaryOperator;

/// Which of two runs is faster, by how much, how sure that is, and which part of the step makes the difference.
final class ComparisonHeadline {
    /// Share of the difference from which one part is said to make it: the larger half.
    private static final double MAKES_FROM_SHARE = 0.5;

    private final Comparison c;
    private final Comparison.Metric mean;
    private final String base;
    private final String candidate;

    private ComparisonHeadline(Comparison comparison) {
        this.c = comparison;
        this.mean = comparison.metrics().getFirst();
        boolean apart = !comparison.base().equals(comparison.candidate());
        this.base = apart ? comparison.base() : "the base";
        this.candidate = apart ? comparison.candidate() : "the candidate";
    }

    /// One sentence.
    static String statement(Comparison comparison) {
        String said = new ComparisonHeadline(comparison).say();
        // A run's name stays as it is, even at the beginning.
        return (said.startsWith("the ") ? "The" + said.substring(3) : said) + ".";
    }

    private String say() {
        String times = us(mean.candidate()) + " instead of " + us(mean.base());
        return switch (mean.shift().verdict()) {
            case SAME ->
                candidate + " is as fast as " + base + ": " + a() + " takes " + us(mean.candidate()) + ", before "
                        + us(mean.base());
            case BETTER ->
                candidate + " is faster than " + base + ": " + a() + " takes " + times + ", " + percent(-mean.ratio())
                        + " less";
            case WORSE ->
                candidate + " is slower than " + base + ": " + a() + " takes " + times + ", " + percent(mean.ratio())
                        + " more";
            case UNCLEAR ->
                "It is not sure whether " + candidate + " is faster than " + base + ": " + a() + " takes "
                        + us(mean.candidate()) + ", before " + us(mean.base());
        };
    }

    /// How sure the sentence is, and which part of the step makes the difference.
    ///
    /// @param label names a part of the step
    static Block.Note certainty(Comparison comparison, UnaryOperator<String> label) {
        ComparisonHeadline headline = new ComparisonHeadline(comparison);
        return new Block.Note(Block.Note.Tone.PLAIN, "How sure that is", headline.sureness(label) + ".");
    }

    private String sureness(UnaryOperator<String> label) {
        Shift shift = mean.shift();
        return switch (shift.verdict()) {
            case SAME -> within();
            case BETTER -> sure(-shift.high(), -shift.low(), "less") + most(label);
            case WORSE -> sure(shift.low(), shift.high(), "more") + most(label);
            case UNCLEAR -> doubt();
        };
    }

    private String within() {
        double widest =
                Math.max(Math.abs(mean.shift().low()), Math.abs(mean.shift().high()));
        return widest == 0
                ? "Every step took the same time in both"
                : "With 95 % confidence the means differ by less than " + percent(widest / mean.base());
    }

    private String sure(double from, double to, String direction) {
        return "Sure: with 95 % confidence the mean of t_token is " + percent(from / mean.base()) + " to "
                + percent(to / mean.base()) + " " + direction + ", over "
                + c.steps().base() + " and "
                + c.steps().candidate() + " steps";
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
        int fewest = Math.min(c.steps().base(), c.steps().candidate());
        if (fewest < Shift.FEWEST) {
            return "Not sure: " + c.steps().base() + " and " + c.steps().candidate()
                    + " steps are too few; record at least " + Shift.FEWEST + " in each, better 30";
        }
        double low = mean.shift().low();
        double high = mean.shift().high();
        String more = "; record more steps than these " + c.steps().base() + " and "
                + c.steps().candidate();
        String p = "Mann-Whitney p = " + Format.significant(mean.shift().p());
        if (low <= 0 && high >= 0) {
            return "Not sure: with 95 % confidence the mean lies between " + change(low) + " and " + change(high)
                    + more;
        }
        return mean.shift().p() > Shift.ALIKE
                ? "Not sure: most steps are alike in both (" + p
                        + "), a few slow ones move the mean; look at the median"
                : "Not sure: the mean's 95 % interval (" + change(low) + " to " + change(high)
                        + ") speaks for a change, the steps as a whole do not yet (" + p + ")" + more;
    }

    private String change(double us) {
        return percent(Math.abs(us) / mean.base()) + (us < 0 ? " less" : " more");
    }

    private String a() {
        return StageTime.oneOf(c.stage());
    }

    /// Mean, median and tail, each as its difference with the interval.
    static List<Figure> figures(Comparison comparison) {
        return List.of(
                figure(comparison, "t_token.mean", "Mean step"),
                figure(comparison, "t_token.p50", "Median step"),
                figure(comparison, "t_token.p99", "99th percentile"));
    }

    private static Figure figure(Comparison comparison, String name, String label) {
        Comparison.Metric m = comparison.metric(name).orElseThrow();
        Quantity.Spread spread = Double.isNaN(m.shift().low())
                ? null
                : new Quantity.Spread.Interval(m.shift().low(), m.shift().high(), 0.95);
        return new Figure(
                label + ", candidate less base",
                new Quantity(m.delta(), Unit.MICROSECONDS, spread),
                us(m.candidate()) + ", before " + us(m.base()) + "; "
                        + m.shift().verdict() + (spread == null ? ", one step has no spread" : ""));
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }

    private static String percent(double ratio) {
        return Format.value(ratio, Unit.RATIO);
    }
}
