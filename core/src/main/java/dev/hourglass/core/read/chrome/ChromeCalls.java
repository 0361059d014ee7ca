package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.RowSpill;
import java.util.Arrays;

/// The calls of one range of correlations, in memory, and found by their correlation.
final class ChromeCalls {
    /// Calls row by row, as [ChromeLinks] put them aside.
    final long[] rows;

    final int size;
    /// Open addressing from correlation to the last call with it, and from there to the others.
    private final int[] heads;

    private final int[] next;
    /// Of each call, how many up to it have its correlation.
    private final int[] among;

    ChromeCalls(RowSpill spill) {
        size = Math.toIntExact(spill.size());
        rows = new long[size * ChromeLinks.HEAD];
        heads = new int[Math.max(16, Integer.highestOneBit(Math.max(1, size)) * 4)];
        next = new int[size];
        among = new int[size];
        Arrays.fill(heads, -1);
        int[] at = {0};
        spill.forEach(ChromeAssembler.chunk(), (some, count) -> {
            System.arraycopy(some, 0, rows, at[0], count * ChromeLinks.HEAD);
            at[0] += count * ChromeLinks.HEAD;
        });
        for (int call = 0; call < size; call++) {
            if (correlation(call) != Segment.NONE) {
                int slot = slot(correlation(call));
                next[call] = heads[slot];
                heads[slot] = call;
                among[call] = next[call] < 0 ? 1 : among[next[call]] + 1;
            }
        }
    }

    private int slot(long correlation) {
        int mask = heads.length - 1;
        int slot = (int) ((correlation * 0x9E3779B97F4A7C15L) >>> 40) & mask;
        while (heads[slot] >= 0 && correlation(heads[slot]) != correlation) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /// The last call with a correlation, -1 where there is none.
    int last(long correlation) {
        return correlation == Segment.NONE ? -1 : heads[slot(correlation)];
    }

    /// The call before that has the same correlation, -1 where there is none.
    int before(int call) {
        return next[call];
    }

    /// How many calls have the correlation of the last one with it.
    int sharing(int last) {
        return among[last];
    }

    private long correlation(int call) {
        return rows[call * ChromeLinks.HEAD + ChromeLinks.CORRELATION];
    }

    long id(int call) {
        return rows[call * ChromeLinks.HEAD + ChromeLinks.ID];
    }

    long ts(int call) {
        return rows[call * ChromeLinks.HEAD + ChromeLinks.TS];
    }

    long externalId(int call) {
        return rows[call * ChromeLinks.HEAD + ChromeLinks.EXTERNAL];
    }

    byte kind(int call) {
        return (byte) rows[call * ChromeLinks.HEAD + ChromeLinks.TRACK];
    }

    int track(int call) {
        return (int) (rows[call * ChromeLinks.HEAD + ChromeLinks.TRACK] >> 8);
    }

    boolean startsWork(int call) {
        return CallName.startsWork(kind(call));
    }

    /// Whether a call is rather the one that started work at a moment than another: one that can start work, and the
    /// latest that does not begin after the work.
    boolean better(int a, int b, long ts) {
        boolean starts = startsWork(a);
        if (starts != startsWork(b)) {
            return starts;
        }
        long ta = ts(a);
        long tb = ts(b);
        boolean before = ta <= ts;
        if (before != (tb <= ts)) {
            return before;
        }
        return before ? ta > tb : ta < tb;
    }
}
