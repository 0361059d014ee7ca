package dev.hourglass.core.read;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Numbers as text, read without rounding where they are times.
public final class Decimals {
    private static final int MAX_DIGITS = 18;
    /// Characters of a number; the smallest double, written out, has 1,076.
    private static final int LONGEST_NUMBER = 1_100;

    private Decimals() {}

    /// A decimal number times 10^`digits` as an integer, exactly; digits beyond that are cut off.
    /// Empty where the text is no plain decimal number, is longer than any that somebody writes, or does not fit.
    public static OptionalLong scaled(String text, int digits) {
        String t = text.strip();
        if (t.length() > LONGEST_NUMBER) {
            return OptionalLong.empty();
        }
        boolean negative = t.startsWith("-");
        int i = negative ? 1 : 0;
        int point = t.indexOf('.');
        String whole = t.substring(i, point < 0 ? t.length() : Math.max(i, point));
        String fraction = point < 0 ? "" : t.substring(point + 1);
        if (!isDigits(whole) || !isDigits(fraction) || (whole.isEmpty() && fraction.isEmpty())) {
            return OptionalLong.empty();
        }
        String kept = fraction.length() > digits
                ? fraction.substring(0, digits)
                : fraction + "0".repeat(digits - fraction.length());
        String all = stripZeros(whole + kept);
        if (all.length() > MAX_DIGITS + 1) {
            return OptionalLong.empty();
        }
        return parse((negative ? "-" : "") + all);
    }

    /// A decimal number, with an exponent or without, times 10^`digits` as the nearest integer, halves away from 0.
    /// Empty where the text is no such number, is longer than any that somebody writes, or does not fit.
    public static OptionalLong rounded(String text, int digits) {
        String t = text.strip();
        if (t.length() > LONGEST_NUMBER) {
            return OptionalLong.empty();
        }
        try {
            BigDecimal value = new BigDecimal(t);
            // Where its first digit stands; what no exponent lets near a long is never written out.
            long before = (long) value.precision() - value.scale() + digits;
            if (value.signum() == 0 || before < 0) {
                return OptionalLong.of(0);
            }
            return before > MAX_DIGITS + 1
                    ? OptionalLong.empty()
                    : parse(value.movePointRight(digits)
                            .setScale(0, RoundingMode.HALF_UP)
                            .toPlainString());
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    public static OptionalLong integer(String text) {
        String t = text.strip();
        return t.length() > LONGEST_NUMBER ? OptionalLong.empty() : parse(t);
    }

    /// A finite number in Java's or C's notation; empty for everything else, `nan` and `inf` included, and for what is
    /// longer than any number that somebody writes.
    public static OptionalDouble real(String text) {
        String t = text.strip();
        if (t.isEmpty() || t.length() > LONGEST_NUMBER || !t.chars().allMatch(c -> "+-.0123456789eE".indexOf(c) >= 0)) {
            return OptionalDouble.empty();
        }
        try {
            double value = Double.parseDouble(t);
            return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    /// Whether the text stands for no number, or for one that is not finite.
    public static boolean isNonFinite(String text) {
        String t = text.strip();
        String unsigned = t.startsWith("+") || t.startsWith("-") ? t.substring(1) : t;
        return unsigned.equalsIgnoreCase("nan")
                || unsigned.equalsIgnoreCase("inf")
                || unsigned.equalsIgnoreCase("infinity");
    }

    private static OptionalLong parse(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static boolean isDigits(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static String stripZeros(String digits) {
        int i = 0;
        while (i < digits.length() - 1 && digits.charAt(i) == '0') {
            i++;
        }
        return digits.isEmpty() ? "0" : digits.substring(i);
    }
}
