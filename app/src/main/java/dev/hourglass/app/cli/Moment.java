package dev.hourglass.app.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/// A time on the command line: nanoseconds, or a number with a unit (`250us`, `1.5ms`).
///
/// @param text as it was given
/// @param ns nanoseconds
record Moment(String text, long ns) {
    private static final Pattern FORM = Pattern.compile("([+-]?\\d+(?:\\.\\d+)?)\\s*(ns|us|µs|μs|ms|s)?");

    static Moment of(String text) {
        Matcher m = FORM.matcher(text.strip());
        if (!m.matches()) {
            throw refused(text);
        }
        try {
            BigDecimal ns = new BigDecimal(m.group(1)).movePointRight(decimals(m.group(2)));
            return new Moment(
                    text.strip(), ns.setScale(0, RoundingMode.HALF_EVEN).longValueExact());
        } catch (ArithmeticException e) {
            throw refused(text);
        }
    }

    private static int decimals(String unit) {
        return switch (unit) {
            case "us", "µs", "μs" -> 3;
            case "ms" -> 6;
            case "s" -> 9;
            case null, default -> 0;
        };
    }

    private static TypeConversionException refused(String text) {
        return new TypeConversionException("'" + Terminal.plain(text)
                + "' is no time; write nanoseconds or a unit (ns, us, ms, s), for example 50ms");
    }
}
