package dev.hourglass.core.trace;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// Fills batches row by row and hands each full one to a sink.
///
/// A column that is not set in a row is NULL there. For readers of small tables; hot readers fill
/// an [EventBatch]'s arrays themselves.
public final class RowWriter implements AutoCloseable {
    /// Rows that are handed over together.
    private static final int ROWS_PER_BATCH = 2048;
    /// Bytes of texts, each counted once, that are handed over together: names may be of any length.
    private static final int TEXT_BYTES_PER_BATCH = 4 << 20;
    /// Texts that are kept as bytes, to be written again, and bytes of theirs; then all are forgotten.
    private static final int MOST_TEXTS_KEPT = 65_536;

    private static final int MOST_BYTES_KEPT = 8 << 20;

    private final Table table;
    private final BatchSink sink;
    private final Map<String, byte[]> interned = new HashMap<>();
    private final String[] names;
    private final Map<String, Integer> positions = new HashMap<>();
    private final boolean[] filled;
    /// Per column the one that was set after it last time, from the beginning of a row at first: rows are
    /// filled in few orders.
    private final int[] follower;
    private int latest;
    private int bytesKept;
    private EventBatch batch;
    private int row;

    public RowWriter(Table table, BatchSink sink) {
        this.table = table;
        this.sink = sink;
        this.filled = new boolean[table.columns().size()];
        this.follower = new int[filled.length + 1];
        this.batch = new EventBatch(table, ROWS_PER_BATCH);
        this.names = table.columns().stream().map(Column::name).toArray(String[]::new);
        for (String name : names) {
            positions.put(name, positions.size());
        }
    }

    private int position(String column) {
        int c = follower[latest];
        if (!names[c].equals(column)) {
            Integer known = positions.get(column);
            c = known == null ? table.indexOf(column) : known;
            follower[latest] = c;
        }
        latest = c + 1;
        return c;
    }

    public RowWriter set(String column, long value) {
        int c = fill(column);
        batch.longs(c)[row] = value;
        return this;
    }

    public RowWriter set(String column, double value) {
        int c = position(column);
        if (Double.isFinite(value)) {
            filled[c] = true;
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
        latest = 0;
        row++;
        if (row == ROWS_PER_BATCH || batch.textBytes() > TEXT_BYTES_PER_BATCH) {
            flush();
        }
    }

    /// Hands over what is gathered so far.
    public void flush() {
        if (row > 0) {
            batch.setSize(row);
            markEmptyColumns();
            sink.accept(batch);
            batch = new EventBatch(table, ROWS_PER_BATCH);
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
        if (interned.size() > MOST_TEXTS_KEPT || bytesKept > MOST_BYTES_KEPT) {
            interned.clear();
            bytesKept = 0;
        }
        byte[] known = interned.get(value);
        if (known == null) {
            known = value.getBytes(StandardCharsets.UTF_8);
            interned.put(value, known);
            bytesKept += known.length;
            batch.addTextBytes(known.length);
        }
        return known;
    }
}
