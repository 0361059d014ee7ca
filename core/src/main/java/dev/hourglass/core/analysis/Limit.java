package dev.hourglass.core.analysis;

import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.stat.Statistic;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A condition on a comparison under which it fails: `t_token.p50 > +3%`, `t_sync.mean > +50us`,
/// `t_token.p99 > 20ms`.
///
/// A percentage is the change relative to the base, a signed value is the change, a value without a sign
/// is the candidate's own. Times are in microseconds if no unit is given, other figures in their own unit.
///
/// @param text as it was given
public record Limit(String text, String metric, String operator, Kind kind, double value) {
    private static final Pattern FORM =
            Pattern.compile("\\s*([\\w.]+)\\s*(>=|<=|>|<)\\s*([+-]?)\\s*(\\d+(?:\\.\\d+)?)\\s*(%|us|µs|ms|s|ns)?\\s*");

    /// What the value is held against.
    public enum Kind {
        RELATIVE,
        CHANGE,
        VALUE
    }

    /// @throws IllegalArgumentException with one line if the text is not of the form
    public static Limit parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException(
                    "not a condition: " + text + "; write for example 't_token.p50 > +3%' or 't_token.p99 > 20ms'");
        }
        String unit = m.group(5) == null ? "us" : m.group(5).toLowerCase(Locale.ROOT);
        double value = Double.parseDouble(m.group(4)) * (m.group(3).equals("-") ? -1 : 1) * scale(unit);
        Kind kind = unit.equals("%") ? Kind.RELATIVE : m.group(3).isEmpty() ? Kind.VALUE : Kind.CHANGE;
        return new Limit(text.strip(), m.group(1), m.group(2), kind, value);
    }

    private static double scale(String unit) {
        return switch (unit) {
            case "%" -> 0.01;
            case "ns" -> 0.001;
            case "ms" -> 1000;
            case "s" -> 1_000_000;
            default -> 1;
        };
    }

    /// Why the comparison cannot tell whether it meets the condition: too few steps for the figure, or a change that
    /// meets it and may be none. Empty where it can.
    ///
    /// @throws IllegalArgumentException as [#met]
    public Optional<String> undecided(Comparison comparison) {
        boolean met = met(comparison);
        Comparison.Metric found = comparison.metric(metric).orElseThrow();
        Shift shift = found.shift();
        if (shift.doubt() == Shift.Doubt.FEW && tail()) {
            return Optional.of(metric + " needs at least 100 steps in each run, better 500");
        }
        boolean sure = switch (shift.verdict()) {
            case BETTER, WORSE, DIFFERENT -> true;
            case SAME, UNCLEAR -> false;
        };
        return kind == Kind.VALUE || !met || sure
                ? Optional.empty()
                : Optional.of(
                        shift.verdict() == Shift.Verdict.SAME
                                ? "its change is within the tolerance of the comparison"
                                : shift.doubt().why());
    }

    /// Whether it is of the slowest hundredth of the steps, of which few steps have none.
    private boolean tail() {
        return metric.endsWith("." + Statistic.P99.key());
    }

    /// Whether the comparison's figures meet the condition, that is, fails, where it is sure of them.
    ///
    /// @throws IllegalArgumentException if the comparison has no such metric, or lacks it on the side that counts
    public boolean met(Comparison comparison) {
        Comparison.Metric found = comparison
                .metric(metric)
                .orElseThrow(() -> new IllegalArgumentException("no metric " + metric + "; there are "
                        + String.join(
                                ", ",
                                comparison.metrics().stream()
                                        .map(Comparison.Metric::name)
                                        .toList())));
        double held = held(found, comparison);
        return switch (operator) {
            case ">" -> held > value;
            case ">=" -> held >= value;
            case "<" -> held < value;
            default -> held <= value;
        };
    }

    private double held(Comparison.Metric found, Comparison comparison) {
        if (Double.isNaN(found.candidate())) {
            throw new IllegalArgumentException(metric + " was not measured in " + comparison.candidate());
        }
        if (kind != Kind.VALUE && Double.isNaN(found.base())) {
            throw new IllegalArgumentException(metric + " was not measured in " + comparison.base()
                    + ", so its change is not known; only a value like '" + metric + " > 1ms' can be held against it");
        }
        return switch (kind) {
            case RELATIVE -> found.ratio();
            case CHANGE -> found.delta();
            case VALUE -> found.candidate();
        };
    }
}
