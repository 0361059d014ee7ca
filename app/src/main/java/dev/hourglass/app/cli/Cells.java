package dev.hourglass.app.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/// One value of an answer as text.
final class Cells {
    private Cells() {}

    /// For people and for CSV: numbers without exponents where they are short.
    static String plain(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Double d -> real(d);
            case Float f -> real(Double.parseDouble(Float.toString(f)));
            case BigDecimal d -> d.toPlainString();
            default -> value.toString();
        };
    }

    private static String real(double value) {
        double size = Math.abs(value);
        boolean withoutExponent = size >= 1e-3 && size < 1e7;
        if (withoutExponent || !Double.isFinite(value) || (size != 0 && (size >= 1e15 || size < 1e-6))) {
            return Double.toString(value);
        }
        return value == Math.rint(value)
                ? BigDecimal.valueOf(value)
                        .setScale(1, RoundingMode.UNNECESSARY)
                        .toPlainString()
                : BigDecimal.valueOf(value).toPlainString();
    }
}
