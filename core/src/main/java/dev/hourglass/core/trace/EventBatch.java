package dev.hourglass.core.trace;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// Rows of one table in columns: primitive arrays, and UTF-8 bytes for text.
///
/// A column's array is allocated when it is first asked for; one that is never asked for costs
/// nothing, see [#setAllNull(int)]. Column `c` of type LONG or BOOLEAN is in [#longs(int)], DOUBLE in [#doubles(int)],
/// TEXT in
/// [#texts(int)]; entries at `size()` and beyond are meaningless. Not thread-safe.
public final class EventBatch {
    private final Table table;
    private final @Nullable Object[] columns;
    private final @Nullable BitSet[] nulls;
    private final boolean[] allNull;
    private final int capacity;
    private int size;

    /// An empty batch with room for `capacity` rows.
    public EventBatch(Table table, int capacity) {
        this.table = table;
        this.capacity = capacity;
        this.columns = new Object[table.columns().size()];
        this.nulls = new BitSet[columns.length];
        this.allNull = new boolean[columns.length];
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
        return (long[]) array(column);
    }

    public double[] doubles(int column) {
        return (double[]) array(column);
    }

    /// UTF-8 bytes per row; an entry is null where the value is NULL.
    public byte[] @Nullable [] texts(int column) {
        return (byte[][]) array(column);
    }

    private Object array(int column) {
        Object array = columns[column];
        if (array == null) {
            array = switch (table.columns().get(column).type()) {
                case LONG, BOOLEAN -> new long[capacity];
                case DOUBLE -> new double[capacity];
                case TEXT -> new byte[capacity][];
            };
            columns[column] = array;
        }
        return array;
    }

    /// Marks every value of a column as NULL, whatever its array holds.
    public void setAllNull(int column) {
        allNull[column] = true;
    }

    /// Whether every value of a column was marked as NULL at once.
    public boolean isAllNull(int column) {
        return allNull[column];
    }

    /// Whether the value is NULL: not measured, not applicable, not known.
    public boolean isNull(int column, int row) {
        BitSet set = nulls[column];
        return allNull[column] || (set != null && set.get(row));
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
