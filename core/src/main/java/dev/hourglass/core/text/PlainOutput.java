package dev.hourglass.core.text;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A way to a terminal on which text, whoever wrote it, can only be text: it takes UTF-8, and what
/// [steers][Escape#steers] a terminal, but for the line's end and the tab, passes as its code. So does each byte
/// that is no UTF-8, because a terminal may take it for a control character of one byte.
public final class PlainOutput extends OutputStream {
    private static final int LONGEST = 4;
    private static final int DELETE = 0x7F;

    private final OutputStream out;
    private final Charset charset;
    /// The beginning of a character whose rest has not come yet.
    private final byte[] begun = new byte[LONGEST];
    private int waiting;

    /// @param out where the text goes; flushed and closed with this one
    /// @param charset of the terminal; must hold ASCII
    public PlainOutput(OutputStream out, Charset charset) {
        this.out = out;
        this.charset = charset;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        int to = from + count;
        int i = from;
        while (i < to) {
            if (waiting > 0 || !isPlain(bytes[i])) {
                take(bytes[i++]);
                continue;
            }
            int start = i;
            while (i < to && isPlain(bytes[i])) {
                i++;
            }
            out.write(bytes, start, i - start);
        }
    }

    private static boolean isPlain(byte b) {
        return (b >= ' ' && b < DELETE) || b == '\n' || b == '\t';
    }

    /// Takes a byte that is, or may be, a part of a longer character.
    private void take(byte b) throws IOException {
        if (waiting > 0 && !isContinuation(b)) {
            giveUp();
            write(b);
            return;
        }
        begun[waiting++] = b;
        if (waiting == length(begun[0])) {
            character();
        }
    }

    private static boolean isContinuation(byte b) {
        return (b & 0xC0) == 0x80;
    }

    /// How many bytes a character has that begins with this one; 1 where none does.
    private static int length(byte first) {
        int b = first & 0xFF;
        return b < 0xC0 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : LONGEST;
    }

    private void character() throws IOException {
        String text = new String(begun, 0, waiting, StandardCharsets.UTF_8);
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), Arrays.copyOf(begun, waiting))) {
            giveUp();
            return;
        }
        int c = text.codePointAt(0);
        if (Escape.steers(c)) {
            ascii(Escape.code(c));
        } else {
            out.write(text.getBytes(charset));
        }
        waiting = 0;
    }

    /// What was begun is no character: each of its bytes stands as its code.
    private void giveUp() throws IOException {
        int bytes = waiting;
        waiting = 0;
        for (int i = 0; i < bytes; i++) {
            ascii(Escape.code(begun[i] & 0xFF));
        }
    }

    private void ascii(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        giveUp();
        out.close();
    }
}
