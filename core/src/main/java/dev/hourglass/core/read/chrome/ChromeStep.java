package dev.hourglass.core.read.chrome;

import org.jspecify.annotations.Nullable;

/// What stood between two values of an event: the comma, the white space, the name of the next member
/// and its colon; or what ended the object. Where the same bytes stand again they mean the same, and
/// need not be taken apart again.
///
/// Producers write the members of an event in few orders, so each step remembers which steps
/// followed it.
final class ChromeStep {
    /// The longest bytes that are remembered; as many may be looked at beyond the end of the content.
    static final int LONGEST = 64;

    private static final int MOST_NEXT = 6;

    /// What begins here.
    ///
    /// @param key member of an event; null among arguments
    /// @param arg known argument; null for others
    /// @param unknown number of the text of an argument's name that is not known
    /// @param end whether the object ends
    record Meaning(
            ChromeEventCursor.@Nullable Key key, @Nullable Arg arg, int unknown, boolean end) {}

    private static final byte[] NOTHING = new byte[0];

    final Meaning meaning;
    /// The bytes, eight at a time; the last eight once more, or all where they are fewer.
    private final long[] words;
    private final long last;
    private final long lastMask;
    private final int lastAt;
    private final int length;
    private final ChromeStep[] next = new ChromeStep[MOST_NEXT];
    private int known;
    private int oldest;
    private @Nullable ChromeStep latest;
    private @Nullable ChromeStep inside;

    private ChromeStep(Meaning meaning, byte[] buffer, int from, int to) {
        this.meaning = meaning;
        this.length = to - from;
        this.words = new long[Math.max(0, length - 1) >> 3];
        for (int i = 0; i < words.length; i++) {
            words[i] = Bytes.at(buffer, from + (i << 3));
        }
        this.lastAt = Math.max(0, length - Long.BYTES);
        this.lastMask = length >= Long.BYTES ? -1 : (1L << (length << 3)) - 1;
        this.last = length == 0 ? 0 : Bytes.at(buffer, from + lastAt) & lastMask;
    }

    /// Where an object begins.
    static ChromeStep root() {
        return new ChromeStep(new Meaning(null, null, Segment.NO_TEXT, false), NOTHING, 0, 0);
    }

    /// A step that nobody remembers.
    static ChromeStep of(Meaning meaning) {
        return new ChromeStep(meaning, NOTHING, 0, 0);
    }

    /// Where the object begins that is this member's value.
    ChromeStep inside() {
        ChromeStep root = inside;
        if (root == null) {
            root = root();
            inside = root;
        }
        return root;
    }

    /// Bytes that stand here.
    int length() {
        return length;
    }

    /// The step whose bytes stand at a position, null where they are others than those that followed
    /// so far.
    @Nullable
    ChromeStep follow(byte[] buffer, int position) {
        ChromeStep again = latest;
        if (again != null && again.ends(buffer, position) && again.begins(buffer, position)) {
            return again;
        }
        for (int i = 0; i < known; i++) {
            ChromeStep step = next[i];
            if (step.ends(buffer, position) && step.begins(buffer, position)) {
                latest = step;
                return step;
            }
        }
        return null;
    }

    /// Whether the end of the bytes stands where it has to: it tells most, for what they begin with is
    /// the same for many.
    private boolean ends(byte[] buffer, int position) {
        return (Bytes.at(buffer, position + lastAt) & lastMask) == last;
    }

    /// Whether what comes before their end stands there too.
    private boolean begins(byte[] buffer, int position) {
        int at = position;
        for (long word : words) {
            if (Bytes.at(buffer, at) != word) {
                return false;
            }
            at += Long.BYTES;
        }
        return true;
    }

    /// Remembers what followed, in the place of the oldest where there is no room.
    ChromeStep learn(Meaning what, byte[] buffer, int from, int to) {
        ChromeStep step = new ChromeStep(what, buffer, from, to);
        if (known < MOST_NEXT) {
            next[known++] = step;
        } else {
            next[oldest] = step;
            oldest = (oldest + 1) % MOST_NEXT;
        }
        return step;
    }
}
