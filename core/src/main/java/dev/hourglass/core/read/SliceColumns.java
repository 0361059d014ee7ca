package dev.hourglass.core.read;

import java.util.Arrays;

/// Slices in columns. Texts and tracks are numbers of whoever fills them, times nanoseconds as the file
/// counts them.
///
/// Fields are read and written directly: an accessor for each would cost an import of millions of
/// slices a noticeable part of its time.
public class SliceColumns {
    /// Stands for a value that an event does not have.
    public static final long NONE = Long.MIN_VALUE;
    /// Stands for a text that an event does not have.
    public static final int NO_TEXT = -1;

    /// Identifier of the first slice, once these have their place among others.
    public long firstId;

    /// How many slices there are.
    public int slices;
    /// One character of a kind per slice, in the reader's own terms.
    public byte[] phase = new byte[1024];
    public int[] name = new int[1024];
    public int[] category = new int[1024];
    public int[] track = new int[1024];
    public long[] ts = new long[1024];
    public long[] dur = new long[1024];
    public long[] correlation = new long[1024];
    public long[] externalId = new long[1024];

    public SliceColumns() {}

    /// Appends a span and returns its position.
    public int addSlice() {
        if (slices == phase.length) {
            grow();
        }
        return slices++;
    }

    /// Makes room for twice as many.
    protected void grow() {
        int capacity = slices * 2;
        phase = Arrays.copyOf(phase, capacity);
        name = Arrays.copyOf(name, capacity);
        category = Arrays.copyOf(category, capacity);
        track = Arrays.copyOf(track, capacity);
        ts = Arrays.copyOf(ts, capacity);
        dur = Arrays.copyOf(dur, capacity);
        correlation = Arrays.copyOf(correlation, capacity);
        externalId = Arrays.copyOf(externalId, capacity);
    }
}
