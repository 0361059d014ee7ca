package dev.hourglass.core.trace;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// Fills batches row by row and hands each full one to a sink.
///
/// A column that is not set in a row is NULL there. For readers of small tables; hot readers fill
/// an [EventBatch]'s arrays themselves.
public final class RowWriter implements AutoCloseable {
    private static final int CAPACITY = 2048;
    private static final int MAX_INTERNED = 65_536;

    private final Table table;
    private final BatchSink sink;
    private final Map<String, byte[]> interned = new HashMap<>();
    private final Map<String, Integer> positions = new HashMap<>();
    private final boolean[] filled;
    private EventBatch batch;
    private int row;

    public RowWriter(Table table, BatchSink sink) {
        this.table = table;
        this.sink = sink;
        this.filled = new boolean[table.columns().size()];
        this.batch = new EventBatch(table, CAPACITY);
        for (Column column : table.columns()) {
            positions.put(column.name(), positions.size());
        }
    }

    private int position(String column) {
        Integer known = positions.get(column);
        return known == null ? table.indexOf(column) : known;
    }

    public RowWriter set(String column, long value) {
        int c = fill(column);
        batch.longs(c)[row] = value;
        return this;
    }

    public RowWriter set(String column, double value) {
        int c = position(column);
        if (Double.isFinite(value)) {
            fill(column);
            batch.doubles(c)[row] = value;
        }
        return this;
    }

    public RowWriter set(String column, boolean value) {
        return set(column, value ? 1L : 0L);
    }

    public RowWriter set(String column, String value) {
        int c = fill(column);
        batch.texts(c)[row] = intern(value);
        return this;
    }

    /// Ends the row: what was not set since the last call is NULL.
    public void end() {
        for (int c = 0; c < filled.length; c++) {
            if (!filled[c]) {
                batch.setNull(c, row);
            }
            filled[c] = false;
        }
        row++;
        if (row == CAPACITY) {
            flush();
        }
    }

    /// Hands over what is gathered so far.
    public void flush() {
        if (row > 0) {
            batch.setSize(row);
            markEmptyColumns();
            sink.accept(batch);
            batch = new EventBatch(table, CAPACITY);
            row = 0;
        }
    }

    private void markEmptyColumns() {
        for (int c = 0; c < filled.length; c++) {
            if (batch.nullCount(c) == row) {
                batch.setAllNull(c);
            }
        }
    }

    @Override
    public void close() {
        flush();
    }

    private int fill(String column) {
        int c = position(column);
        filled[c] = true;
        return c;
    }

    private byte[] intern(String value) {
        if (interned.size() > MAX_INTERNED) {
            interned.clear();
        }
        return interned.computeIfAbsent(value, v -> v.getBytes(StandardCharsets.UTF_8));
    }
}
