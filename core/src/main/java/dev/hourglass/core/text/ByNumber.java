package dev.hourglass.core.text;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;

/// Escapes characters in JSON by their number: control characters, which have short names too, and others that JSON
/// would allow as they are, among them whatever [steers][Escape#steers] a terminal.
final class ByNumber extends CharacterEscapes {
    private static final long serialVersionUID = 1L;

    /// What could end a script (`<`) or a line in one, and the invisible U+007F.
    static final String UNSAFE_IN_SCRIPTS = "<\u007f\u2028\u2029";

    private static final char DELETE = '\u007f';

    private final String others;
    private final boolean shortNames;

    ByNumber(String others) {
        this(others, false);
    }

    private ByNumber(String others, boolean shortNames) {
        this.others = others;
        this.shortNames = shortNames;
    }

    /// As JSON is usually written, a line's end as `\n`.
    static ByNumber beyondShortNames() {
        return new ByNumber("", true);
    }

    @Override
    public int[] getEscapeCodesForAscii() {
        int[] escapes = standardAsciiEscapesForJSON();
        for (int c = 0; c < escapes.length; c++) {
            if ((c < ' ' && !shortNames) || c == DELETE || others.indexOf(c) >= 0) {
                escapes[c] = ESCAPE_STANDARD;
            }
        }
        return escapes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
        return others.indexOf(c) >= 0 || steers(c) ? new SerializedString(String.format("\\u%04x", c)) : null;
    }

    /// Halves of characters come one by one; a pair of them is what it is.
    private static boolean steers(int c) {
        return Escape.steers(c) && !Character.isSurrogate((char) c);
    }
}
