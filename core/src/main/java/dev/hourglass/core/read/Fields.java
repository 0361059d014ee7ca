package dev.hourglass.core.read;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// Takes a line apart, and judges what its parts are made of, in one pass.
///
/// Input meets no pattern that gives characters back and tries again: on a run of spaces or digits that takes as
/// long as the square of its length, or longer.
public final class Fields {
    private Fields() {}

    /// What stands between separators, empty fields included: one more than there are separators.
    public static List<String> between(String line, char separator) {
        List<String> fields = new ArrayList<>();
        int from = 0;
        for (int to = line.indexOf(separator); to >= 0; to = line.indexOf(separator, from)) {
            fields.add(line.substring(from, to));
            from = to + 1;
        }
        fields.add(line.substring(from));
        return fields;
    }

    /// What stands between separators, without white space around.
    public static List<String> strippedBetween(String line, char separator) {
        List<String> fields = between(line, separator);
        fields.replaceAll(String::strip);
        return fields;
    }

    /// What stands between runs of white space; a line without anything else is one empty word.
    public static List<String> words(String line) {
        String text = line.strip();
        List<String> words = new ArrayList<>();
        int from = 0;
        while (from < text.length() || words.isEmpty()) {
            int to = end(text, from, c -> !Character.isWhitespace(c));
            words.add(text.substring(from, to));
            from = end(text, to, Character::isWhitespace);
        }
        return words;
    }

    /// Behind the characters of a kind that follow each other from a place on.
    public static int end(String text, int from, IntPredicate kind) {
        int i = from;
        while (i < text.length() && kind.test(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /// Whether a text is made of digits, and of at least one.
    public static boolean isDigits(String text) {
        return isAll(text, Fields::isDigit);
    }

    /// Whether a text is made of ASCII letters, digits and underscores, and of at least one.
    public static boolean isWord(String text) {
        return isAll(text, Fields::isWordPart);
    }

    private static boolean isAll(String text, IntPredicate kind) {
        return !text.isEmpty() && end(text, 0, kind) == text.length();
    }

    /// An ASCII digit.
    public static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    /// An ASCII letter.
    public static boolean isLetter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /// An ASCII letter, a digit or an underscore.
    public static boolean isWordPart(int c) {
        return isLetter(c) || isDigit(c) || c == '_';
    }

    /// A digit of hexadecimal numbers as programs print them, in small letters.
    public static boolean isSmallHex(int c) {
        return isDigit(c) || (c >= 'a' && c <= 'f');
    }
}
