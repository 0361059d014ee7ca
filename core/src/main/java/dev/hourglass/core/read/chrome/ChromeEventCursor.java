package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.Decimals;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the events of a Chrome trace, one at a time, member by member.
class ChromeEventCursor extends JsonCursor {

    /// Members of an event.
    enum Key {
        PH,
        CAT,
        NAME,
        PID,
        TID,
        TS,
        DUR,
        ID,
        ARGS,
        BP,
        SHAPE
    }

    private static final Arg.Names<Key> KEYS = new Arg.Names<Key>()
            .put("ph", Key.PH)
            .put("cat", Key.CAT)
            .put("name", Key.NAME)
            .put("pid", Key.PID)
            .put("tid", Key.TID)
            .put("ts", Key.TS)
            .put("dur", Key.DUR)
            .put("id", Key.ID)
            .put("id2", Key.ID)
            .put("args", Key.ARGS)
            .put("bp", Key.BP)
            .put("shape", Key.SHAPE);

    private static final ChromeStep.Meaning END = new ChromeStep.Meaning(null, null, Segment.NO_TEXT, true);
    /// Steps that are remembered before all are forgotten.
    private static final int MOST_STEPS = 1 << 13;
    /// Longest value that is remembered.
    private static final int LONGEST_VALUE = 1 << 12;

    private static final int VALUES = 1 << 8;

    /// Values of one argument that were met, by how they begin.
    private static final class Met {
        private final byte[] @Nullable [] raw = new byte[VALUES][];
        private final int[] number = new int[VALUES];
    }

    private static final Pattern THREE = Pattern.compile("[\\[(]?\\s*\\d{1,18}(\\s*,\\s*\\d{1,18}){2}\\s*[\\])]?");
    private static final Pattern DIGITS = Pattern.compile("\\d+");

    /// Numbers of lists that came as texts, by the texts' numbers.
    private final Map<Integer, long[]> threes = new HashMap<>();

    private final @Nullable Met[] met = new Met[Arg.VALUES.length];
    private ChromeStep root = ChromeStep.root();
    private int steps;
    /// The digits of the process and the thread last met, and the numbers of their texts.
    private long pidDigits;
    private int pidText;
    private long tidDigits;
    private int tidText;
    final Dictionary dictionary;
    private final Dictionary.Local texts;

    // The event that was read last.
    byte phase;
    int category;
    int name;
    int pid;
    int tid;
    boolean hasTs;
    long ts;
    long dur;
    /// Number of the id's text once it is known, see [#id()].
    int id;
    /// Where the id stands in the buffer, as long as nobody asked for it; -1 where it does not.
    int idFrom;
    int idTo;
    /// Whether the id counts within its process alone.
    boolean local;
    boolean enclosing;
    int argsFrom;
    int argsTo;

    final long[] args = new long[Arg.VALUES.length];
    long present;
    int extras;
    int[] extraNames = new int[16];
    int[] extraKinds = new int[16];
    long[] extraValues = new long[16];

    ChromeEventCursor(Dictionary dictionary) {
        this.dictionary = dictionary;
        this.texts = dictionary.local();
    }

    /// Reads the event that begins here, into the fields.
    final void event() {
        phase = 0;
        category = Segment.NO_TEXT;
        name = Segment.NO_TEXT;
        pid = Segment.NO_TEXT;
        tid = Segment.NO_TEXT;
        id = Segment.NO_TEXT;
        idFrom = -1;
        local = false;
        hasTs = false;
        ts = 0;
        dur = Segment.NONE;
        enclosing = false;
        present = 0;
        extras = 0;
        argsFrom = -1;
        repaired = false;
        notFinite = false;
        position++;
        members();
    }

    private void members() {
        ChromeStep step = root;
        boolean first = true;
        while (true) {
            step = next(step, first, false);
            first = false;
            Key key = step.meaning.key();
            if (key != null) {
                member(key, begin(), step);
            } else if (step.meaning.end()) {
                return;
            } else {
                skipValue();
            }
        }
    }

    /// The first byte of the value that comes.
    private int begin() {
        int c = buffer[position];
        return c > ' ' && position < limit ? c : peek();
    }

    /// Goes to the next value of an object, or behind its end.
    ///
    /// @param first whether no value came before
    private ChromeStep next(ChromeStep last, boolean first, boolean arguments) {
        if (!lenient) {
            ChromeStep known = last.follow(buffer, position);
            if (known != null) {
                position += known.length();
                return known;
            }
        }
        int from = position;
        boolean before = repaired;
        repaired = false;
        ChromeStep.Meaning what = meaning(first, arguments);
        boolean plain = !repaired && !lenient && position - from <= ChromeStep.LONGEST;
        repaired |= before;
        if (!plain) {
            return ChromeStep.of(what);
        }
        if (++steps == MOST_STEPS) {
            root = ChromeStep.root();
            steps = 0;
        }
        return last.learn(what, buffer, from, position);
    }

    private ChromeStep.Meaning meaning(boolean first, boolean arguments) {
        int c = peek();
        if (c == '}') {
            position++;
            return END;
        }
        if (!first) {
            if (c != ',') {
                throw Malformed.INSTANCE;
            }
            position++;
        }
        expect('"');
        string();
        Key key = arguments ? null : KEYS.get(text, textFrom, textTo, textHash);
        Arg arg = arguments ? Arg.TABLE.get(text, textFrom, textTo, textHash) : null;
        int unknown = arguments && arg == null ? intern() : Segment.NO_TEXT;
        expect(':');
        peek();
        return new ChromeStep.Meaning(key, arg, unknown, false);
    }

    private void member(Key key, int c, ChromeStep step) {
        switch (key) {
            case PH -> phase(c);
            case CAT -> category = textOrScalar(c);
            case NAME -> name = textOrScalar(c);
            case PID -> pid = process(c);
            case TID -> tid = thread(c);
            case TS -> {
                ts = nanoseconds();
                hasTs = true;
            }
            case DUR -> dur = duration(c);
            case ID -> {
                local = false;
                identifier(c);
            }
            case BP -> {
                if (c == '"') {
                    position++;
                    string();
                    enclosing = textTo - textFrom == 1 && text[textFrom] == 'e';
                } else {
                    skipValue();
                }
            }
            case SHAPE -> {
                args[Arg.INPUT_DIMS.slot()] = span(c);
                present |= 1L << Arg.INPUT_DIMS.slot();
            }
            case ARGS -> {
                if (c == '{') {
                    argsFrom = position;
                    position++;
                    arguments(step.inside());
                    argsTo = position;
                } else {
                    skipValue();
                }
            }
        }
    }

    private void phase(int c) {
        if (c != '"') {
            throw Malformed.INSTANCE;
        }
        byte[] b = buffer;
        int p = position + 1;
        if (b[p + 1] == '"' && p + 1 < limit && b[p] > ' ' && b[p] != '"' && b[p] != '\\' && !lenient) {
            phase = b[p];
            position = p + 2;
            return;
        }
        position++;
        string();
        phase = textTo - textFrom == 1 ? text[textFrom] : (byte) '?';
    }

    private int process(int c) {
        long digits = shortDigits();
        if (digits == 0) {
            return textOrScalar(c);
        }
        if (digits != pidDigits) {
            pidText = textOrScalar(c);
            pidDigits = digits;
        } else {
            position += length(digits);
        }
        return pidText;
    }

    private int thread(int c) {
        long digits = shortDigits();
        if (digits == 0) {
            return textOrScalar(c);
        }
        if (digits != tidDigits) {
            tidText = textOrScalar(c);
            tidDigits = digits;
        } else {
            position += length(digits);
        }
        return tidText;
    }

    /// The digits of a whole number of up to seven of them, as they stand; 0 for every other value.
    private long shortDigits() {
        long word = Bytes.at(buffer, position);
        int n = Bytes.digits(word);
        if (n == 0 || n == Long.BYTES || position + n >= limit || isScalar(buffer[position + n])) {
            return 0;
        }
        return word & ((1L << (n << 3)) - 1);
    }

    private static int length(long digits) {
        return (71 - Long.numberOfLeadingZeros(digits)) >>> 3;
    }

    /// A duration; one that is null or not finite is as good as none.
    private long duration(int c) {
        if (c == 'n' || c == 'N' || c == 'I' || c == 'i') {
            String word = token(false);
            notFinite |= isNotFiniteWord(word);
            return 0;
        }
        return nanoseconds();
    }

    /// A text, or the digits of a number; objects as JSON.
    private int textOrScalar(int c) {
        if (c == '"') {
            position++;
            string();
            return intern();
        }
        return span(c);
    }

    /// Remembers where an id stands: most of them are never asked for, and all differ.
    private void identifier(int c) {
        if (c != '"') {
            idFrom = position;
            if (c == '{') {
                scoped();
            } else {
                skipValue();
                idTo = position;
            }
            return;
        }
        position++;
        string();
        identifierRead();
    }

    @SuppressWarnings("ReferenceEquality") // whether the text lies in the buffer itself
    private void identifierRead() {
        if (text == buffer) {
            idFrom = textFrom;
            idTo = textTo;
        } else {
            id = intern();
            idFrom = -1;
        }
    }

    /// Reads an id that says where it counts: `{"local": "0x1"}` within its process, `{"global": "0x1"}`
    /// everywhere, as
    /// a plain id does.
    private void scoped() {
        int from = position;
        position++;
        boolean found = false;
        for (int c = peek(); c != '}'; c = peek()) {
            if (c == ',') {
                position++;
                continue;
            }
            expect('"');
            string();
            String scope = lastText();
            expect(':');
            int first = peek();
            if (first != '{' && (scope.equals("local") || scope.equals("global"))) {
                local = scope.equals("local");
                identifier(first);
                found = true;
            } else {
                skipValue();
            }
        }
        position++;
        if (!found) {
            idFrom = from;
            idTo = position;
        }
    }

    final int id() {
        if (idFrom >= 0) {
            id = texts.intern(buffer, idFrom, idTo, Bytes.hash(buffer, idFrom, idTo));
            idFrom = -1;
        }
        if (local) {
            id = ofProcess(id);
            local = false;
        }
        return id;
    }

    private int ofProcess(int number) {
        String process = pid == Segment.NO_TEXT ? "" : new String(dictionary.text(pid), StandardCharsets.UTF_8);
        String ofAll = new String(dictionary.text(number), StandardCharsets.UTF_8);
        return texts.intern((ofAll + " of process " + process).getBytes(StandardCharsets.UTF_8));
    }

    private int intern() {
        int number = texts.intern(text, textFrom, textTo, textHash);
        if (texts.isRepaired(number)) {
            repaired = true;
        }
        return number;
    }

    /// The bytes of a value as they stand, as a text.
    private int span(int c) {
        if (c == '"') {
            position++;
            string();
            return intern();
        }
        int from = position;
        skipValue();
        int number = texts.intern(buffer, from, position, Bytes.hash(buffer, from, position));
        if (texts.isRepaired(number)) {
            repaired = true;
        }
        return number;
    }

    private void arguments(ChromeStep begin) {
        ChromeStep step = begin;
        boolean first = true;
        while (true) {
            step = next(step, first, true);
            first = false;
            Arg arg = step.meaning.arg();
            if (arg != null) {
                argument(arg, begin());
            } else if (step.meaning.end()) {
                return;
            } else {
                extra(step.meaning.unknown(), begin());
            }
        }
    }

    /// The text of an argument's value, which may be one that was met before.
    private int value(Arg arg, int c) {
        if (lenient || (c != '"' && c != '[' && c != '{')) {
            return span(c);
        }
        Met values = met[arg.slot()];
        if (values == null) {
            values = new Met();
            met[arg.slot()] = values;
        }
        int from = position;
        long begin = Bytes.mix(Bytes.at(buffer, from), Bytes.at(buffer, from + Long.BYTES));
        int slot = (int) (begin ^ (begin >>> 32)) & (VALUES - 1);
        byte[] raw = values.raw[slot];
        if (raw != null
                && from + raw.length <= limit
                && Arrays.equals(raw, 0, raw.length, buffer, from, from + raw.length)) {
            position = from + raw.length;
            return values.number[slot];
        }
        boolean before = repaired;
        repaired = false;
        int number = span(c);
        if (!repaired && position - from <= LONGEST_VALUE) {
            values.raw[slot] = c == '"' ? Arrays.copyOfRange(buffer, from, position) : dictionary.text(number);
            values.number[slot] = number;
        }
        repaired |= before;
        return number;
    }

    private void argument(Arg arg, int c) {
        int slot = arg.slot();
        if (c == 'n' && arg.form() != Arg.Form.TEXT) {
            notFinite |= isNotFiniteWord(token(false));
            present &= ~(1L << slot);
            return;
        }
        long value = switch (arg.form()) {
            case INTEGER -> {
                int from = position;
                long integer = integer();
                if (integer == Segment.NONE) {
                    present &= ~(1L << slot);
                    asExtra(arg, from, c);
                }
                yield integer;
            }
            case REAL -> {
                double real = real();
                yield Double.isNaN(real) ? Segment.NONE : Double.doubleToRawLongBits(real);
            }
            case TEXT -> value(arg, c);
            case THREE -> three(arg, c);
            case IGNORED -> {
                skipValue();
                yield Segment.NONE;
            }
        };
        if (value != Segment.NONE) {
            args[slot] = value;
            present |= 1L << slot;
        }
    }

    /// A list of three numbers, or the text of one; returns the first number and stores the others.
    private long three(Arg arg, int c) {
        int slot = arg.slot();
        int from = position;
        if (c != '[') {
            return c == '"' ? threeOfText(arg) : notThree(arg, from, c);
        }
        position++;
        long first = Segment.NONE;
        for (int i = 0; i < 3; i++) {
            if (peek() == ']') {
                return notThree(arg, from, c);
            }
            long value = integer();
            if (value == Segment.NONE) {
                return notThree(arg, from, c);
            }
            if (i == 0) {
                first = value;
            } else {
                args[slot + i] = value;
                present |= 1L << (slot + i);
            }
            if (peek() == ',') {
                position++;
            }
        }
        if (peek() != ']') {
            position = from;
            skipValue();
            return first;
        }
        position++;
        return first;
    }

    private long threeOfText(Arg arg) {
        int number = value(arg, '"');
        if (threes.size() == MOST_STEPS) {
            threes.clear();
        }
        long[] known =
                threes.computeIfAbsent(number, n -> numbers(new String(dictionary.text(n), StandardCharsets.UTF_8)));
        int slot = arg.slot();
        if (known.length != 3) {
            present &= ~(7L << slot);
            addExtra(texts.intern(arg.label().getBytes(StandardCharsets.UTF_8)), Segment.EXTRA_TEXT, number);
            return Segment.NONE;
        }
        System.arraycopy(known, 0, args, slot, known.length);
        present |= 7L << slot;
        return known[0];
    }

    /// The whole numbers of a list such as `[1, 2, 3]`; none where it holds anything else.
    private static long[] numbers(String list) {
        return THREE.matcher(list).matches()
                ? DIGITS.matcher(list)
                        .results()
                        .mapToLong(m -> Long.parseLong(m.group()))
                        .toArray()
                : new long[0];
    }

    private long notThree(Arg arg, int from, int c) {
        present &= ~(7L << arg.slot());
        position = from;
        extra(texts.intern(arg.label().getBytes(StandardCharsets.UTF_8)), c);
        return Segment.NONE;
    }

    /// Keeps the value that was read from a position, and is not what the argument's column holds, as it stands.
    private void asExtra(Arg arg, int from, int c) {
        if (c != 'n') {
            position = from;
            extra(texts.intern(arg.label().getBytes(StandardCharsets.UTF_8)), c);
        }
    }

    /// The text of a list of three numbers that has no columns.
    final int listOf(Arg arg) {
        int slot = arg.slot();
        String list = "[" + args[slot] + ", " + args[slot + 1] + ", " + args[slot + 2] + "]";
        return texts.intern(list.getBytes(StandardCharsets.UTF_8));
    }

    private void addExtra(int key, int kind, long value) {
        roomForExtra();
        extraNames[extras] = key;
        extraKinds[extras] = kind;
        extraValues[extras++] = value;
    }

    private void roomForExtra() {
        if (extras == extraNames.length) {
            extraNames = Arrays.copyOf(extraNames, extras * 2);
            extraKinds = Arrays.copyOf(extraKinds, extras * 2);
            extraValues = Arrays.copyOf(extraValues, extras * 2);
        }
    }

    private void extra(int key, int c) {
        roomForExtra();
        extraNames[extras] = key;
        if (c == '"' || c == '{' || c == '[') {
            extraKinds[extras] = Segment.EXTRA_TEXT;
            extraValues[extras] = span(c);
        } else {
            scalarExtra();
        }
        extras++;
    }

    private void scalarExtra() {
        String token = token(false);
        extraKinds[extras] = Segment.EXTRA_NULL;
        extraValues[extras] = 0;
        if (token.equals("true") || token.equals("false")) {
            extraKinds[extras] = Segment.EXTRA_INTEGER;
            extraValues[extras] = token.equals("true") ? 1 : 0;
        } else if (token.matches("-?\\d+")) {
            integerExtra(token);
        } else if (isNotFiniteWord(token)) {
            notFinite = true;
        } else if (!token.equals("null")) {
            realExtra(token);
        }
    }

    /// An integer; one that 64 bits do not hold keeps its digits as text.
    private void integerExtra(String token) {
        OptionalLong value = Decimals.integer(token);
        boolean fits = value.isPresent() && value.getAsLong() != Segment.NONE;
        extraKinds[extras] = fits ? Segment.EXTRA_INTEGER : Segment.EXTRA_TEXT;
        extraValues[extras] = fits ? value.getAsLong() : texts.intern(token.getBytes(StandardCharsets.US_ASCII));
    }

    private void realExtra(String token) {
        try {
            double value = Double.parseDouble(token);
            if (Double.isFinite(value)) {
                extraKinds[extras] = Segment.EXTRA_REAL;
                extraValues[extras] = Double.doubleToRawLongBits(value);
            } else {
                notFinite = true;
            }
        } catch (NumberFormatException e) {
            throw Malformed.INSTANCE;
        }
    }

    final boolean has(Arg arg) {
        return (present & (1L << arg.slot())) != 0;
    }

    final long value(Arg arg) {
        return has(arg) ? args[arg.slot()] : Segment.NONE;
    }

    /// The text last read, for the reader of the members around the list.
    String lastText() {
        return new String(Utf8.repair(Arrays.copyOfRange(text, textFrom, textTo)), StandardCharsets.UTF_8);
    }
}
