package dev.hourglass.core.read;

import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Parses the events of a Chrome trace in a buffer into a [Segment]. One per thread.
final class ChromeParser extends JsonCursor {

    /// Why [#events] came back.
    enum Stop {
        /// The list of events ended.
        END_OF_LIST,
        /// The next event begins at or behind the given position.
        AT_STOP,
        /// The buffer ends inside the event at the current position, or between two events.
        NEED_MORE
    }

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

    private final @Nullable Met[] met = new Met[Arg.VALUES.length];
    private ChromeStep root = ChromeStep.root();
    private int steps;
    /// The digits of the process and the thread last met, and the numbers of their texts.
    private long pidDigits;
    private int pidText;
    private long tidDigits;
    private int tidText;

    private final Dictionary dictionary;
    private final Dictionary.Local texts;
    private final TrackKeys.Local tracks;
    private final boolean keepRawArgs;
    private final ChromeCategories categories;

    private ImportStats stats = new ImportStats();
    private Segment segment = new Segment();
    private boolean nothingFollows;
    /// Where the first byte of the buffer stands in the content.
    private long origin;

    private byte phase;
    private int category;
    private int name;
    private int pid;
    private int tid;
    private boolean hasTs;
    private long ts;
    private long dur;
    /// Number of the id's text once it is known, see [#id()].
    private int id;
    /// Where the id stands in the buffer, as long as nobody asked for it; -1 where it does not.
    private int idFrom;
    private int idTo;
    private boolean enclosing;
    private int argsFrom;
    private int argsTo;

    private final long[] args = new long[Arg.VALUES.length];
    private long present;
    private int extras;
    private int[] extraNames = new int[16];
    private int[] extraKinds = new int[16];
    private long[] extraValues = new long[16];

    ChromeParser(Dictionary dictionary, TrackKeys tracks, ChromeCategories categories, boolean keepRawArgs) {
        this.dictionary = dictionary;
        this.texts = dictionary.local();
        this.tracks = tracks.new Local();
        this.categories = categories;
        this.keepRawArgs = keepRawArgs;
    }

    /// Parses events into a segment until one of the reasons to stop. Afterwards [#position] is at the
    /// next event, or behind the bracket that ended the list.
    ///
    /// @param into receives the events
    /// @param contentOrigin where the first byte of the buffer stands in the content, for messages
    /// @param stop position in the buffer from which on events belong to somebody else
    Stop events(Segment into, long contentOrigin, int stop) {
        segment = into;
        stats = into.stats;
        origin = contentOrigin;
        int restart = position;
        try {
            while (true) {
                int c = peek();
                restart = position;
                if (c == ',') {
                    position++;
                    continue;
                }
                if (c == ']') {
                    position++;
                    return Stop.END_OF_LIST;
                }
                if (position >= stop) {
                    return Stop.AT_STOP;
                }
                if (c == '{') {
                    oneEvent();
                } else {
                    noEvent();
                }
                restart = position;
            }
        } catch (NeedMore e) {
            position = restart;
            return Stop.NEED_MORE;
        }
    }

    /// Reads an event; a malformed one is read again leniently, and skipped if that fails too.
    private void oneEvent() {
        int from = position;
        int ends = segment.ends.size;
        try {
            event();
            return;
        } catch (Malformed e) {
            position = from;
            segment.ends.size = ends;
        }
        lenient = true;
        try {
            event();
            stats.count("repaired_event", Severity.NOTICE, place(from));
        } catch (Malformed e) {
            resync(from);
            stats.count("bad_event", Severity.DATA_LOSS, place(from));
        } catch (NeedMore e) {
            lenient = false;
            // What looks like the end of the input may be a stray quote: go on where events go on.
            if (!resyncInside(from)) {
                throw e;
            }
            stats.count("bad_event", Severity.DATA_LOSS, place(from));
        } finally {
            lenient = false;
        }
    }

    /// Goes past an element that is no object.
    private void noEvent() {
        int from = position;
        try {
            skipValue();
            int c = peek();
            if (c != ',' && c != ']') {
                resync(from);
            }
        } catch (Malformed e) {
            resync(from);
        }
        stats.count("bad_event", Severity.DATA_LOSS, place(from));
    }

    /// Says whether the content ends with what is in the buffer.
    void nothingFollows(boolean now) {
        nothingFollows = now;
    }

    private boolean resyncInside(int from) {
        int next = further(from);
        if (next < 0) {
            return false;
        }
        position = next;
        return true;
    }

    /// Where another event seems to begin behind a bad one, or else, at the end of the input, where the list seems to
    /// end; -1 for neither.
    private int further(int from) {
        int next = ChromeSplitter.nextEvent(buffer, from + 1, limit);
        return next < 0 && nothingFollows ? ChromeSplitter.endOfList(buffer, from + 1, limit) : next;
    }

    /// Goes to where another event seems to begin, or the list to end.
    private void resync(int from) {
        int next = further(from);
        if (next < 0) {
            position = limit;
            throw NeedMore.INSTANCE;
        }
        position = next;
    }

    private String place(int at) {
        return "byte " + (origin + at);
    }

    private void event() {
        phase = 0;
        category = Segment.NO_TEXT;
        name = Segment.NO_TEXT;
        pid = Segment.NO_TEXT;
        tid = Segment.NO_TEXT;
        id = Segment.NO_TEXT;
        idFrom = -1;
        hasTs = false;
        ts = 0;
        dur = Segment.NONE;
        enclosing = false;
        present = 0;
        extras = 0;
        argsFrom = -1;
        repaired = false;
        notFinite = false;
        int from = position;
        position++;
        members();
        if (repaired) {
            stats.count("repaired_text", Severity.NOTICE, place(from));
        }
        if (notFinite) {
            stats.count("non_finite_value", Severity.NOTICE, place(from));
        }
        store(from);
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
            case ID -> identifier(c);
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
    @SuppressWarnings("ReferenceEquality") // whether the text lies in the buffer itself
    private void identifier(int c) {
        if (c != '"') {
            idFrom = position;
            skipValue();
            idTo = position;
            return;
        }
        position++;
        string();
        if (text == buffer) {
            idFrom = textFrom;
            idTo = textTo;
        } else {
            id = intern();
        }
    }

    private int id() {
        if (idFrom >= 0) {
            id = texts.intern(buffer, idFrom, idTo, Bytes.hash(buffer, idFrom, idTo));
            idFrom = -1;
        }
        return id;
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
                long integer = integer();
                if (integer == Segment.NONE) {
                    present &= ~(1L << slot);
                    yield Segment.NONE;
                }
                yield integer;
            }
            case REAL -> {
                double real = real();
                yield Double.isNaN(real) ? Segment.NONE : Double.doubleToRawLongBits(real);
            }
            case TEXT -> value(arg, c);
            case THREE -> three(slot, c);
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

    /// A list of three numbers; returns the first one and stores the others.
    private long three(int slot, int c) {
        if (c != '[') {
            skipValue();
            return Segment.NONE;
        }
        int from = position;
        position++;
        long first = Segment.NONE;
        for (int i = 0; i < 3; i++) {
            peek();
            long value = integer();
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

    private void extra(int key, int c) {
        if (extras == extraNames.length) {
            extraNames = Arrays.copyOf(extraNames, extras * 2);
            extraKinds = Arrays.copyOf(extraKinds, extras * 2);
            extraValues = Arrays.copyOf(extraValues, extras * 2);
        }
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
        } else if (token.length() <= 18 && token.matches("-?\\d+")) {
            extraKinds[extras] = Segment.EXTRA_INTEGER;
            extraValues[extras] = Long.parseLong(token);
        } else if (isNotFiniteWord(token)) {
            notFinite = true;
        } else if (!token.equals("null")) {
            realExtra(token);
        }
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

    private boolean has(Arg arg) {
        return (present & (1L << arg.slot())) != 0;
    }

    private long value(Arg arg) {
        return has(arg) ? args[arg.slot()] : Segment.NONE;
    }

    private void store(int from) {
        switch (phase) {
            case 'X', 'B', 'b', 'n', 'S' -> storeTimed(from);
            case 'i', 'I', 'R', 'P' -> storeTimed(from);
            case 'E', 'e', 'F' -> storeEnd(from);
            case 's', 't', 'f' -> storeFlow(from);
            case 'C' -> storeCounter(from);
            case 'M' -> storeMetadata();
            default ->
                stats.count(
                        phase == 0 ? "event_without_phase" : "unknown_phase",
                        phase == 0 ? Severity.DATA_LOSS : Severity.NOTICE,
                        place(from));
        }
    }

    private boolean timeless(int from) {
        if (!hasTs) {
            stats.count("event_without_time", Severity.DATA_LOSS, place(from));
        }
        return !hasTs;
    }

    private void storeTimed(int from) {
        if (timeless(from)) {
            return;
        }
        ChromeCategories.Kind kind = categories.kind(category, pid, has(Arg.STREAM));
        int slice = segment.addSlice();
        segment.phase[slice] = phase;
        segment.name[slice] = name;
        segment.category[slice] = categories.rename(category, kind);
        segment.track[slice] = tracks.number(pid, tid);
        segment.ts[slice] = ts;
        segment.dur[slice] = phase == 'X' ? span(from, dur) : phase == 'B' || phase == 'b' || phase == 'S' ? -1 : 0;
        segment.correlation[slice] = value(Arg.CORRELATION);
        segment.externalId[slice] = value(Arg.EXTERNAL_ID);
        if (phase == 'b' || phase == 'n' || phase == 'S') {
            segment.asyncId(slice, id());
        }
        if (phase == 'B' || phase == 'b' || phase == 'S') {
            segment.begins++;
        }
        boolean detailed = details(kind, slice);
        boolean kept = extras(slice) || detailed;
        segment.flags[slice] = (byte) (kept || has(Arg.CORRELATION) || has(Arg.EXTERNAL_ID) ? 1 : 0);
        if (keepRawArgs && argsFrom >= 0) {
            segment.rawArgs(slice, Utf8.repair(Arrays.copyOfRange(buffer, argsFrom, argsTo)));
            segment.flags[slice] = 1;
        }
    }

    /// A span without a duration has none; one that runs backwards is of no length.
    private long span(int from, long given) {
        if (given == Segment.NONE) {
            stats.count("span_without_duration", Severity.NOTICE, place(from));
            return -1;
        }
        if (given < 0) {
            stats.count("negative_duration", Severity.NOTICE, place(from));
            return 0;
        }
        return given;
    }

    private boolean details(ChromeCategories.Kind kind, int slice) {
        return switch (kind) {
            case KERNEL -> copy(segment.kernels, Segment.KERNEL_ARGS, slice);
            case MEMCPY -> copy(segment.copies, Segment.COPY_ARGS, slice);
            case MEMSET -> copy(segment.copies, Segment.COPY_ARGS, slice);
            case MEMORY -> copy(segment.memories, Segment.MEMORY_ARGS, slice);
            case PYTHON -> copy(segment.pythons, Segment.PYTHON_ARGS, slice);
            case OP -> (has(Arg.EXTERNAL_ID) || anyOf(Segment.OP_ARGS)) && copy(segment.ops, Segment.OP_ARGS, slice);
            case CALL, OTHER -> leftovers(slice);
        };
    }

    private boolean anyOf(Arg[] wanted) {
        for (Arg arg : wanted) {
            if (has(arg)) {
                return true;
            }
        }
        return false;
    }

    private boolean copy(Segment.Rows rows, Arg[] wanted, int slice) {
        int at = rows.add();
        long[] into = rows.values;
        into[at] = slice;
        long bits = present;
        for (Arg arg : wanted) {
            int slot = arg.slot();
            into[++at] = (bits & (1L << slot)) != 0 ? args[slot] : Segment.NONE;
        }
        return true;
    }

    /// Known arguments of an event whose kind has no columns for them.
    private boolean leftovers(int slice) {
        long left = present
                & ~((1L << Arg.CORRELATION.slot()) | (1L << Arg.EXTERNAL_ID.slot()) | (1L << Arg.IGNORED.slot()));
        for (long bits = left; bits != 0; bits &= (bits - 1)) {
            Arg arg = Arg.VALUES[Long.numberOfTrailingZeros(bits)];
            int kind = switch (arg.form()) {
                case INTEGER, THREE, IGNORED -> Segment.EXTRA_INTEGER;
                case REAL -> Segment.EXTRA_REAL;
                case TEXT -> Segment.EXTRA_TEXT;
            };
            addExtra(slice, categories.argName(arg), kind, args[arg.slot()]);
        }
        return left != 0;
    }

    private boolean extras(int slice) {
        for (int i = 0; i < extras; i++) {
            addExtra(slice, extraNames[i], extraKinds[i], extraValues[i]);
        }
        return extras > 0;
    }

    private void addExtra(int slice, int key, int kind, long value) {
        int at = segment.extras.add();
        segment.extras.values[at] = slice;
        segment.extras.values[at + 1] = key;
        segment.extras.values[at + 2] = kind;
        segment.extras.values[at + 3] = value;
    }

    private void storeEnd(int from) {
        if (timeless(from)) {
            return;
        }
        int at = segment.addEnd();
        long[] values = segment.ends.values;
        values[at + Segment.END_PHASE] = phase;
        values[at + Segment.END_TRACK] = tracks.number(pid, tid);
        values[at + Segment.END_TS] = ts;
        values[at + Segment.END_NAME] = name;
        values[at + Segment.END_CATEGORY] = category;
        values[at + Segment.END_ID] = id();
    }

    private void storeFlow(int from) {
        if (categories.isCorrelationFlow(category)) {
            segment.correlationFlows++;
            return;
        }
        if (timeless(from)) {
            return;
        }
        int at = segment.flows.add();
        long[] values = segment.flows.values;
        values[at + Segment.FLOW_PHASE] = phase;
        values[at + Segment.FLOW_TRACK] = tracks.number(pid, tid);
        values[at + Segment.FLOW_TS] = ts;
        values[at + Segment.FLOW_ID] = id();
        values[at + Segment.FLOW_CATEGORY] = category;
        values[at + Segment.FLOW_NAME] = name;
        values[at + Segment.FLOW_ENCLOSING] = enclosing ? 1 : 0;
    }

    private void storeCounter(int from) {
        if (timeless(from)) {
            return;
        }
        int track = tracks.number(pid, Segment.NO_TEXT);
        for (int i = 0; i < extras; i++) {
            counter(track, extraNames[i], extraKinds[i], extraValues[i]);
        }
        for (long bits = present; bits != 0; bits &= (bits - 1)) {
            Arg arg = Arg.VALUES[Long.numberOfTrailingZeros(bits)];
            int kind = switch (arg.form()) {
                case INTEGER, THREE, IGNORED -> Segment.EXTRA_INTEGER;
                case REAL -> Segment.EXTRA_REAL;
                case TEXT -> Segment.EXTRA_TEXT;
            };
            counter(track, categories.argName(arg), kind, args[arg.slot()]);
        }
    }

    private void counter(int track, int series, int kind, long value) {
        double real = Double.NaN;
        switch (kind) {
            case Segment.EXTRA_INTEGER -> real = value;
            case Segment.EXTRA_REAL -> real = Double.longBitsToDouble(value);
            case Segment.EXTRA_TEXT -> real = number(new String(dictionary.text((int) value), StandardCharsets.UTF_8));
            default -> {}
        }
        int at = segment.counters.add();
        long[] values = segment.counters.values;
        values[at + Segment.COUNTER_TRACK] = track;
        values[at + Segment.COUNTER_NAME] = name;
        values[at + Segment.COUNTER_SERIES] = series;
        values[at + Segment.COUNTER_TS] = ts;
        values[at + Segment.COUNTER_VALUE] = Double.doubleToRawLongBits(real);
        values[at + Segment.COUNTER_ID] = id();
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private void storeMetadata() {
        int at = segment.metadata.add();
        long[] values = segment.metadata.values;
        values[at + Segment.META_NAME] = name;
        values[at + Segment.META_TRACK] = tracks.number(pid, tid);
        values[at + Segment.META_TEXT] =
                has(Arg.NAME) ? args[Arg.NAME.slot()] : has(Arg.LABELS) ? args[Arg.LABELS.slot()] : Segment.NO_TEXT;
        values[at + Segment.META_NUMBER] = value(Arg.SORT_INDEX);
    }

    /// The text last read, for the reader of the members around the list.
    String lastText() {
        return new String(Utf8.repair(Arrays.copyOfRange(text, textFrom, textTo)), StandardCharsets.UTF_8);
    }
}
