package dev.hourglass.app.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/// One value of an answer as text.
final class Cells {
    /// Sizes that a double prints without an exponent.
    private static final double PLAIN_FROM = 1e-3;

    private static final double PLAIN_BELOW = 1e7;
    /// Sizes from which, and below which, digits without an exponent would be too many to read.
    private static final double LONG_FROM = 1e15;

    private static final double SMALL_BELOW = 1e-6;

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
        boolean withoutExponent = size >= PLAIN_FROM && size < PLAIN_BELOW;
        if (withoutExponent || !Double.isFinite(value) || (size != 0 && (size >= LONG_FROM || size < SMALL_BELOW))) {
            return Double.toString(value);
        }
        return value == Math.rint(value)
                ? BigDecimal.valueOf(value)
                        .setScale(1, RoundingMode.UNNECESSARY)
                        .toPlainString()
                : BigDecimal.valueOf(value).toPlainString();
    }
}
