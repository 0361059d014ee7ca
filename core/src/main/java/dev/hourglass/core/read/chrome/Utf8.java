package dev.hourglass.core.read.chrome;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Makes bytes fit to be text.
final class Utf8 {
    private Utf8() {}

    /// The same array where it is valid UTF-8 without control bytes other than tab, line feed and
    /// carriage return; else a copy in which each offence is U+FFFD.
    static byte[] repair(byte[] bytes) {
        boolean ascii = true;
        boolean control = false;
        for (byte b : bytes) {
            ascii &= b >= 0;
            control |= b >= 0 && b < ' ' && b != '\t' && b != '\n' && b != '\r';
        }
        if (ascii && !control) {
            return bytes;
        }
        byte[] valid = ascii || isValid(bytes)
                ? bytes
                : new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        return control ? withoutControls(valid) : valid;
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
        for (byte b : bytes) {
            if (b >= 0 && b < ' ' && b != '\t' && b != '\n' && b != '\r') {
                out.writeBytes(new byte[] {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD});
            } else {
                out.write(b);
            }
        }
        return out.toByteArray();
    }
}
