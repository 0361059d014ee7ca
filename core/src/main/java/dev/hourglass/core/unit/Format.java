package dev.hourglass.core.unit;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// The one formatter for time, bytes, FLOP, tokens, watts and ratios.
///
/// Three significant digits, scaled to the unit that keeps the number between 1 and 1000, always
/// with a point as the decimal separator. Bytes scale by 1000 (`GB`), as bandwidths are quoted.
public final class Format {
    /// Integers below it are exact in a double and printed without an exponent.
    public static final double EXACT_BELOW = 1e15;

    /// With three digits this is 1000 already, one of the next unit.
    private static final double ROUNDS_TO_THOUSAND = 999.5;
    /// Counts from here on are printed whole.
    private static final double GROUPED_FROM = 1000;

    private static final String[] SI = {"", "k", "M", "G", "T", "P", "E"};

    private Format() {}

    /// The quantity with its spread: `1.53 ms ± 0.02 ms (n = 64)`.
    public static String quantity(Quantity q) {
        String number = value(q.value(), q.unit());
        return switch (q.spread()) {
            case null -> number;
            case Quantity.Spread.StdDev s -> number + " ± " + value(s.value(), q.unit()) + " (n = " + s.n() + ")";
            case Quantity.Spread.Interval i ->
                number + " (" + Math.round(i.level() * 100) + " % CI " + value(i.low(), q.unit()) + " to "
                        + value(i.high(), q.unit()) + ")";
        };
    }

    /// The number scaled for reading, with its unit.
    public static String value(double value, Unit unit) {
        if (!Double.isFinite(value)) {
            return "not a number";
        }
        return switch (unit) {
            case NONE -> plain(value);
            case COUNT, INSTRUCTIONS -> count(value);
            case NANOSECONDS -> time(value);
            case MICROSECONDS -> time(value * 1e3);
            case MILLISECONDS -> time(value * 1e6);
            case SECONDS -> time(value * 1e9);
            case RATIO -> significant(value * 100) + " %";
            case BYTES, BYTES_PER_SECOND, FLOP, FLOP_PER_SECOND -> si(value, unit.symbol());
            case TOKENS -> count(value) + " " + (value == 1 ? "token" : "tokens");
            case TOKENS_PER_SECOND, FLOP_PER_BYTE, WATTS, CELSIUS, INSTRUCTIONS_PER_CYCLE, PER_SECOND ->
                significant(value) + " " + unit.symbol();
            case MEGAHERTZ -> Math.round(value) + " MHz";
        };
    }

    private static String time(double ns) {
        double abs = Math.abs(ns);
        if (abs < ROUNDS_TO_THOUSAND) {
            return significant(ns) + " ns";
        }
        if (abs < ROUNDS_TO_THOUSAND * 1e3) {
            return significant(ns / 1e3) + " µs";
        }
        if (abs < ROUNDS_TO_THOUSAND * 1e6) {
            return significant(ns / 1e6) + " ms";
        }
        return significant(ns / 1e9) + " s";
    }

    private static String si(double value, String symbol) {
        double scaled = value;
        int step = 0;
        while (Math.abs(scaled) >= ROUNDS_TO_THOUSAND && step < SI.length - 1) {
            scaled /= 1000;
            step++;
        }
        return significant(scaled) + " " + SI[step] + symbol;
    }

    private static String count(double value) {
        return (value == Math.rint(value) || Math.abs(value) >= GROUPED_FROM) && Math.abs(value) < EXACT_BELOW
                ? grouped(Math.round(value))
                : significant(value);
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < EXACT_BELOW
                ? Long.toString((long) value)
                : significant(value);
    }

    /// Three significant digits, without an exponent: `0.0123`, `1.23`, `12.3`, `123`, `1230`.
    public static String significant(double value) {
        double abs = Math.abs(value);
        if (abs == 0) {
            return "0";
        }
        int digitsBefore = (int) Math.floor(Math.log10(abs)) + 1;
        if (abs >= Math.pow(10, digitsBefore) - 0.5 * Math.pow(10, digitsBefore - 3)) {
            digitsBefore++;
        }
        int decimals = Math.clamp(3L - digitsBefore, 0, 9);
        return fixed(value, decimals);
    }

    /// A number with its thousands set apart: `1,234,567`.
    private static String grouped(long value) {
        StringBuilder out = new StringBuilder(Long.toString(value));
        for (int i = out.length() - 3; i > (value < 0 ? 1 : 0); i -= 3) {
            out.insert(i, ',');
        }
        return out.toString();
    }

    /// A number with exactly so many decimals, half of its decimal form rounded away from zero.
    private static String fixed(double value, int decimals) {
        return BigDecimal.valueOf(value)
                .setScale(decimals, RoundingMode.HALF_UP)
                .toPlainString();
    }
}
