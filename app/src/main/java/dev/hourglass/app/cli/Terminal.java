package dev.hourglass.app.cli;

import dev.hourglass.core.text.Escape;
import dev.hourglass.core.text.TerminalWidth;
import java.util.ArrayList;
import java.util.List;
import org.jline.utils.WCWidth;

/// What may be sent to a terminal.
final class Terminal {
    private static final int NARROWEST = 60;
    private static final int USUAL = 100;
    private static final int WIDEST = 240;
    private static final int OF_A_PERSON = 120;

    private Terminal() {}

    /// Width to lay tables out for: what the environment variable `COLUMNS` says, else 100.
    static int columns() {
        String told = System.getenv("COLUMNS");
        return told != null && told.matches("\\d{1,4}") ? Math.clamp(Integer.parseInt(told), NARROWEST, WIDEST) : USUAL;
    }

    /// Whether a person sits at both standard input and standard output.
    @SuppressWarnings("SystemConsoleNull") // it is null where either is not a terminal
    static boolean isInteractive() {
        return System.console() != null && System.console().isTerminal();
    }

    /// Width of the person's terminal in characters; 0 where output goes elsewhere and lines may be of any length.
    static int personsWidth() {
        if (!isInteractive()) {
            return 0;
        }
        String told = System.getenv("COLUMNS");
        return told != null && told.matches("\\d{1,4}") ? Integer.parseInt(told) : OF_A_PERSON;
    }

    /// The same with how wide text is on it.
    static TerminalWidth width() {
        return new TerminalWidth(columns(), c -> Math.max(0, WCWidth.wcwidth(c)));
    }

    /// The text as one line in which whatever could drive the terminal is shown as `\x1b`.
    static String plain(String text) {
        return Escape.plain(text);
    }

    /// The text in lines of at most some columns, broken at spaces, each line but the first
    /// indented two characters more.
    static List<String> wrap(String text, String indent, int columns) {
        TerminalWidth width = width();
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(indent);
        int used = width.of(indent);
        boolean fresh = true;
        for (String word : text.split(" ", -1)) {
            if (!fresh && used + 1 + width.of(word) > columns) {
                lines.add(line.toString());
                line = new StringBuilder(indent + "  ");
                used = width.of(indent) + 2;
                fresh = true;
            }
            line.append(fresh ? "" : " ").append(word);
            used += (fresh ? 0 : 1) + width.of(word);
            fresh = false;
        }
        lines.add(line.toString());
        return lines;
    }
}
