package dev.hourglass.core.text;

import java.util.function.IntUnaryOperator;

/// How wide a terminal is, and how wide text is on it: an ideograph takes two columns, an accent none.
///
/// How many columns a character takes is a table that changes with Unicode; who has a terminal brings it.
///
/// @param columns of a line
/// @param ofCodePoint columns of a character, at least 0; not asked of Latin ones, which take one
public record TerminalWidth(int columns, IntUnaryOperator ofCodePoint) {
    /// The first character that may take another number of columns than one.
    private static final int COMBINING = 0x300;

    /// A terminal on which every character takes one column.
    public static TerminalWidth plain(int columns) {
        return new TerminalWidth(columns, _ -> 1);
    }

    /// The same, of at least some columns.
    public TerminalWidth atLeast(int narrowest) {
        return columns >= narrowest ? this : new TerminalWidth(narrowest, ofCodePoint);
    }

    /// Columns that the text takes.
    public int of(String text) {
        int sum = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            sum += of(c);
            i += Character.charCount(c);
        }
        return sum;
    }

    private int of(int codePoint) {
        return codePoint < COMBINING ? 1 : ofCodePoint.applyAsInt(codePoint);
    }

    /// The text where it fits, else as much of it as leaves room for an ellipsis.
    public String cut(String text, int to) {
        if (of(text) <= to) {
            return text;
        }
        int used = 0;
        int end = 0;
        while (end < text.length()) {
            int c = text.codePointAt(end);
            used += of(c);
            if (used > to - 1) {
                break;
            }
            end += Character.charCount(c);
        }
        return text.substring(0, end) + "…";
    }

    /// The text with blanks behind it up to a width.
    public String pad(String text, int to) {
        return text + " ".repeat(Math.max(0, to - of(text)));
    }

    /// The text with blanks in front of it up to a width.
    public String padLeft(String text, int to) {
        return " ".repeat(Math.max(0, to - of(text))) + text;
    }
}
