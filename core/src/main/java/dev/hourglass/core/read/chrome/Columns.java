package dev.hourglass.core.read.chrome;

import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.TextTable;
import java.util.Arrays;

/// Columns of a batch from rows of a fixed number of 64-bit values, [Segment#NONE] where there is
/// none. Few loops do it for every column of every table, so that they are fast soon.
final class Columns {
    private final EventBatch batch;
    private final int n;
    private final TextTable texts;
    private long[] rows = new long[0];
    private int from;
    private int stride;

    /// @param n rows
    /// @param texts what numbers of texts mean
    Columns(EventBatch batch, int n, TextTable texts) {
        this.batch = batch;
        this.n = n;
        this.texts = texts;
        batch.setSize(n);
    }

    EventBatch batch() {
        return batch;
    }

    /// Chooses where the columns that follow are taken from.
    ///
    /// @param given values row by row
    /// @param at where the first row begins
    /// @param length values of a row
    Columns of(long[] given, int at, int length) {
        rows = given;
        from = at;
        stride = length;
        return this;
    }

    /// Integers as they stand.
    Columns longs(int column, int value) {
        return longs(column, value, 0);
    }

    /// Integers, each with something added.
    Columns longs(int column, int value, long add) {
        long[] into = batch.longs(column);
        int nulls = 0;
        int at = from + value;
        for (int r = 0; r < n; r++) {
            long v = rows[at];
            if (v == Segment.NONE) {
                batch.setNull(column, r);
                nulls++;
            } else {
                into[r] = v + add;
            }
            at += stride;
        }
        return ended(column, nulls);
    }

    /// Integers that stand above the lowest bits of a value.
    Columns shifted(int column, int value, int bits) {
        long[] into = batch.longs(column);
        int at = from + value;
        for (int r = 0; r < n; r++) {
            into[r] = rows[at] >> bits;
            at += stride;
        }
        return this;
    }

    /// What a table holds for the number above the lowest bits of a value.
    Columns mapped(int column, int value, int bits, long[] table) {
        long[] into = batch.longs(column);
        int nulls = 0;
        int at = from + value;
        for (int r = 0; r < n; r++) {
            long v = table[(int) (rows[at] >> bits)];
            if (v == Segment.NONE) {
                batch.setNull(column, r);
                nulls++;
            } else {
                into[r] = v;
            }
            at += stride;
        }
        return ended(column, nulls);
    }

    /// Integers, or where there is none what a table holds for the number in another value.
    Columns longsOr(int column, int value, int key, long[] table) {
        long[] into = batch.longs(column);
        int nulls = 0;
        int at = from;
        for (int r = 0; r < n; r++) {
            long v = rows[at + value] != Segment.NONE ? rows[at + value] : table[(int) rows[at + key]];
            if (v == Segment.NONE) {
                batch.setNull(column, r);
                nulls++;
            } else {
                into[r] = v;
            }
            at += stride;
        }
        return ended(column, nulls);
    }

    /// Doubles that are held as bits, each times a factor.
    Columns reals(int column, int value, double factor) {
        double[] into = batch.doubles(column);
        int nulls = 0;
        int at = from + value;
        for (int r = 0; r < n; r++) {
            double real = Double.longBitsToDouble(rows[at]) * factor;
            if (rows[at] == Segment.NONE || !Double.isFinite(real)) {
                batch.setNull(column, r);
                nulls++;
            } else {
                into[r] = real;
            }
            at += stride;
        }
        return ended(column, nulls);
    }

    /// Texts by their numbers; no text where the number is negative.
    Columns texts(int column, int value) {
        return texts(column, value, 0);
    }

    /// Texts by the number that stands above the lowest bits of a value.
    Columns texts(int column, int value, int bits) {
        int[] into = batch.codes(column, texts);
        int nulls = 0;
        int at = from + value;
        for (int r = 0; r < n; r++) {
            long v = rows[at];
            int code = v == Segment.NONE ? EventBatch.NO_TEXT : (int) (v >> bits);
            into[r] = code;
            nulls += code < 0 ? 1 : 0;
            at += stride;
        }
        return ended(column, nulls);
    }

    /// The same integer in every row.
    Columns constant(int column, long value) {
        Arrays.fill(batch.longs(column), 0, n, value);
        return this;
    }

    /// The same text in every row.
    Columns constantText(int column, int text) {
        Arrays.fill(batch.codes(column, texts), 0, n, text);
        return this;
    }

    private Columns ended(int column, int nulls) {
        if (nulls == n) {
            batch.setAllNull(column);
        }
        return this;
    }
}
