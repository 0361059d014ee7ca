package dev.hourglass.core.read;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Rows of a fixed number of 64-bit values that wait in a [Scratch], in the order in which they came.
public final class RowSpill {
    /// Numbers that are put aside together.
    private static final int BLOCK = 4096;

    /// Receives rows.
    @FunctionalInterface
    public interface Receiver {
        /// @param rows values row by row; valid during the call
        /// @param n rows
        void rows(long[] rows, int n);
    }

    public final int stride;
    private final int block;
    private final Scratch scratch;
    private final List<Scratch.Block> blocks = new ArrayList<>();
    /// Where the row that [#add()] appended is written to.
    public long[] values = new long[0];
    private int filled;
    private long size;

    public RowSpill(Scratch scratch, int stride) {
        this.scratch = scratch;
        this.stride = stride;
        this.block = BLOCK / stride * stride;
    }

    public long size() {
        return size;
    }

    /// Appends a row and returns the index of its first value in [#values].
    public int add() {
        if (filled + stride > values.length) {
            if (values.length < block) {
                values = Arrays.copyOf(values, Math.min(block, Math.max(stride * 4, filled * 4)));
            } else {
                blocks.add(scratch.put(values, filled));
                filled = 0;
            }
        }
        int at = filled;
        filled += stride;
        size++;
        return at;
    }

    /// Hands over all rows, up to `most` at a time.
    public void forEach(int most, Receiver receiver) {
        long[] rows = new long[(int) Math.min(size, most) * stride];
        int n = 0;
        for (Scratch.Block part : blocks) {
            n = part(part, part.length(), rows, n, receiver);
        }
        n = part(new Scratch.Block(values, 0, filled), filled, rows, n, receiver);
        if (n > 0) {
            receiver.rows(rows, n / stride);
        }
    }

    private int part(Scratch.Block part, int length, long[] rows, int already, Receiver receiver) {
        int n = already;
        for (int from = 0; from < length; ) {
            int some = Math.min(length - from, rows.length - n);
            scratch.read(part, from, rows, n, some);
            from += some;
            n += some;
            if (n == rows.length) {
                receiver.rows(rows, n / stride);
                n = 0;
            }
        }
        return n;
    }
}
