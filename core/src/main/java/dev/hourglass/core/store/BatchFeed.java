package dev.hourglass.core.store;

import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.TextTable;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/// Shows batches of one table to the database as a table function, which is its fastest way in: the
/// database fetches the rows, a vector at a time, on one thread.
///
/// One set of batches is shown at a time, see [#show(Table, List)].
final class BatchFeed implements DuckDBTableFunction<Object, BatchFeed.Cursor, Object> {
    /// Name of the function in SQL.
    static final String NAME = "hourglass_feed";

    private static final int VECTOR = 2048;

    /// Rows of one batch that fit a vector.
    private record Chunk(EventBatch batch, int from, int to) {}

    private final long[] references = new long[2 * VECTOR];
    private final long[] nulls = new long[VECTOR >> 6];
    /// The texts that the rows shown refer to, those of the last rows last.
    private final List<NativeTexts> texts = new ArrayList<>();
    private volatile List<Chunk> chunks = List.of();
    private volatile int[] columns = new int[0];
    private volatile Table table = new Table("nothing", "nothing", List.of(Column.flag("nothing", "nothing")));

    BatchFeed() {}

    /// Where the database is.
    static final class Cursor {
        private int next;
    }

    /// Chooses what is shown next and returns the names of its columns: those that hold anything.
    List<String> show(Table shown, List<EventBatch> batches) {
        table = shown;
        columns = java.util.stream.IntStream.range(0, shown.columns().size())
                .filter(c -> batches.stream().anyMatch(batch -> !batch.isAllNull(c)))
                .toArray();
        List<Chunk> cut = new ArrayList<>();
        for (EventBatch batch : batches) {
            for (int from = 0; from < batch.size(); from += VECTOR) {
                cut.add(new Chunk(batch, from, Math.min(batch.size(), from + VECTOR)));
            }
        }
        chunks = cut;
        return Arrays.stream(columns)
                .mapToObj(c -> shown.columns().get(c).name())
                .toList();
    }

    /// Lets go of what was shown.
    void clear() {
        chunks = List.of();
        while (texts.size() > 1) {
            texts.removeFirst();
        }
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
    public Cursor init(DuckDBTableFunctionInitInfo info) throws Exception {
        info.setMaxThreads(1);
        return new Cursor();
    }

    @Override
    public Object localInit(DuckDBTableFunctionInitInfo info) {
        return this;
    }

    @Override
    public long apply(DuckDBTableFunctionCallInfo info, DuckDBDataChunkWriter out) throws Exception {
        Cursor cursor = info.getInitData();
        if (cursor.next == chunks.size()) {
            return 0;
        }
        Chunk chunk = chunks.get(cursor.next++);
        for (int i = 0; i < columns.length; i++) {
            fill(chunk, columns[i], out.vector(i));
        }
        return (long) chunk.to() - chunk.from();
    }

    private void fill(Chunk chunk, int column, DuckDBWritableVector vector) {
        EventBatch batch = chunk.batch();
        int from = chunk.from();
        int n = chunk.to() - from;
        if (batch.isAllNull(column)) {
            return; // a vector begins with NULLs
        }
        Column.Type type = table.columns().get(column).type();
        ByteBuffer memory =
                VectorMemory.data(vector, n * (type == Column.Type.TEXT ? VectorMemory.TEXT_BYTES : Long.BYTES));
        boolean written = memory != null
                && switch (type) {
                    case LONG -> write(memory.asLongBuffer().put(batch.longs(column), from, n));
                    case DOUBLE -> write(memory.asDoubleBuffer().put(batch.doubles(column), from, n));
                    case BOOLEAN -> false;
                    case TEXT -> references(batch, column, from, n, memory.asLongBuffer(), vector);
                };
        if (!written) {
            one(batch, column, from, n, type, vector);
        } else if (type != Column.Type.TEXT) {
            VectorMemory.validity(vector, n, batch.nulls(column), from);
        }
    }

    private static boolean write(Buffer written) {
        return written.position() > 0;
    }

    /// Refers to the texts of a column of numbers. False for other columns, and where the texts are too large.
    private boolean references(
            EventBatch batch, int column, int from, int n, LongBuffer memory, DuckDBWritableVector vector) {
        int[] codes = batch.codes(column);
        TextTable table = batch.textTable(column);
        if (codes == null || table == null) {
            return false;
        }
        if (!of(table).refer(codes, from, n, references, nulls)) {
            return false;
        }
        memory.put(references, 0, 2 * n);
        VectorMemory.validity(vector, n, nulls, 0);
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // a table is what it is, whatever it holds
    private NativeTexts of(TextTable table) {
        if (texts.isEmpty() || texts.getLast().texts() != table) {
            texts.add(new NativeTexts(table));
        }
        return texts.getLast();
    }

    /// Writes value by value.
    private static void one(
            EventBatch batch, int column, int from, int n, Column.Type type, DuckDBWritableVector vector) {
        switch (type) {
            case LONG -> longs(batch.longs(column), from, n, vector);
            case DOUBLE -> doubles(batch.doubles(column), from, n, vector);
            case BOOLEAN -> flags(batch.longs(column), from, n, vector);
            case TEXT -> vector.setStringUtf8Batch(0, texts(batch, column, from, n));
        }
        for (int row = 0; row < n; row++) {
            if (batch.isNull(column, from + row)) {
                vector.setNull(row);
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
