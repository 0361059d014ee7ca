package dev.hourglass.core.read;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.SourceClock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.OptionalLong;

/// Times of log lines that carry no zone: read as if they were UTC, so they are on a clock of their
/// own, off by the zone of the machine that wrote them.
public final class LogTime {
    private static final DateTimeFormatter FORM = new DateTimeFormatterBuilder()
            .appendValue(ChronoField.YEAR, 4)
            .appendPattern("[-][/]")
            .appendValue(ChronoField.MONTH_OF_YEAR, 2)
            .appendPattern("[-][/]")
            .appendValue(ChronoField.DAY_OF_MONTH, 2)
            .appendPattern("['T'][' ']HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .toFormatter(Locale.ROOT);

    /// The clock of such times: Unix time but for the unknown zone.
    public static final SourceClock CLOCK =
            new SourceClock(SourceClock.Base.UNIX, 0, SourceClock.Method.UNALIGNED, OptionalLong.empty());

    /// Characters of the longest such time, and a few more.
    private static final int LONGEST = 64;

    private LogTime() {}

    /// The clock of such times of a source: where the user says the zone, it is known.
    public static SourceClock clock(ImportContext context) {
        return context.options().zone().isEmpty()
                ? CLOCK
                : new SourceClock(SourceClock.Base.UNIX, 0, SourceClock.Method.DECLARED, OptionalLong.empty());
    }

    /// Nanoseconds since 1970, of a time in the zone that the user says; empty where the text is no such time.
    public static OptionalLong parse(String text, ImportContext context) {
        return parse(text, context.options().zone().orElse(ZoneOffset.UTC));
    }

    /// Nanoseconds since 1970, as if the time were that of UTC; empty where the text is no such time.
    public static OptionalLong parse(String text) {
        return parse(text, ZoneOffset.UTC);
    }

    private static OptionalLong parse(String text, ZoneId zone) {
        String time = text.strip();
        if (time.length() > LONGEST) {
            return OptionalLong.empty();
        }
        try {
            Instant instant = LocalDateTime.parse(time, FORM).atZone(zone).toInstant();
            return OptionalLong.of(
                    Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano()));
        } catch (DateTimeException | ArithmeticException e) {
            return OptionalLong.empty();
        }
    }
}
