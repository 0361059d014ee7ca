package dev.hourglass.core.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Writes JSON text to a stream.
final class JsonOut {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final OutputStream out;

    JsonOut(OutputStream out) {
        this.out = out;
    }

    JsonOut raw(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    JsonOut raw(long number) throws IOException {
        return raw(Long.toString(number));
    }

    /// A string, with everything escaped that JSON forbids in one and what would end a script in HTML.
    JsonOut text(String text) throws IOException {
        return raw(quoted(text));
    }

    static String quoted(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f || c == '<' || c == '\u2028' || c == '\u2029' || isLone(text, i)) {
                json.append("\\u")
                        .append(HEX[c >> 12])
                        .append(HEX[c >> 8 & 15])
                        .append(HEX[c >> 4 & 15])
                        .append(HEX[c & 15]);
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    private static boolean isLone(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    /// Nanoseconds as microseconds with three decimals, exactly.
    static String micros(long nanos) {
        long whole = Math.floorDiv(nanos, 1000L);
        long rest = Math.floorMod(nanos, 1000L);
        if (whole < 0 && rest != 0) {
            long positive = -nanos;
            return "-" + positive / 1000 + decimals(positive % 1000);
        }
        return whole + decimals(rest);
    }

    private static String decimals(long thousandths) {
        return thousandths == 0 ? "" : String.format(Locale.ROOT, ".%03d", thousandths);
    }
}
