package dev.hourglass.core.trace;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Rows of one table in columns: primitive arrays, and UTF-8 bytes for text.
///
/// A column's array is allocated when it is first asked for; one that is never asked for costs
/// nothing, see [#setAllNull(int)]. Column `c` of type LONG or BOOLEAN is in [#longs(int)], DOUBLE in [#doubles(int)],
/// TEXT in [#texts(int)] or, where the same texts come again and again, as numbers of a table, see
/// [#codes(int, TextTable)]; entries at `size()` and beyond are meaningless. Not thread-safe.
public final class EventBatch {
    /// The number that stands for no text.
    public static final int NO_TEXT = -1;

    private final Table table;
    private final @Nullable Object[] columns;
    /// Per column a bit per row, set where the value is NULL.
    private final long[] @Nullable [] nulls;
    private final int[] @Nullable [] codes;
    private final @Nullable TextTable[] tables;
    private final boolean[] allNull;
    private final int capacity;
    private int size;
    private long textBytes;

    /// An empty batch with room for `capacity` rows.
    public EventBatch(Table table, int capacity) {
        this.table = table;
        this.capacity = capacity;
        this.columns = new Object[table.columns().size()];
        this.nulls = new long[columns.length][];
        this.codes = new int[columns.length][];
        this.tables = new TextTable[columns.length];
        this.allNull = new boolean[columns.length];
    }

    public Table table() {
        return table;
    }

    /// Number of rows.
    public int size() {
        return size;
    }

    /// Bytes of texts that are in memory for its sake, as far as whoever fills it says so.
    public long textBytes() {
        return textBytes;
    }

    /// Says that more bytes of text are in memory for its sake.
    public void addTextBytes(long bytes) {
        textBytes += bytes;
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
        int[] numbers = codes[column];
        TextTable texts = tables[column];
        if (numbers != null && texts != null && columns[column] == null) {
            byte[][] decoded = (byte[][]) array(column);
            for (int row = 0; row < size; row++) {
                if (numbers[row] >= 0) {
                    decoded[row] = texts.text(numbers[row]);
                }
            }
        }
        return (byte[][]) array(column);
    }

    /// The numbers of a column's texts per row, [#NO_TEXT] where the value is NULL. Whoever fills a
    /// column this way does not fill [#texts(int)].
    ///
    /// @param texts what the numbers mean
    public int[] codes(int column, TextTable texts) {
        int[] numbers = codes[column];
        if (numbers == null) {
            numbers = new int[capacity];
            codes[column] = numbers;
        }
        tables[column] = texts;
        return numbers;
    }

    /// The numbers of a column's texts, or null where it holds the texts themselves.
    public int @Nullable [] codes(int column) {
        return codes[column];
    }

    /// What the numbers of a column mean, or null where it has none.
    public @Nullable TextTable textTable(int column) {
        return tables[column];
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
        long[] words = nulls[column];
        int[] numbers = codes[column];
        return allNull[column]
                || (numbers != null && numbers[row] < 0)
                || (words != null && (words[row >> 6] & (1L << row)) != 0);
    }

    /// Marks a value as NULL.
    public void setNull(int column, int row) {
        long[] words = nulls[column];
        if (words == null) {
            words = nullBits(column);
        }
        words[row >> 6] |= 1L << row;
    }

    /// A bit per row, the first row lowest, set where the value is NULL; for whoever fills a column at
    /// once.
    public long[] nullBits(int column) {
        long[] words = nulls[column];
        if (words == null) {
            words = new long[(capacity + 63) >> 6];
            nulls[column] = words;
        }
        return words;
    }

    /// A bit per row, the first row lowest, set where the value is NULL; null where no value is. A
    /// column of [#codes(int)] says by them which of its values are NULL.
    public long @Nullable [] nulls(int column) {
        return nulls[column];
    }

    /// The same rows but some.
    public EventBatch without(BitSet rows) {
        int[] kept = IntStream.range(0, size).filter(row -> !rows.get(row)).toArray();
        EventBatch others = new EventBatch(table, Math.max(1, kept.length));
        for (int column = 0; column < columns.length; column++) {
            if (allNull[column]) {
                others.setAllNull(column);
            } else {
                copy(column, kept, others);
            }
        }
        others.setSize(kept.length);
        return others;
    }

    private void copy(int column, int[] kept, EventBatch into) {
        for (int row = 0; row < kept.length; row++) {
            if (isNull(column, kept[row])) {
                into.setNull(column, row);
                continue;
            }
            switch (table.columns().get(column).type()) {
                case LONG, BOOLEAN -> into.longs(column)[row] = longs(column)[kept[row]];
                case DOUBLE -> into.doubles(column)[row] = doubles(column)[kept[row]];
                case TEXT -> into.texts(column)[row] = texts(column)[kept[row]];
            }
        }
    }

    /// How many values were marked as NULL one by one.
    int nullCount(int column) {
        long[] words = nulls[column];
        return words == null ? 0 : Arrays.stream(words).mapToInt(Long::bitCount).sum();
    }
}
