package dev.hourglass.core.query;

import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBPreparedStatement;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/// The rows of an answer, read from the database's own vectors, which costs a small part of what the
/// driver's result sets do. Numbers and texts only: every other type is for the result sets.
final class VectorRows {
    private final DuckDBPreparedStatement statement;
    private final List<String> names;
    private final List<String> types;
    private final List<Reader> readers;

    private VectorRows(
            DuckDBPreparedStatement statement, List<String> names, List<String> types, List<Reader> readers) {
        this.statement = statement;
        this.names = names;
        this.types = types;
        this.readers = readers;
    }

    /// Reads one type of value.
    @FunctionalInterface
    private interface Reader {
        /// The value of a row; null for NULL.
        @Nullable
        Object read(DuckDBReadableVector vector, long row);
    }

    /// The rows of a statement; empty if it has to be read in the other way.
    static Optional<VectorRows> of(PreparedStatement statement) throws SQLException {
        ResultSetMetaData meta = statement.getMetaData();
        if (meta == null || statement.getParameterMetaData().getParameterCount() > 0) {
            return Optional.empty();
        }
        List<String> names = new ArrayList<>();
        List<String> types = new ArrayList<>();
        List<Reader> readers = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            names.add(meta.getColumnLabel(i));
            types.add(meta.getColumnTypeName(i));
            reader(meta.getColumnTypeName(i), new Texts()).ifPresent(readers::add);
        }
        return readers.size() == names.size() && !names.isEmpty()
                ? Optional.of(new VectorRows(statement.unwrap(DuckDBPreparedStatement.class), names, types, readers))
                : Optional.empty();
    }

    private static Optional<Reader> reader(String type, Texts texts) {
        Reader reader = switch (type) {
            case "BOOLEAN" -> (v, row) -> v.getBoolean(row);
            case "TINYINT" -> (v, row) -> (long) v.getByte(row);
            case "SMALLINT" -> (v, row) -> (long) v.getShort(row);
            case "INTEGER" -> (v, row) -> (long) v.getInt(row);
            case "BIGINT" -> (v, row) -> v.getLong(row);
            case "UTINYINT" -> (v, row) -> (long) v.getUint8(row);
            case "USMALLINT" -> (v, row) -> (long) v.getUint16(row);
            case "UINTEGER" -> (v, row) -> v.getUint32(row);
            case "UBIGINT" -> (v, row) -> Values.integer(v.getUint64(row));
            case "HUGEINT" -> (v, row) -> Values.integer(v.getHugeInt(row));
            case "UHUGEINT" -> (v, row) -> Values.integer(v.getUHugeInt(row));
            case "FLOAT" -> (v, row) -> v.getFloat(row);
            case "DOUBLE" -> (v, row) -> v.getDouble(row);
            case "VARCHAR" -> (v, row) -> texts.one(v.getString(row));
            default -> type.startsWith("DECIMAL(") && type.endsWith(")") ? (v, row) -> v.getBigDecimal(row) : null;
        };
        return Optional.ofNullable(reader);
    }

    /// Runs the statement and passes its rows on.
    void read(RowSink sink) throws SQLException {
        try (DuckDBChunkedResult result = statement.query()) {
            sink.columns(names, types);
            @Nullable Object[] values = new @Nullable Object[readers.size()];
            DuckDBReadableVector[] vectors = new DuckDBReadableVector[values.length];
            while (result.nextChunk()) {
                DuckDBDataChunkReader chunk = result.chunk();
                for (int c = 0; c < vectors.length; c++) {
                    vectors[c] = chunk.vector(c);
                }
                for (long row = 0; row < chunk.rowCount(); row++) {
                    for (int c = 0; c < vectors.length; c++) {
                        values[c] =
                                vectors[c].isNull(row) ? null : readers.get(c).read(vectors[c], row);
                    }
                    sink.row(values);
                }
            }
        }
    }

    /// Equal texts as one object, most of the time: who prints them can tell by it what it has printed
    /// before.
    private static final class Texts {
        private static final int KEPT = 1 << 10;

        private final @Nullable String[] kept = new @Nullable String[KEPT];

        @Nullable
        String one(@Nullable String text) {
            if (text == null) {
                return null;
            }
            int n = text.length();
            if (n == 0) {
                return "";
            }
            int hash = (n * 31 + text.charAt(n - 1)) * 31 + text.charAt(n / 2);
            hash = ((hash * 31 + text.charAt(n / 4)) * 31 + text.charAt(n - 1 - n / 4)) * 31 + text.charAt(0);
            int at = (hash ^ (hash >>> 10)) & (KEPT - 1);
            String known = kept[at];
            if (text.equals(known)) {
                return known;
            }
            kept[at] = text;
            return text;
        }
    }
}
