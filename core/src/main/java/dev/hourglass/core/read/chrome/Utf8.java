package dev.hourglass.core.read.chrome;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Makes bytes fit to be text.
final class Utf8 {
    private static final byte DELETE = 0x7F;
    private static final byte FIRST_OF_C1 = (byte) 0xC2;
    /// Of the second byte, which begins at 0x80.
    private static final byte LAST_OF_C1 = (byte) 0x9F;

    private Utf8() {}

    /// The same array where it is valid UTF-8 without control characters other than tab, line feed and
    /// carriage return; else a copy in which each offence is U+FFFD.
    static byte[] repair(byte[] bytes) {
        boolean ascii = true;
        boolean control = false;
        for (byte b : bytes) {
            ascii &= b >= 0;
            control |= isControl(b);
        }
        if (ascii && !control) {
            return bytes;
        }
        byte[] valid = ascii || isValid(bytes)
                ? bytes
                : new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        return control || isControlOfTwo(valid) ? withoutControls(valid) : valid;
    }

    /// Whether a byte is a control character, be it beyond the printing ones of ASCII (DEL).
    private static boolean isControl(byte b) {
        return (b >= 0 && b < ' ' && b != '\t' && b != '\n' && b != '\r') || b == DELETE;
    }

    private static boolean isControlOfTwo(byte[] valid) {
        for (int i = 0; i + 1 < valid.length; i++) {
            if (isControlOfTwo(valid, i)) {
                return true;
            }
        }
        return false;
    }

    /// Whether a control character of two bytes begins here: U+0080 to U+009F (C1), which drive a terminal as ESC
    /// does.
    private static boolean isControlOfTwo(byte[] valid, int i) {
        return valid[i] == FIRST_OF_C1 && i + 1 < valid.length && valid[i + 1] <= LAST_OF_C1;
    }

    private static boolean isValid(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static byte[] withoutControls(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 16);
        for (int i = 0; i < bytes.length; i++) {
            boolean two = isControlOfTwo(bytes, i);
            if (two || isControl(bytes[i])) {
                out.writeBytes(new byte[] {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD});
                i += two ? 1 : 0;
            } else {
                out.write(bytes[i]);
            }
        }
        return out.toByteArray();
    }
}
