package dev.hourglass.core.text;

import java.util.Locale;
import java.util.Set;

/// Running text that is broken into lines: a number and its unit stay together.
public final class Words {
    /// A space at which no line breaks.
    public static final char NO_BREAK = '\u00A0';

    private static final Set<String> UNITS = Set.of(
            "%",
            "ns",
            "µs",
            "ms",
            "s",
            "B",
            "kB",
            "MB",
            "GB",
            "TB",
            "B/s",
            "kB/s",
            "MB/s",
            "GB/s",
            "TB/s",
            "MHz",
            "tokens/s",
            "tokens",
            "ms²",
            "layers",
            "steps",
            "FLOP/B",
            "W");

    /// Characters of a word that are looked at: one more than any unit has.
    private static final int LONGEST_WORD = 9;

    /// Characters of a name that are shown; those of kernels have some hundred.
    private static final int LONGEST_SHOWN = 1_000;

    private Words() {}

    /// The text with a no-break space between each number and the unit that follows it.
    public static String glued(String text) {
        StringBuilder out = new StringBuilder(text);
        for (int i = 1; i + 1 < text.length(); i++) {
            if (text.charAt(i) == ' ' && Character.isDigit(text.charAt(i - 1)) && UNITS.contains(word(text, i + 1))) {
                out.setCharAt(i, NO_BREAK);
            }
        }
        return out.toString();
    }

    /// A name as reports show it: of one that is longer than any name its beginning, and how long it is.
    public static String shown(String name) {
        if (name.length() <= LONGEST_SHOWN) {
            return name;
        }
        int end = LONGEST_SHOWN - (Character.isHighSurrogate(name.charAt(LONGEST_SHOWN - 1)) ? 1 : 0);
        return name.substring(0, end) + "… (" + name.length() + " characters)";
    }

    /// The text as a sentence: with a capital in front and a full stop behind.
    public static String sentence(String text) {
        if (text.isEmpty()) {
            return text;
        }
        String begun = text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
        return begun.endsWith(".") ? begun : begun + ".";
    }

    private static String word(String text, int from) {
        int to = from;
        while (to < text.length() && to - from < LONGEST_WORD && !ends(text, to)) {
            to++;
        }
        return text.substring(from, to);
    }

    private static boolean ends(String text, int i) {
        char c = text.charAt(i);
        return c == ' ' || c == ',' || c == ';' || c == ':' || c == ')' || c == '.';
    }
}
