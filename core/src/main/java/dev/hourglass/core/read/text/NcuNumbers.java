package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import java.util.OptionalDouble;

/// The way in which one Nsight Compute table writes numbers: the tool follows the locale of the
/// machine it ran on (`27,595,520.5`, `27.595.520,5`, `27 595 520,5`).
enum NcuNumbers {
    POINT('.', ','),
    COMMA(',', '.');

    private final char decimal;
    private final char thousands;

    NcuNumbers(char decimal, char thousands) {
        this.decimal = decimal;
        this.thousands = thousands;
    }

    /// +1 where the text can only be read with a decimal point, -1 where only with a decimal comma,
    /// 0 where it is no number or can be read both ways (`1,234`).
    static int vote(String text) {
        boolean point = POINT.fits(text);
        boolean comma = COMMA.fits(text);
        return point == comma ? 0 : point ? 1 : -1;
    }

    /// The number; empty for `nan`, `n/a`, `no data` and every other text.
    OptionalDouble parse(String text) {
        if (!fits(text)) {
            return OptionalDouble.empty();
        }
        StringBuilder plain = new StringBuilder(text.length());
        for (char c : text.strip().toCharArray()) {
            if (c == decimal) {
                plain.append('.');
            } else if (c != thousands && !isSpace(c)) {
                plain.append(c);
            }
        }
        return Decimals.real(plain.toString());
    }

    private boolean fits(String given) {
        String text = given.strip();
        int exponent = Math.max(text.indexOf('e'), text.indexOf('E'));
        String mantissa = exponent < 0 ? text : text.substring(0, exponent);
        int i = mantissa.startsWith("-") || mantissa.startsWith("+") ? 1 : 0;
        int point = mantissa.indexOf(decimal);
        String whole = mantissa.substring(i, point < 0 ? mantissa.length() : Math.max(i, point));
        String fraction = point < 0 ? "0" : mantissa.substring(point + 1);
        return grouped(whole) && fraction.chars().allMatch(Character::isDigit) && exponentFits(text, exponent);
    }

    private static boolean exponentFits(String text, int exponent) {
        return exponent < 0 || text.substring(exponent + 1).matches("[+-]?\\d{1,3}");
    }

    /// Digits alone, or groups of three behind a first one of one to three that does not begin with 0.
    private boolean grouped(String whole) {
        String[] groups = whole.split("[" + (thousands == '.' ? "\\." : ",") + "\u00A0\u202F' ]", -1);
        for (int g = 0; g < groups.length; g++) {
            boolean digits = !groups[g].isEmpty() && groups[g].chars().allMatch(c -> c >= '0' && c <= '9');
            if (!digits || (g > 0 && groups[g].length() != 3)) {
                return false;
            }
        }
        return groups.length == 1 || (groups[0].length() <= 3 && groups[0].charAt(0) != '0');
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\u00A0' || c == '\u202F' || c == '\'';
    }
}
