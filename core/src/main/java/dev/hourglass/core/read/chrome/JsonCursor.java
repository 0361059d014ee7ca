package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.Decimals;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/// Walks JSON in a buffer. Tolerant: it skips what nobody asked for by counting brackets.
///
/// The bytes behind `limit` are quotes ([#PADDING] of them), so that no loop needs a bounds check;
/// whoever meets one of them asks for more input.
class JsonCursor {
    /// Bytes that must follow the content in a buffer.
    static final int PADDING = ChromeStep.LONGEST + 32;

    /// Thrown, without a stack, when the buffer ends inside a value.
    static final class NeedMore extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("StaticAssignmentOfThrowable") // has no stack
        static final NeedMore INSTANCE = new NeedMore();

        private NeedMore() {
            super("need more input", null, false, false);
        }
    }

    /// Thrown, without a stack, when the bytes are not JSON.
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("StaticAssignmentOfThrowable") // has no stack
        static final Malformed INSTANCE = new Malformed();

        private Malformed() {
            super("malformed", null, false, false);
        }
    }

    byte[] buffer = new byte[PADDING];
    int position;
    int limit;

    /// The string that [#string()] read last: `text[textFrom, textTo)`, and its hash.
    byte[] text = buffer;
    int textFrom;
    int textTo;
    long textHash;

    /// Whether a quote ends a string only where JSON goes on behind it.
    boolean lenient;
    /// Whether something was read otherwise than the bytes say.
    boolean repaired;
    /// Whether the number read last was NaN or infinite.
    boolean notFinite;

    private byte[] scratch = new byte[256];

    /// Takes a buffer whose content ends at `limit`; writes the padding.
    final void reset(byte[] newBuffer, int newPosition, int newLimit) {
        buffer = newBuffer;
        position = newPosition;
        limit = newLimit;
        Arrays.fill(newBuffer, newLimit, newLimit + PADDING, (byte) '"');
    }

    /// Skips white space and returns the byte that follows, without consuming it.
    final int peek() {
        byte[] b = buffer;
        int p = position;
        while (b[p] <= ' ' && b[p] >= 0) {
            p++;
        }
        position = p;
        if (p >= limit) {
            throw NeedMore.INSTANCE;
        }
        return b[p];
    }

    /// Skips white space and consumes the expected byte.
    final void expect(int wanted) {
        if (peek() != wanted) {
            throw Malformed.INSTANCE;
        }
        position++;
    }

    /// Reads the string whose opening quote was consumed.
    final void string() {
        if (lenient) {
            slowString();
            return;
        }
        byte[] b = buffer;
        int p = position;
        long hash = 0;
        while (true) {
            long word = Bytes.at(b, p);
            long marks = Bytes.special(word);
            if (marks == 0) {
                hash = Bytes.mix(hash, word);
                p += 8;
                continue;
            }
            int ahead = Bytes.first(marks);
            if (b[p + ahead] != '"') {
                slowString();
                return;
            }
            if (p + ahead >= limit) {
                throw NeedMore.INSTANCE;
            }
            text = b;
            textFrom = position;
            textTo = p + ahead;
            textHash = Bytes.finish(hash, word, ahead);
            position = p + ahead + 1;
            return;
        }
    }

    /// Reads a string with escapes, with bytes outside ASCII, or leniently. In one that was written without escaping,
    /// as some write the paths of Windows, backslashes stand for themselves.
    private void slowString() {
        int out = 0;
        int p = position;
        boolean raw = isDrive(p);
        while (true) {
            if (p >= limit) {
                throw NeedMore.INSTANCE;
            }
            if (out + 8 > scratch.length) {
                scratch = Arrays.copyOf(scratch, scratch.length * 2);
            }
            byte c = buffer[p];
            if (c == '"' && (!lenient || endsHere(p + 1))) {
                break;
            }
            if (c != '\\') {
                scratch[out++] = c;
                p++;
                continue;
            }
            if (p + 12 > limit && p + 1 >= limit) {
                throw NeedMore.INSTANCE;
            }
            if (raw && buffer[p + 1] != '"') {
                scratch[out++] = '\\';
                repaired = true;
                p++;
                continue;
            }
            switch (buffer[p + 1]) {
                case '"', '\\', '/' -> scratch[out++] = buffer[p + 1];
                case 'n' -> scratch[out++] = '\n';
                case 't' -> scratch[out++] = '\t';
                case 'r' -> scratch[out++] = '\r';
                case 'b' -> scratch[out++] = '\b';
                case 'f' -> scratch[out++] = '\f';
                case 'u' -> {
                    if (p + 6 > limit) {
                        throw NeedMore.INSTANCE;
                    }
                    int unit = hex(p + 2);
                    if (unit < 0) {
                        raw = true;
                        out = 0;
                        p = position;
                        continue;
                    }
                    int codePoint = unit;
                    if (Character.isHighSurrogate((char) unit)) {
                        if (p + 12 > limit) {
                            throw NeedMore.INSTANCE;
                        }
                        int low = buffer[p + 6] == '\\' && buffer[p + 7] == 'u' ? hex(p + 8) : -1;
                        if (low >= 0 && Character.isLowSurrogate((char) low)) {
                            codePoint = Character.toCodePoint((char) unit, (char) low);
                            p += 6;
                        }
                    }
                    if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                        codePoint = 0xFFFD;
                        repaired = true;
                    }
                    byte[] utf8 = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
                    System.arraycopy(utf8, 0, scratch, out, utf8.length);
                    out += utf8.length;
                    p += 4;
                }
                default -> { // no escape: nor is any other
                    raw = true;
                    out = 0;
                    p = position;
                    continue;
                }
            }
            p += 2;
        }
        position = p + 1;
        text = scratch;
        textFrom = 0;
        textTo = out;
        textHash = Bytes.hash(scratch, 0, out);
    }

    /// Whether a path begins at `p` with the letter of a drive and a backslash that nothing escapes.
    private boolean isDrive(int p) {
        return p + 3 < limit
                && Character.isLetter(buffer[p])
                && buffer[p + 1] == ':'
                && buffer[p + 2] == '\\'
                && buffer[p + 3] != '\\'
                && buffer[p + 3] != '/'
                && buffer[p + 3] != '"'
                && buffer[p + 3] != 'u';
    }

    /// Whether JSON goes on behind a string that would end before `p`.
    private boolean endsHere(int p) {
        int q = p;
        while (q < limit && buffer[q] <= ' ' && buffer[q] >= 0) {
            q++;
        }
        if (q >= limit) {
            throw NeedMore.INSTANCE;
        }
        byte c = buffer[q];
        return c == ',' || c == '}' || c == ']' || c == ':';
    }

    private int hex(int p) {
        int value = 0;
        for (int i = p; i < p + 4; i++) {
            int digit = Character.digit(buffer[i], 16);
            if (digit < 0) {
                return -1;
            }
            value = (value << 4) | digit;
        }
        return value;
    }

    /// Skips one value of any kind.
    final void skipValue() {
        int c = peek();
        if (c == '"') {
            position++;
            skipString();
        } else if (c == '{' || c == '[') {
            skipContainer();
        } else {
            skipScalar();
        }
    }

    /// Skips the rest of a string whose opening quote was consumed.
    private void skipString() {
        if (lenient) {
            slowString();
            return;
        }
        byte[] b = buffer;
        int p = position;
        while (true) {
            while (b[p] != '"' && b[p] != '\\') {
                p++;
            }
            if (p >= limit) {
                throw NeedMore.INSTANCE;
            }
            if (b[p] == '"') {
                position = p + 1;
                return;
            }
            p += 2;
            if (p > limit) {
                throw NeedMore.INSTANCE;
            }
        }
    }

    /// Skips a list or an object that begins here.
    private void skipContainer() {
        int depth = 0;
        int p = position;
        while (true) {
            long marks = Bytes.structural(Bytes.at(buffer, p));
            if (marks == 0) {
                p += 8;
                continue;
            }
            p += Bytes.first(marks);
            if (p >= limit) {
                throw NeedMore.INSTANCE;
            }
            switch (buffer[p]) {
                case '"' -> {
                    position = p + 1;
                    skipString();
                    p = position;
                }
                case '{', '[' -> {
                    depth++;
                    p++;
                }
                case '}', ']' -> {
                    depth--;
                    p++;
                    if (depth == 0) {
                        position = p;
                        return;
                    }
                }
                default -> p++;
            }
        }
    }

    /// Skips a number or a literal; when lenient, whatever stands in the place of one.
    private void skipScalar() {
        byte[] b = buffer;
        int from = position;
        int digits = afterDigits(from);
        int p = digits;
        while (isScalar(b[p])) {
            p++;
        }
        if (p >= limit) {
            throw NeedMore.INSTANCE;
        }
        if (p == from || (p > digits && !lenient && afterNumber(from) != p && !isWord(from, p))) {
            throw Malformed.INSTANCE;
        }
        position = p;
    }

    private int afterDigits(int from) {
        byte[] b = buffer;
        int p = from;
        while (b[p] >= '0' && b[p] <= '9') {
            p++;
        }
        return p;
    }

    /// Where the number ends that begins at a position; -1 where none does.
    private int afterNumber(int from) {
        byte[] b = buffer;
        int whole = b[from] == '-' ? from + 1 : from;
        int p = afterDigits(whole);
        boolean good = p > whole;
        if (b[p] == '.') {
            int fraction = p + 1;
            p = afterDigits(fraction);
            good &= p > fraction;
        }
        if (b[p] == 'e' || b[p] == 'E') {
            int exponent = b[p + 1] == '+' || b[p + 1] == '-' ? p + 2 : p + 1;
            p = afterDigits(exponent);
            good &= p > exponent;
        }
        return good ? p : -1;
    }

    private boolean isWord(int from, int to) {
        if (to - from > LONGEST_WORD) {
            return false;
        }
        String word = new String(buffer, from, to - from, StandardCharsets.ISO_8859_1);
        return word.equals("true") || word.equals("false") || word.equals("null") || isNotFiniteWord(word);
    }

    private static final int ASCII = 128;
    /// Digits of microseconds whose nanoseconds always fit a long.
    private static final int MOST_MICRO_DIGITS = 15;
    /// Digits of nanoseconds behind the point of microseconds.
    private static final int MICRO_DIGITS = 3;
    /// Digits of an integer that always fit a long.
    static final int MOST_LONG_DIGITS = 18;
    /// Reals up to here fit a long.
    private static final double LARGEST_LONG = 9e18;
    /// Digits that a double holds exactly, and as many decimals.
    private static final int MOST_REAL_DIGITS = 15;

    private static final int LONGEST_WORD = "-infinity".length();
    private static final boolean[] SCALAR = scalar();

    private static boolean[] scalar() {
        boolean[] scalar = new boolean[256];
        for (int c = ' ' + 1; c < ASCII; c++) {
            scalar[c] = ",}]\":{[".indexOf(c) < 0;
        }
        return scalar;
    }

    static boolean isScalar(byte c) {
        return SCALAR[c & 0xFF];
    }

    /// Reads a number in microseconds, written as a number or as text, and returns it in nanoseconds,
    /// exactly; digits below a nanosecond round to the nearest one.
    final long nanoseconds() {
        byte[] b = buffer;
        int p = position;
        boolean quoted = b[p] == '"' && p < limit;
        if (quoted) {
            p++;
        }
        boolean negative = b[p] == '-';
        if (negative) {
            p++;
        }
        int from = p;
        long micros = 0;
        while (b[p] >= '0' && b[p] <= '9') {
            micros = micros * 10 + (b[p] - '0');
            p++;
        }
        int digits = p - from;
        long nanos = 0;
        if (b[p] == '.') {
            p++;
            int scale = 100;
            while (b[p] >= '0' && b[p] <= '9') {
                if (scale > 0) {
                    nanos += (long) (b[p] - '0') * scale;
                    scale /= 10;
                } else if (scale == 0) {
                    nanos += b[p] >= '5' ? 1 : 0;
                    scale = -1;
                }
                p++;
            }
        }
        if (p >= limit) {
            throw NeedMore.INSTANCE;
        }
        byte c = b[p];
        if (digits == 0 || digits > MOST_MICRO_DIGITS || isScalar(c)) {
            return slowNanoseconds(quoted);
        }
        if (quoted) {
            if (c != '"') {
                return slowNanoseconds(true);
            }
            p++;
        }
        position = p;
        long value = micros * 1000 + nanos;
        return negative ? -value : value;
    }

    private long slowNanoseconds(boolean quoted) {
        OptionalLong nanos = Decimals.rounded(token(quoted), MICRO_DIGITS);
        if (nanos.isEmpty()) {
            throw Malformed.INSTANCE;
        }
        return nanos.getAsLong();
    }

    /// Reads a scalar as text.
    final String token(boolean quoted) {
        if (quoted) {
            position++;
            string();
            return new String(text, textFrom, textTo - textFrom, StandardCharsets.UTF_8);
        }
        int from = position;
        skipScalar();
        return new String(buffer, from, position - from, StandardCharsets.ISO_8859_1);
    }

    /// Reads an integer, or a number that is cut to one, written as a number or as text;
    /// [Segment#NONE] for anything else.
    final long integer() {
        byte[] b = buffer;
        int p = position;
        boolean negative = b[p] == '-';
        if (negative) {
            p++;
        }
        int from = p;
        long value = 0;
        while (b[p] >= '0' && b[p] <= '9') {
            value = value * 10 + (b[p] - '0');
            p++;
        }
        int digits = p - from;
        if (p >= limit) {
            throw NeedMore.INSTANCE;
        }
        if (digits > 0 && digits <= MOST_LONG_DIGITS && !isScalar(b[p]) && b[p] != '"') {
            position = p;
            return negative ? -value : value;
        }
        return slowInteger();
    }

    private long slowInteger() {
        int c = peek();
        if (c == '{' || c == '[') {
            skipContainer();
            return Segment.NONE;
        }
        String token = token(c == '"');
        try {
            return Long.decode(token);
        } catch (NumberFormatException e) {
            double real = parseReal(token);
            return Double.isNaN(real) || Math.abs(real) > LARGEST_LONG ? Segment.NONE : (long) real;
        }
    }

    /// Reads a number, written as a number or as text; NaN for anything else, see [#notFinite].
    final double real() {
        byte[] b = buffer;
        int p = position;
        int from = p;
        boolean negative = b[p] == '-';
        if (negative) {
            p++;
        }
        long value = 0;
        int digits = 0;
        while (b[p] >= '0' && b[p] <= '9') {
            value = value * 10 + (b[p++] - '0');
            digits++;
        }
        int scale = 0;
        if (b[p] == '.') {
            p++;
            while (b[p] >= '0' && b[p] <= '9') {
                value = value * 10 + (b[p++] - '0');
                digits++;
                scale++;
            }
        }
        if (p >= limit) {
            throw NeedMore.INSTANCE;
        }
        if (p > from
                && digits > 0
                && digits <= MOST_REAL_DIGITS
                && scale <= MOST_REAL_DIGITS
                && !isScalar(b[p])
                && b[p] != '"') {
            position = p;
            double result = value / POWERS[scale];
            return negative ? -result : result;
        }
        int c = peek();
        if (c == '{' || c == '[') {
            skipContainer();
            return Double.NaN;
        }
        return parseReal(token(c == '"'));
    }

    private static final double[] POWERS = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private double parseReal(String token) {
        try {
            double value = Double.parseDouble(token);
            notFinite |= !Double.isFinite(value);
            return Double.isFinite(value) ? value : Double.NaN;
        } catch (NumberFormatException e) {
            notFinite |= isNotFiniteWord(token);
            return Double.NaN;
        }
    }

    /// Whether a token is one of the spellings of NaN and the infinities that JSON does not have.
    static boolean isNotFiniteWord(String token) {
        String word = token.startsWith("-") || token.startsWith("+") ? token.substring(1) : token;
        return word.equalsIgnoreCase("nan") || word.equalsIgnoreCase("inf") || word.equalsIgnoreCase("infinity");
    }
}
