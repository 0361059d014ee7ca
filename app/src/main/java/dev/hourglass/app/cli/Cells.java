package dev.hourglass.app.cli;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// One value of an answer as text.
final class Cells {
    private Cells() {}

    /// For people and for CSV: numbers without exponents where they are short.
    static String plain(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Double d -> real(d);
            default -> value.toString();
        };
    }

    private static String real(double value) {
        double size = Math.abs(value);
        if (!Double.isFinite(value) || (size != 0 && (size >= 1e15 || size < 1e-6))) {
            return Double.toString(value);
        }
        return value == Math.rint(value)
                ? BigDecimal.valueOf(value)
                        .setScale(1, java.math.RoundingMode.UNNECESSARY)
                        .toPlainString()
                : BigDecimal.valueOf(value).toPlainString();
    }

    /// A field of RFC 4180.
    static String csv(@Nullable Object value) {
        String text = plain(value);
        boolean quoted = text.indexOf(',') >= 0
                || text.indexOf('"') >= 0
                || text.indexOf('\n') >= 0
                || text.indexOf('\r') >= 0
                || (value instanceof String && text.isEmpty());
        return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }

    /// A JSON value.
    static String json(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Boolean b -> b.toString();
            case Double d -> Double.isFinite(d) ? plain(d) : "null";
            case Number n -> n.toString();
            default -> jsonText(value.toString());
        };
    }

    /// A JSON string.
    static String jsonText(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7F) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }
}
