package dev.hourglass.core.read.nsys;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.TextLines;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.sqlite.core.Codes;

/// One row of an Nsight Systems export; columns by their position in the request.
final class NsysRow {
    private static final Pattern LINE_END = Pattern.compile("\\s*\\R\\s*");

    /// Integers below it are exact in a double.
    private static final double EXACT_BELOW = 9e15;

    private NsysBlock block = new NsysBlock(0);
    private int from;

    /// Moves to a row of a block.
    void move(NsysBlock to, int row) {
        block = to;
        from = row * to.columns;
    }

    /// Whether the value is an integer.
    boolean has(int column) {
        int type = block.types[from + column];
        return type == Codes.SQLITE_INTEGER
                || (type != Codes.SQLITE_NULL && other(column).isPresent());
    }

    /// The value as an integer; 0 for NULL and for what is no integer.
    long integer(int column) {
        return integer(column, 0);
    }

    /// The value as an integer; `otherwise` for NULL and for what is no integer.
    long integer(int column, long otherwise) {
        return switch (block.types[from + column]) {
            case Codes.SQLITE_INTEGER -> block.numbers[from + column];
            case Codes.SQLITE_NULL -> otherwise;
            default -> other(column).orElse(otherwise);
        };
    }

    /// The value as text; empty for NULL.
    String text(int column) {
        return switch (block.types[from + column]) {
            case Codes.SQLITE_INTEGER -> Long.toString(block.numbers[from + column]);
            case Codes.SQLITE_NULL -> "";
            default -> TextLines.clean(oneLine(stored(column)));
        };
    }

    /// The value as a number, NaN for NULL.
    double real(int column) {
        long number = block.numbers[from + column];
        return switch (block.types[from + column]) {
            case Codes.SQLITE_INTEGER -> number;
            case Codes.SQLITE_NULL -> Double.NaN;
            default -> Double.longBitsToDouble(number);
        };
    }

    /// A value that is no integer of the database, as one.
    private OptionalLong other(int column) {
        return switch (block.types[from + column]) {
            case Codes.SQLITE_FLOAT -> {
                double d = real(column);
                yield d == Math.rint(d) && Math.abs(d) < EXACT_BELOW ? OptionalLong.of((long) d) : OptionalLong.empty();
            }
            case Codes.SQLITE_TEXT -> Decimals.integer(stored(column));
            default -> OptionalLong.empty();
        };
    }

    private String stored(int column) {
        String text = block.texts[from + column];
        return text == null ? "" : text;
    }

    private static String oneLine(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c >= '\n' && c <= '\r') || c == '\u0085' || c == '\u2028' || c == '\u2029') {
                return LINE_END.matcher(text).replaceAll(" ");
            }
        }
        return text;
    }
}
