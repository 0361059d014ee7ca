package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.Fields;
import java.util.List;
import java.util.OptionalDouble;

/// The way in which one Nsight Compute table writes numbers: the tool follows the locale of the
/// machine it ran on (`27,595,520.5`, `27.595.520,5`, `27 595 520,5`).
enum NcuNumbers {
    POINT('.', ','),
    COMMA(',', '.');

    private static final int DIGITS_OF_A_GROUP = 3;
    private static final int MOST_EXPONENT_DIGITS = 3;

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
        int sign = exponent + 1;
        int digits = sign < text.length() && "+-".indexOf(text.charAt(sign)) >= 0 ? sign + 1 : sign;
        return exponent < 0
                || (text.length() - digits <= MOST_EXPONENT_DIGITS && Fields.isDigits(text.substring(digits)));
    }

    /// Digits alone, or groups of three behind a first one of one to three that does not begin with 0.
    private boolean grouped(String whole) {
        StringBuilder even = new StringBuilder(whole);
        for (int i = 0; i < even.length(); i++) {
            if (even.charAt(i) == thousands || isSpace(even.charAt(i))) {
                even.setCharAt(i, thousands);
            }
        }
        List<String> groups = Fields.between(even.toString(), thousands);
        for (int g = 0; g < groups.size(); g++) {
            if (!Fields.isDigits(groups.get(g)) || (g > 0 && groups.get(g).length() != DIGITS_OF_A_GROUP)) {
                return false;
            }
        }
        return groups.size() == 1 || (groups.getFirst().length() <= DIGITS_OF_A_GROUP && whole.charAt(0) != '0');
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\u00A0' || c == '\u202F' || c == '\'';
    }
}
