package dev.hourglass.core.store;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/// Writes batches into a new database file: every declared table exists from the start, so a query
/// about something that was not captured finds an empty table, not an error.
///
/// Not thread-safe: one thread appends.
public final class TraceStore implements BatchSink, AutoCloseable {
    private final DuckDBConnection connection;
    private final Map<String, DuckDBAppender> appenders = new HashMap<>();

    private TraceStore(DuckDBConnection connection) {
        this.connection = connection;
    }

    /// Creates the database file of a new session.
    ///
    /// @throws StoreException if the file exists or cannot be written
    public static TraceStore create(Path database) {
        try {
            Connection connection = new DuckDBDriver().connect("jdbc:duckdb:" + database, new java.util.Properties());
            TraceStore store = new TraceStore(connection.unwrap(DuckDBConnection.class));
            store.declareTables();
            return store;
        } catch (SQLException e) {
            throw new StoreException("cannot create " + database, e);
        }
    }

    @Override
    public void accept(EventBatch batch) {
        try {
            DuckDBAppender appender = appender(batch.table());
            for (int row = 0; row < batch.size(); row++) {
                appender.beginRow();
                for (int c = 0; c < batch.table().columns().size(); c++) {
                    append(appender, batch, c, row);
                }
                appender.endRow();
            }
        } catch (SQLException e) {
            throw new StoreException("cannot append to " + batch.table().name(), e);
        }
    }

    /// Makes what was appended visible to [#execute] and durable.
    public void flush() {
        try {
            for (DuckDBAppender appender : appenders.values()) {
                appender.close();
            }
            appenders.clear();
        } catch (SQLException e) {
            throw new StoreException("cannot write the session's database", e);
        }
    }

    /// Runs a statement that derives something inside the database, such as a view.
    public void execute(String sql) {
        flush();
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new StoreException("cannot run: " + sql.strip(), e);
        }
    }

    @Override
    public void close() {
        try (connection) {
            flush();
        } catch (SQLException e) {
            throw new StoreException("cannot close the session's database", e);
        }
    }

    /// One script: as many statements sent one by one would take as long as a short recording. For
    /// the same reason the docs stand in a table of their own and not in the catalogue's comments.
    private void declareTables() throws SQLException {
        StringBuilder script = new StringBuilder("BEGIN;\n");
        for (Table table : Tables.all()) {
            script.append(createStatement(table)).append(";\n");
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(script.append("COMMIT").toString());
        }
        try (RowWriter rows = new RowWriter(Tables.SCHEMA_DOC, this)) {
            Tables.all().forEach(table -> describe(table, rows));
        }
        flush();
    }

    private static void describe(Table table, RowWriter rows) {
        rows.set("table_name", table.name()).set("doc", table.doc()).end();
        for (Column column : table.columns()) {
            rows.set("table_name", table.name())
                    .set("column_name", column.name())
                    .set("type", column.type().sql())
                    .set("unit", column.unit().symbol())
                    .set("doc", column.doc())
                    .end();
        }
    }

    private static String createStatement(Table table) {
        return table.columns().stream()
                .map(column -> column.name() + " " + column.type().sql())
                .collect(Collectors.joining(", ", "CREATE TABLE " + table.name() + " (", ")"));
    }

    private DuckDBAppender appender(Table table) throws SQLException {
        DuckDBAppender appender = appenders.get(table.name());
        if (appender == null) {
            appender = connection.createAppender(DuckDBConnection.DEFAULT_SCHEMA, table.name());
            appenders.put(table.name(), appender);
        }
        return appender;
    }

    private static void append(DuckDBAppender appender, EventBatch batch, int c, int row) throws SQLException {
        if (batch.isNull(c, row)) {
            appender.appendNull();
            return;
        }
        switch (batch.table().columns().get(c).type()) {
            case LONG -> appender.append(batch.longs(c)[row]);
            case BOOLEAN -> appender.append(batch.longs(c)[row] != 0);
            case DOUBLE -> appender.append(batch.doubles(c)[row]);
            case TEXT -> {
                byte[] text = batch.texts(c)[row];
                if (text == null) {
                    appender.appendNull();
                } else {
                    appender.append(new String(text, StandardCharsets.UTF_8));
                }
            }
        }
    }
}
