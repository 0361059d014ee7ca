package dev.hourglass.core.document;

import dev.hourglass.core.text.Escape;
import dev.hourglass.core.text.Words;

/// Mark-up under construction: what is ours goes in as it is, what is not goes in escaped.
final class Html {
    private final StringBuilder out = new StringBuilder(1 << 16);

    /// Mark-up that this package made.
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /// Any text.
    Html text(String text) {
        Escape.xml(out, text);
        return this;
    }

    /// Running text.
    Html prose(String text) {
        return text(Words.glued(text));
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
