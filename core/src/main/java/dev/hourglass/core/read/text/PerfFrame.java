package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Fields;
import java.util.Optional;

/// One frame of a stack as `perf script` prints it: `address symbol+0xoffset (library)`, taken apart in one pass.
///
/// @param symbol name without the offset; `;` joins frames, so it does not stand in one
/// @param dso the library; empty where none is printed
record PerfFrame(String symbol, String dso) {
    private static final String OFFSET = "+0x";

    /// Empty where the line is no frame.
    static Optional<PerfFrame> parse(String line) {
        String text = line.stripLeading();
        int address = Fields.end(text, 0, Fields::isSmallHex);
        if (address == 0 || address == text.length() || !Character.isWhitespace(text.charAt(address))) {
            return Optional.empty();
        }
        String body = text.substring(address + 1).stripTrailing();
        int dso = library(body);
        return Optional.of(
                dso < 0
                        ? new PerfFrame(plain(body.strip()), "")
                        : new PerfFrame(
                                plain(body.substring(0, dso).strip()), body.substring(dso + 1, body.length() - 1)));
    }

    /// Where the parenthesis opens in which the text ends: behind white space, and with at most one pair inside, as in
    /// `(/usr/lib/a.so (deleted))`. Negative where there is none.
    private static int library(String body) {
        int depth = 0;
        int pairs = 0;
        for (int i = body.endsWith(")") ? body.length() - 1 : -1; i >= 0; i--) {
            if (body.charAt(i) == ')') {
                depth++;
                pairs++;
            } else if (body.charAt(i) == '(') {
                depth--;
            }
            if (pairs > 2) {
                return -1;
            }
            if (depth == 0) {
                return i > 0 && Character.isWhitespace(body.charAt(i - 1)) ? i : -1;
            }
        }
        return -1;
    }

    private static String plain(String symbol) {
        int offset = symbol.lastIndexOf(OFFSET);
        int digits = offset + OFFSET.length();
        boolean hasOffset = offset >= 0
                && digits < symbol.length()
                && Fields.end(symbol, digits, Fields::isSmallHex) == symbol.length();
        return (hasOffset ? symbol.substring(0, offset) : symbol).replace(';', ':');
    }
}
