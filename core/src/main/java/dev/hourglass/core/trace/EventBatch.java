package dev.hourglass.core.trace;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// Rows of one table in columns: primitive arrays, and UTF-8 bytes for text.
///
/// Column `c` of type LONG or BOOLEAN is in [#longs(int)], DOUBLE in [#doubles(int)], TEXT in
/// [#texts(int)]; entries at `size()` and beyond are meaningless. Not thread-safe.
public final class EventBatch {
    private final Table table;
    private final Object[] columns;
    private final @Nullable BitSet[] nulls;
    private int size;

    /// An empty batch with room for `capacity` rows.
    public EventBatch(Table table, int capacity) {
        this.table = table;
        this.columns = new Object[table.columns().size()];
        this.nulls = new BitSet[columns.length];
        for (int c = 0; c < columns.length; c++) {
            columns[c] = switch (table.columns().get(c).type()) {
                case LONG, BOOLEAN -> new long[capacity];
                case DOUBLE -> new double[capacity];
                case TEXT -> new byte[capacity][];
            };
        }
    }

    public Table table() {
        return table;
    }

    /// Number of rows.
    public int size() {
        return size;
    }

    /// Declares that the first `rows` entries of each column are filled.
    public void setSize(int rows) {
        this.size = rows;
    }

    public long[] longs(int column) {
        return (long[]) columns[column];
    }

    public double[] doubles(int column) {
        return (double[]) columns[column];
    }

    /// UTF-8 bytes per row; an entry is null where the value is NULL.
    public byte[] @Nullable [] texts(int column) {
        return (byte[][]) columns[column];
    }

    /// Whether the value is NULL: not measured, not applicable, not known.
    public boolean isNull(int column, int row) {
        BitSet set = nulls[column];
        return set != null && set.get(row);
    }

    /// Marks a value as NULL.
    public void setNull(int column, int row) {
        BitSet set = nulls[column];
        if (set == null) {
            set = new BitSet();
            nulls[column] = set;
        }
        set.set(row);
    }

    /// The rows of `column` that are NULL, or null where none is.
    public @Nullable BitSet nulls(int column) {
        return nulls[column];
    }
}
