package dev.hourglass.core.text;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;

/// Escapes characters in JSON by their number: control characters, which have short names too, and others
/// that JSON would allow as they are.
final class ByNumber extends CharacterEscapes {
    private static final long serialVersionUID = 1L;

    /// What could end a script (`<`) or a line in one, and the invisible U+007F.
    static final String UNSAFE_IN_SCRIPTS = "<\u007f\u2028\u2029";

    private final String others;

    ByNumber(String others) {
        this.others = others;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
        int[] escapes = standardAsciiEscapesForJSON();
        for (int c = 0; c < escapes.length; c++) {
            if (c < ' ' || others.indexOf(c) >= 0) {
                escapes[c] = ESCAPE_STANDARD;
            }
        }
        return escapes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
        return others.indexOf(c) >= 0 ? new SerializedString(String.format("\\u%04x", c)) : null;
    }
}
