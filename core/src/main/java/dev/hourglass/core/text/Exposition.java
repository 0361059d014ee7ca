package dev.hourglass.core.text;

import java.util.Map;

/// Prometheus' text format: families with help, type and unit, and their samples.
public final class Exposition {
    /// Numbers below this are exact as whole numbers.
    private static final double EXACT_BELOW = 1L << 53;

    private final StringBuilder out = new StringBuilder();

    /// Begins a family.
    ///
    /// @param type counter, gauge, summary or untyped
    public Exposition family(String name, String type, String help) {
        out.append("# HELP ")
                .append(name)
                .append(' ')
                .append(help.replace("\\", "\\\\").replace("\n", "\\n"))
                .append("\n# TYPE ")
                .append(name)
                .append(' ')
                .append(type)
                .append('\n');
        return this;
    }

    /// Adds a sample.
    ///
    /// @param name the family's, with the suffix of a series where it has several
    /// @param labels whatever they hold, it stays in its quotes
    public Exposition sample(String name, Map<String, String> labels, double value) {
        out.append(name);
        String before = "{";
        for (Map.Entry<String, String> label : labels.entrySet()) {
            out.append(before).append(label.getKey()).append('=').append(quoted(label.getValue()));
            before = ",";
        }
        out.append(labels.isEmpty() ? " " : "} ").append(number(value)).append('\n');
        return this;
    }

    /// In the quotes of a label.
    public static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    /// As the format writes it: `NaN`, `+Inf` and `-Inf` for what is no number.
    public static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return value == Math.rint(value) && Math.abs(value) < EXACT_BELOW
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
