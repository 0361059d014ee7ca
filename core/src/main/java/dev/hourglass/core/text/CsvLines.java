package dev.hourglass.core.text;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Lines of values as RFC 4180 has them, gathered in bytes: answers run to hundreds of megabytes, and
/// most of their values are small numbers or texts that come again and again.
///
/// A text without characters and NULL differ: the one is `""`, the other nothing. When nobody reads any
/// more, as behind `| head`, the rest is dropped.
public final class CsvLines {
    /// What becomes of a text that a spreadsheet would compute: one that begins with `=`, `+`, `-`, `@`, a tab or a
    /// carriage return, and is no number.
    public enum Formulas {
        /// It stands as it is.
        KEPT,
        /// An apostrophe stands in front of it: spreadsheets show it as text.
        DISARMED
    }

    /// The same in wide forms, which some spreadsheets read too.
    private static final String FORMULA_BEGINS = "=+-@\t\r＝＋－＠";
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");

    private static final int FULL = 1 << 16;
    private static final int KNOWN = 4096;
    /// Longer texts are not kept.
    private static final int LONG_TEXT = 1024;

    private static final int LONGEST_NUMBER = 20;

    private final PrintStream out;
    private final Function<Object, String> shown;
    private final Formulas formulas;
    private final Map<String, byte[]> known = new HashMap<>();
    private byte[] bytes = new byte[FULL + 4096];
    private int length;
    private boolean unread;

    /// @param shown how a value is written that is neither a text nor a whole number
    public CsvLines(PrintStream out, Function<Object, String> shown, Formulas formulas) {
        this.out = out;
        this.shown = shown;
        this.formulas = formulas;
    }

    /// Appends a line.
    public void line(@Nullable Object[] values) {
        if (unread) {
            return;
        }
        for (int i = 0; i < values.length; i++) {
            if (i > 0) {
                put((byte) ',');
            }
            value(values[i]);
        }
        put((byte) '\n');
        if (length >= FULL) {
            flush();
        }
    }

    /// Hands over what is gathered.
    public void flush() {
        out.write(bytes, 0, length);
        length = 0;
        unread = out.checkError();
    }

    private void value(@Nullable Object value) {
        switch (value) {
            case null -> {}
            case Long n -> integer(n);
            case String text -> text(text);
            default -> put(field(shown.apply(value)).getBytes(StandardCharsets.UTF_8));
        }
    }

    private void text(String text) {
        byte[] field = known.get(text);
        if (field == null) {
            field = (text.isEmpty() ? "\"\"" : field(disarmed(text))).getBytes(StandardCharsets.UTF_8);
            if (known.size() == KNOWN) {
                known.clear();
            }
            if (field.length <= LONG_TEXT) {
                known.put(text, field);
            }
        }
        put(field);
    }

    private String disarmed(String text) {
        boolean formula = formulas == Formulas.DISARMED
                && FORMULA_BEGINS.indexOf(text.charAt(0)) >= 0
                && !NUMBER.matcher(text).matches();
        return formula ? "'" + text : text;
    }

    /// A field of RFC 4180: in quotes where it would otherwise end early.
    private static String field(String text) {
        boolean quoted =
                text.indexOf(',') >= 0 || text.indexOf('"') >= 0 || text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
        return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }

    private void integer(long value) {
        room(LONGEST_NUMBER);
        int from = length;
        long rest = value;
        do {
            bytes[length++] = (byte) ('0' + Math.abs((int) (rest % 10)));
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            bytes[length++] = '-';
        }
        for (int i = from, j = length - 1; i < j; i++, j--) {
            byte b = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = b;
        }
    }

    private void put(byte b) {
        room(1);
        bytes[length++] = b;
    }

    private void put(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
