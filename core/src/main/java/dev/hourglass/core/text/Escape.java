package dev.hourglass.core.text;

/// Text of a trace made harmless for the format that it goes into.
public final class Escape {
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

    /// Text that cannot steer a terminal: control and formatting characters stand as their code.
    public static String clean(String text) {
        if (text.codePoints().noneMatch(Escape::steers)) {
            return text;
        }
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (steers(c)) {
                safe.append(c == '\n' || c == '\t' ? " " : "\\u" + String.format("%04x", c));
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }

    private static boolean steers(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
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
