package dev.hourglass.app.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/// A time on the command line: nanoseconds, or a number with a unit (`250us`, `1.5ms`).
///
/// @param text as it was given
/// @param ns nanoseconds
record Moment(String text, long ns) {
    private static final double NS_PER_S = 1e9;
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

    /// A length that is given as a number of seconds.
    ///
    /// @param given empty for none
    static Optional<Duration> seconds(String option, @Nullable Double given) {
        if (given != null && !(given > 0 && given < Integer.MAX_VALUE)) {
            throw new UserException(option + " is a number of seconds above 0, not " + given);
        }
        return Optional.ofNullable(given).map(seconds -> Duration.ofNanos((long) (seconds * NS_PER_S)));
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
