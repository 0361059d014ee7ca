package dev.hourglass.app.cli;

/// What may be sent to a terminal.
final class Terminal {
    private Terminal() {}

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
