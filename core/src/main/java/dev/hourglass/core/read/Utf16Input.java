package dev.hourglass.core.read;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/// A text in UTF-16 with its byte-order mark, as UTF-8 without one. What is malformed becomes U+FFFD.
final class Utf16Input extends InputStream {
    private final Reader text;
    private final char[] chars = new char[1 << 13];
    private byte[] bytes = new byte[0];
    private int position;
    private int waiting;

    Utf16Input(InputStream in) {
        this.text = new InputStreamReader(in, StandardCharsets.UTF_16);
    }

    /// Whether a content begins with such a mark.
    static boolean startsWithMark(byte[] content) {
        int mark = content.length < 2 ? 0 : (content[0] & 0xFF) << 8 | (content[1] & 0xFF);
        return mark == 0xFEFF || mark == 0xFFFE;
    }

    @Override
    public int read() throws IOException {
        return position < bytes.length || fill() ? bytes[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == bytes.length && !fill()) {
            return -1;
        }
        int n = Math.min(length, bytes.length - position);
        System.arraycopy(bytes, position, target, from, n);
        position += n;
        return n;
    }

    @Override
    public void close() throws IOException {
        text.close();
    }

    /// The first half of a pair waits for the second.
    private boolean fill() throws IOException {
        int n = text.read(chars, waiting, chars.length - waiting);
        int all = waiting + Math.max(0, n);
        waiting = n > 0 && Character.isHighSurrogate(chars[all - 1]) ? 1 : 0;
        bytes = new String(chars, 0, all - waiting).getBytes(StandardCharsets.UTF_8);
        position = 0;
        if (waiting > 0) {
            chars[0] = chars[all - 1];
        }
        return bytes.length > 0 || (n > 0 && fill());
    }
}
