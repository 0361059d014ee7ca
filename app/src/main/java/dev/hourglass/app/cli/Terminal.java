package dev.hourglass.app.cli;

import java.util.ArrayList;
import java.util.List;

/// What may be sent to a terminal.
final class Terminal {
    private static final int NARROWEST = 60;
    private static final int USUAL = 100;
    private static final int WIDEST = 240;

    private Terminal() {}

    /// Width to lay tables out for: what the environment variable `COLUMNS` says, else 100.
    static int columns() {
        String told = System.getenv("COLUMNS");
        return told != null && told.matches("\\d{1,4}") ? Math.clamp(Integer.parseInt(told), NARROWEST, WIDEST) : USUAL;
    }

    /// The text with control characters, which could drive the terminal, shown as `\x1b`.
    static String plain(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                out.append(String.format("\\x%02x", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    /// The text in lines of at most `columns` characters, broken at spaces, each line but the first
    /// indented two characters more.
    static List<String> wrap(String text, String indent, int columns) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(indent);
        boolean fresh = true;
        for (String word : text.split(" ", -1)) {
            if (!fresh && line.length() + 1 + word.length() > columns) {
                lines.add(line.toString());
                line = new StringBuilder(indent + "  ");
                fresh = true;
            }
            line.append(fresh ? "" : " ").append(word);
            fresh = false;
        }
        lines.add(line.toString());
        return lines;
    }
}
