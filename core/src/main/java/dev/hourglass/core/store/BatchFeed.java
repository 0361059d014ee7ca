package dev.hourglass.core.store;

import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/// Shows batches of one table to the database as a table function, which is its fastest way in: the
/// database's own threads fetch the rows, a vector at a time.
///
/// One set of batches is shown at a time, see [#show(Table, List)].
final class BatchFeed implements DuckDBTableFunction<Object, AtomicInteger, BatchFeed.Cursor> {
    /// Name of the function in SQL.
    static final String NAME = "hourglass_feed";

    private static final int VECTOR = 2048;
    /// Vectors that one thread takes at once: as many rows as a row group of the database has.
    private static final int BLOCK = 60;

    /// Rows of one batch that fit a vector.
    private record Piece(EventBatch batch, int from, int to) {}

    private volatile List<Piece> pieces = List.of();
    private volatile int[] columns = new int[0];
    private volatile Table table = new Table("nothing", "nothing", List.of(Column.flag("nothing", "nothing")));

    BatchFeed() {}

    /// Where one thread of the database is.
    static final class Cursor {
        private int next;
        private int stop;
    }

    /// Chooses what is shown next and returns the names of its columns: those that hold anything.
    List<String> show(Table shown, List<EventBatch> batches) {
        table = shown;
        columns = java.util.stream.IntStream.range(0, shown.columns().size())
                .filter(c -> batches.stream().anyMatch(batch -> !batch.isAllNull(c)))
                .toArray();
        List<Piece> cut = new ArrayList<>();
        for (EventBatch batch : batches) {
            for (int from = 0; from < batch.size(); from += VECTOR) {
                cut.add(new Piece(batch, from, Math.min(batch.size(), from + VECTOR)));
            }
        }
        pieces = cut;
        return Arrays.stream(columns)
                .mapToObj(c -> shown.columns().get(c).name())
                .toList();
    }

    /// Lets go of what was shown.
    void clear() {
        pieces = List.of();
    }

    @Override
    public Object bind(DuckDBTableFunctionBindInfo info) throws Exception {
        for (int c : columns) {
            Column column = table.columns().get(c);
            info.addResultColumn(
                    column.name(),
                    switch (column.type()) {
                        case LONG -> DuckDBColumnType.BIGINT;
                        case DOUBLE -> DuckDBColumnType.DOUBLE;
                        case BOOLEAN -> DuckDBColumnType.BOOLEAN;
                        case TEXT -> DuckDBColumnType.VARCHAR;
                    });
        }
        return this;
    }

    @Override
    public AtomicInteger init(DuckDBTableFunctionInitInfo info) throws Exception {
        info.setMaxThreads(Math.max(1, (pieces.size() + BLOCK - 1) / BLOCK));
        return new AtomicInteger();
    }

    @Override
    public Cursor localInit(DuckDBTableFunctionInitInfo info) {
        return new Cursor();
    }

    @Override
    public long apply(DuckDBTableFunctionCallInfo info, DuckDBDataChunkWriter out) throws Exception {
        Cursor cursor = info.getLocalInitData();
        if (cursor.next == cursor.stop) {
            AtomicInteger shared = info.getInitData();
            cursor.next = Math.min(pieces.size(), shared.getAndAdd(BLOCK));
            cursor.stop = Math.min(pieces.size(), cursor.next + BLOCK);
        }
        if (cursor.next == cursor.stop) {
            return 0;
        }
        Piece piece = pieces.get(cursor.next++);
        for (int i = 0; i < columns.length; i++) {
            fill(piece, columns[i], out.vector(i));
        }
        return (long) piece.to() - piece.from();
    }

    private void fill(Piece piece, int column, DuckDBWritableVector vector) {
        EventBatch batch = piece.batch();
        int from = piece.from();
        int n = piece.to() - from;
        if (batch.isAllNull(column)) {
            for (int row = 0; row < n; row++) {
                vector.setNull(row);
            }
            return;
        }
        switch (table.columns().get(column).type()) {
            case LONG -> longs(batch.longs(column), from, n, vector);
            case DOUBLE -> doubles(batch.doubles(column), from, n, vector);
            case BOOLEAN -> flags(batch.longs(column), from, n, vector);
            case TEXT -> vector.setStringUtf8Batch(0, texts(batch, column, from, n));
        }
        BitSet nulls = batch.nulls(column);
        if (nulls != null) {
            for (int row = nulls.nextSetBit(from); row >= 0 && row < from + n; row = nulls.nextSetBit(row + 1)) {
                vector.setNull(row - from);
            }
        }
    }

    private static void longs(long[] values, int from, int n, DuckDBWritableVector vector) {
        for (int row = 0; row < n; row++) {
            vector.setLong(row, values[from + row]);
        }
    }

    private static void doubles(double[] values, int from, int n, DuckDBWritableVector vector) {
        for (int row = 0; row < n; row++) {
            vector.setDouble(row, values[from + row]);
        }
    }

    private static void flags(long[] values, int from, int n, DuckDBWritableVector vector) {
        for (int row = 0; row < n; row++) {
            vector.setBoolean(row, values[from + row] != 0);
        }
    }

    @SuppressWarnings("NullAway") // entries are null where the value is NULL, as the database expects
    private static byte[][] texts(EventBatch batch, int column, int from, int n) {
        byte[][] copy = new byte[n][];
        byte[] @Nullable [] all = batch.texts(column);
        System.arraycopy(all, from, copy, 0, n);
        return copy;
    }
}
