package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.Severity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Parses the events of a Chrome trace in a buffer into a [Segment]. One per thread.
final class ChromeParser extends ChromeEventCursor {

    /// Why [#events] came back.
    enum Stop {
        /// The list of events ended.
        END_OF_LIST,
        /// The next event begins at or behind the given position.
        AT_STOP,
        /// The buffer ends inside the event at the current position, or between two events.
        NEED_MORE
    }

    /// What stands before the next element of the list.
    private enum Before {
        UNKNOWN,
        ELEMENT,
        COMMA
    }

    /// Arguments that have a column for events of each kind, as bits.
    private static final long OF_SLICES = bits(Arg.CORRELATION, Arg.EXTERNAL_ID, Arg.IGNORED);

    private static final long OF_KERNELS = OF_SLICES | bits(Segment.KERNEL_ARGS);
    private static final long OF_COPIES = OF_SLICES | bits(Segment.COPY_ARGS);
    private static final long OF_OPS = OF_SLICES | bits(Segment.OP_ARGS);
    private static final long OF_PYTHONS = OF_SLICES | bits(Segment.PYTHON_ARGS);
    private static final long OF_MEMORIES = OF_SLICES | bits(Segment.MEMORY_ARGS);

    private final TrackKeys.Local tracks;
    private final boolean keepRawArgs;
    private final ChromeCategories categories;

    private ImportStats stats = new ImportStats();
    private Segment segment = new Segment();
    private boolean nothingFollows;
    private Before before = Before.UNKNOWN;
    private boolean recovered;
    /// Where the first byte of the buffer stands in the content.
    private long origin;

    ChromeParser(Dictionary dictionary, TrackKeys tracks, ChromeCategories categories, boolean keepRawArgs) {
        super(dictionary);
        this.tracks = tracks.new Local();
        this.categories = categories;
        this.keepRawArgs = keepRawArgs;
    }

    private static long bits(Arg... args) {
        long bits = 0;
        for (Arg arg : args) {
            bits |= 1L << arg.slot();
        }
        return bits;
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
                restart = -1;
                int c = peek();
                restart = position;
                if (c == ',') {
                    comma();
                    continue;
                }
                if (c == ']') {
                    position++;
                    return Stop.END_OF_LIST;
                }
                if (before == Before.ELEMENT) {
                    stats.count("missing_comma", Severity.NOTICE, place(position));
                    before = Before.UNKNOWN;
                }
                if (position >= stop) {
                    return Stop.AT_STOP;
                }
                recovered = false;
                if (c == '{') {
                    oneEvent();
                } else {
                    noEvent();
                }
                before = recovered ? Before.UNKNOWN : Before.ELEMENT;
            }
        } catch (NeedMore e) {
            position = restart < 0 ? position : restart;
            return Stop.NEED_MORE;
        }
    }

    /// Whether only white space is left behind a whole element of the list, or behind the comma after one.
    boolean isBetweenElements() {
        return before != Before.UNKNOWN && Bytes.isBlank(buffer, position, limit);
    }

    /// Counts an element that is too long to be read, behind which the content goes on or ends.
    void passed(long at, boolean whole) {
        stats.count("overlong_event", Severity.DATA_LOSS, "byte " + at + ": longer than " + Window.LARGEST + " bytes");
        before = whole ? Before.ELEMENT : Before.UNKNOWN;
    }

    /// Forgets what was read before: the next element stands somewhere else.
    void elsewhere() {
        before = Before.UNKNOWN;
    }

    private void comma() {
        if (before == Before.COMMA) {
            stats.count("stray_comma", Severity.NOTICE, place(position));
        }
        before = Before.COMMA;
        position++;
    }

    /// Reads an event; a malformed one is read again leniently, and skipped if that fails too.
    private void oneEvent() {
        int from = position;
        int ends = segment.ends.size;
        try {
            readAndStore();
            return;
        } catch (Malformed e) {
            position = from;
            segment.ends.size = ends;
        }
        lenient = true;
        try {
            readAndStore();
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
        recovered = true;
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

    private void readAndStore() {
        int from = position;
        event();
        if (repaired) {
            stats.count("repaired_text", Severity.NOTICE, place(from));
        }
        if (notFinite) {
            stats.count("non_finite_value", Severity.NOTICE, place(from));
        }
        store(from);
    }

    private void store(int from) {
        switch (phase) {
            case 'X', 'B', 'b', 'n', 'S' -> storeTimed(from);
            case 'i', 'I', 'R', 'P' -> storeTimed(from);
            case 'E', 'e', 'F' -> storeEnd(from);
            case 's', 't', 'f' -> storeFlow(from);
            case 'C' -> storeCounter(from);
            case 'M' -> storeMetadata();
            case 0 -> withoutPhase(from);
            default -> stats.count("unknown_phase", Severity.NOTICE, place(from));
        }
    }

    /// An object that holds nothing loses nothing: what writes XLA's traces ends its lists with one.
    private void withoutPhase(int from) {
        if (!Bytes.isBlank(buffer, from + 1, position - 1)) {
            stats.count("event_without_phase", Severity.DATA_LOSS, place(from));
        }
    }

    /// Whether an event has no time at which something can have happened.
    private boolean timeless(int from) {
        boolean possible = Moments.isPossible(ts);
        if (!hasTs || !possible) {
            stats.count(hasTs ? "impossible_time" : "event_without_time", Severity.DATA_LOSS, place(from));
        }
        return !hasTs || !possible;
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
        segment.dur[slice] =
                phase == 'X' ? span(from, dur, kind) : phase == 'B' || phase == 'b' || phase == 'S' ? -1 : 0;
        segment.correlation[slice] = correlation();
        segment.externalId[slice] = value(Arg.EXTERNAL_ID);
        if (phase == 'b' || phase == 'n' || phase == 'S') {
            segment.asyncId(slice, id());
        }
        if (phase == 'B' || phase == 'b' || phase == 'S') {
            segment.begins++;
        }
        boolean detailed = details(kind, slice);
        boolean kept = extras(segment.extras, slice) || detailed;
        segment.flags[slice] = (byte) (kept || has(Arg.CORRELATION) || has(Arg.EXTERNAL_ID) ? 1 : 0);
        if (keepRawArgs && argsFrom >= 0) {
            segment.rawArgs(slice, Utf8.repair(Arrays.copyOfRange(buffer, argsFrom, argsTo)));
            segment.flags[slice] = 1;
        }
    }

    /// The number that a call shares with its device work; 0 is none.
    private long correlation() {
        long number = value(Arg.CORRELATION);
        return number == 0 ? Segment.NONE : number;
    }

    /// A span without a duration has none, nor has one that cannot have lasted so long; one that runs backwards is of
    /// no length. Device work that runs backwards has no duration: its end was never written.
    private long span(int from, long given, ChromeCategories.Kind kind) {
        if (given < 0 && given != Segment.NONE && kind.isDeviceWork()) {
            return -1;
        }
        if (given == Segment.NONE) {
            stats.count("span_without_duration", Severity.NOTICE, place(from));
            return -1;
        }
        if (given > 0 && !Moments.isPossible(ts, given)) {
            stats.count("impossible_time", Severity.DATA_LOSS, place(from));
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
            case KERNEL -> copy(segment.kernels, Segment.KERNEL_ARGS, slice, OF_KERNELS);
            case MEMCPY -> copy(segment.copies, Segment.COPY_ARGS, slice, OF_COPIES);
            // Has no table of its own: what the copies' columns hold of it only counts for its call.
            case MEMSET -> copy(segment.copies, Segment.COPY_ARGS, slice, OF_SLICES);
            case MEMORY -> copy(segment.memories, Segment.MEMORY_ARGS, slice, OF_MEMORIES);
            case PYTHON -> copy(segment.pythons, Segment.PYTHON_ARGS, slice, OF_PYTHONS);
            case OP -> operator(slice);
            case CALL, OTHER -> leftovers(segment.extras, slice, OF_SLICES);
        };
    }

    private boolean operator(int slice) {
        if (has(Arg.EXTERNAL_ID) || anyOf(Segment.OP_ARGS)) {
            return copy(segment.ops, Segment.OP_ARGS, slice, OF_OPS);
        }
        return leftovers(segment.extras, slice, OF_SLICES);
    }

    private boolean anyOf(Arg[] wanted) {
        for (Arg arg : wanted) {
            if (has(arg)) {
                return true;
            }
        }
        return false;
    }

    /// Keeps the wanted arguments in columns, and those that have none elsewhere.
    private boolean copy(Segment.Rows rows, Arg[] wanted, int slice, long columns) {
        int at = rows.add();
        long[] into = rows.values;
        into[at] = slice;
        long bits = present;
        for (Arg arg : wanted) {
            int slot = arg.slot();
            into[++at] = (bits & (1L << slot)) != 0 ? args[slot] : Segment.NONE;
        }
        leftovers(segment.extras, slice, columns);
        return true;
    }

    /// Known arguments that no column of the event's kind has.
    private boolean leftovers(Segment.Rows into, int of, long columns) {
        long left = present & ~columns;
        for (long bits = left; bits != 0; bits &= (bits - 1)) {
            Arg arg = Arg.VALUES[Long.numberOfTrailingZeros(bits)];
            if (arg.form() == Arg.Form.THREE) {
                addExtra(into, of, categories.argName(arg), Segment.EXTRA_TEXT, listOf(arg));
                bits &= ~(6L << arg.slot());
                continue;
            }
            int kind = switch (arg.form()) {
                case INTEGER, THREE, IGNORED -> Segment.EXTRA_INTEGER;
                case REAL -> Segment.EXTRA_REAL;
                case TEXT -> Segment.EXTRA_TEXT;
            };
            addExtra(into, of, categories.argName(arg), kind, args[arg.slot()]);
        }
        return left != 0;
    }

    private boolean extras(Segment.Rows into, int of) {
        for (int i = 0; i < extras; i++) {
            addExtra(into, of, extraNames[i], extraKinds[i], extraValues[i]);
        }
        return extras > 0;
    }

    private static void addExtra(Segment.Rows into, int of, int key, int kind, long value) {
        int at = into.add();
        into.values[at] = of;
        into.values[at + 1] = key;
        into.values[at + 2] = kind;
        into.values[at + 3] = value;
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
        if (present != 0 || extras > 0 || (keepRawArgs && argsFrom >= 0)) {
            endArguments(segment.ends.size - 1);
        }
    }

    private void endArguments(int end) {
        extras(segment.endArgs, end);
        leftovers(segment.endArgs, end, 0);
        if (keepRawArgs && argsFrom >= 0) {
            segment.endRaw(end, Utf8.repair(Arrays.copyOfRange(buffer, argsFrom, argsTo)));
        }
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
        double real = switch (kind) {
            case Segment.EXTRA_INTEGER -> value;
            case Segment.EXTRA_REAL -> Double.longBitsToDouble(value);
            case Segment.EXTRA_TEXT -> number(new String(dictionary.text((int) value), StandardCharsets.UTF_8));
            default -> Double.NaN;
        };
        if (Double.isNaN(real) && !notFinite) {
            stats.count("unreadable_counter", Severity.DATA_LOSS, "value of a counter at " + place(position));
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
        return Decimals.real(text).orElse(Double.NaN);
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
}
