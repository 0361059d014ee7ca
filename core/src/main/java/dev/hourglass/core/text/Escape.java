package dev.hourglass.core.text;

import java.util.Locale;

/// Text of a trace made harmless for the format that it goes into.
public final class Escape {
    private static final int LAST_OF_A_BYTE = 0xFF;

    private Escape() {}

    /// For XML and HTML, in text and in quoted attributes. Characters that XML does not allow stand as
    /// U+FFFD.
    public static StringBuilder xml(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> i += plain(out, text, i);
            }
        }
        return out;
    }

    public static String xml(String text) {
        return xml(new StringBuilder(text.length() + 16), text).toString();
    }

    /// Appends the character at `i`; 1 if it took two places, else 0.
    private static int plain(StringBuilder out, String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
            out.append(c).append(text.charAt(i + 1));
            return 1;
        }
        out.append(c == '\n' || c == '\t' || isVisible(c) ? c : '\uFFFD');
        return 0;
    }

    /// Whether a character shows itself, and does not reorder the text around it.
    private static boolean isVisible(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /// Text that cannot steer a terminal: control and formatting characters stand as their code, a line's end and a
    /// tab as a blank.
    public static String clean(String text) {
        return coded(text, true);
    }

    /// One line that cannot steer a terminal and hides nothing: whatever [#steers], a line's end too, stands as its
    /// code.
    public static String plain(String text) {
        return coded(text, false);
    }

    private static String coded(String text, boolean blanks) {
        if (text.codePoints().noneMatch(Escape::steers)) {
            return text;
        }
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (blanks && (c == '\n' || c == '\t')) {
                safe.append(' ');
            } else if (steers(c)) {
                safe.append(code(c));
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }

    /// Whether a character does something to a terminal instead of standing on it: controls (C0, DEL, C1), format
    /// characters such as those that reorder text, separators of lines, halves of characters.
    public static boolean steers(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    /// The code of a character: `\x1b`, `\u202e`, of one beyond U+FFFF both its halves, as JSON writes them.
    static String code(int c) {
        if (c <= LAST_OF_A_BYTE) {
            return String.format(Locale.ROOT, "\\x%02x", c);
        }
        StringBuilder code = new StringBuilder();
        for (char unit : Character.toChars(c)) {
            code.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
        }
        return code.toString();
    }

    /// For Markdown: no mark-up of the text takes effect, in running text or in a table's cell.
    public static String markdown(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        String safe = clean(text);
        for (int i = 0; i < safe.length(); i++) {
            char c = safe.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '\\', '`', '*', '_', '[', ']', '|', '~', '#', '$', '@', '!' ->
                    out.append('\\').append(c);
                default -> out.append(c);
            }
        }
        return out.toString().replace("://", ":\u200B//").replace("www.", "www\u200B.");
    }

    /// For a script element that holds JSON: what could end the element stands as an escape.
    public static String script(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }
}
