package dev.hourglass.app.cli;

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
}
