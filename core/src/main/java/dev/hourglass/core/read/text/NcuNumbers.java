package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.Fields;
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
        int groups = 0;
        int first = 0;
        int digits = 0;
        for (int i = 0; i <= whole.length(); i++) {
            if (i < whole.length() && Fields.isDigit(whole.charAt(i))) {
                digits++;
            } else if (i == whole.length() || whole.charAt(i) == thousands || isSpace(whole.charAt(i))) {
                if (digits == 0 || (groups > 0 && digits != DIGITS_OF_A_GROUP)) {
                    return false;
                }
                first = groups == 0 ? digits : first;
                groups++;
                digits = 0;
            } else {
                return false;
            }
        }
        return groups == 1 || (first <= DIGITS_OF_A_GROUP && whole.charAt(0) != '0');
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\u00A0' || c == '\u202F' || c == '\'';
    }
}
