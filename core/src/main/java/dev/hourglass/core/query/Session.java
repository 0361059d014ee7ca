package dev.hourglass.core.query;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/// A session opened for reading. Queries see the session's tables and nothing else: no files, no
/// network, no writes.
///
/// Not thread-safe, [#cancel()] aside.
public final class Session implements AutoCloseable {
    private final SessionLayout layout;
    private final Connection connection;
    private volatile @Nullable Statement running;
    private boolean lacksDerived;

    private Session(SessionLayout layout, Connection connection) {
        this.layout = layout;
        this.connection = connection;
    }

    /// How SQL is meant.
    ///
    /// @param integerDivision whether `/` of two integers is an integer, as in SQLite and Perfetto
    /// @param files whether queries may read and write files
    /// @param directory the only one that queries may read and write files in, where they may in none else
    public record Dialect(boolean integerDivision, boolean files, Optional<Path> directory) {
        /// The database's own.
        public static final Dialect OWN = new Dialect(false, false);
        /// That of other trace tools.
        public static final Dialect TRACE = new Dialect(true, false);

        public Dialect(boolean integerDivision, boolean files) {
            this(integerDivision, files, Optional.empty());
        }

        /// The database's own, with files in one directory.
        public static Dialect within(Path directory) {
            return new Dialect(false, false, Optional.of(directory.toAbsolutePath()));
        }

        /// The statements that fence queries in.
        private String fence() {
            String allowed = directory
                    .map(path ->
                            "; SET allowed_directories = ['" + path.toString().replace("'", "''") + "']")
                    .orElse("");
            return files ? "" : allowed + "; SET enable_external_access = false";
        }
    }

    /// Opens a session directory.
    ///
    /// @throws QueryException if it holds no readable session
    public static Session open(Path directory) {
        return open(directory, Dialect.OWN);
    }

    /// Opens a session directory; what is derived from an import is computed first where that is still
    /// to be done.
    ///
    /// @throws QueryException if it holds no readable session, or one of a newer version
    public static Session open(Path directory, Dialect dialect) {
        Session stored = openAsStored(directory, dialect);
        while (stored.lacksDerived()) { // again where something was added meanwhile
            stored.close();
            Derived.complete(stored.layout());
            stored = openAsStored(directory, dialect);
        }
        return stored;
    }

    /// Opens a session directory as it is. Its derived tables are empty if [#lacksDerived()] says so.
    ///
    /// @throws QueryException if it holds no readable session, or one of a newer version
    public static Session openAsStored(Path directory, Dialect dialect) {
        SessionLayout layout = new SessionLayout(directory);
        if (!layout.isSession()) {
            throw new QueryException(
                    directory + " is not a session: it has no session.duckdb", new IllegalArgumentException());
        }
        Properties properties = TraceStore.databaseOptions();
        properties.setProperty(DuckDBDriver.DUCKDB_READONLY_PROPERTY, "true");
        try {
            Connection connection = new DuckDBDriver().connect("jdbc:duckdb:" + layout.database(), properties);
            Session session = new Session(layout, connection);
            session.prepare(dialect);
            return session;
        } catch (SQLException e) {
            throw new QueryException("cannot open " + layout.database() + ": " + firstLine(e), e);
        }
    }

    /// The same session once more, for another thread.
    ///
    /// @throws QueryException if the database refuses it
    public Session again() {
        try {
            return new Session(layout, connection.unwrap(DuckDBConnection.class).duplicate());
        } catch (SQLException e) {
            throw new QueryException("cannot open " + layout.directory() + " again: " + firstLine(e), e);
        }
    }

    private void prepare(Dialect dialect) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET integer_division = " + dialect.integerDivision()
                    + dialect.fence()
                    + "; SET lock_configuration = true");
        }
        checkVersion();
    }

    private void checkVersion() throws SQLException {
        long version = TraceStore.VERSION;
        try (Statement statement = connection.createStatement();
                ResultSet facts =
                        statement.executeQuery("SELECT name, try_cast(value AS BIGINT) FROM metadata WHERE name IN ('"
                                + TraceStore.VERSION_FACT + "', '" + Derived.PENDING_FACT + "')")) {
            while (facts.next()) {
                if (facts.getString(1).equals(Derived.PENDING_FACT)) {
                    lacksDerived = true;
                } else {
                    version = facts.getLong(2);
                }
            }
        }
        if (version > TraceStore.VERSION) {
            connection.close();
            throw new QueryException(
                    layout.directory() + " was written by a newer Hourglass (session version " + version
                            + ", this one reads up to " + TraceStore.VERSION + "); update Hourglass to read it",
                    new IllegalArgumentException());
        }
    }

    /// Whether the tables that are computed from an import's rows are still empty.
    public boolean lacksDerived() {
        return lacksDerived;
    }

    public SessionLayout layout() {
        return layout;
    }

    /// Runs one query and holds its answer in memory.
    ///
    /// @throws QueryException if the database refuses it
    public Rows query(String sql) {
        List<String> columns = new ArrayList<>();
        List<String> types = new ArrayList<>();
        List<List<@Nullable Object>> rows = new ArrayList<>();
        query(sql, new RowSink() {
            @Override
            public void columns(List<String> columnNames, List<String> columnTypes) {
                columns.addAll(columnNames);
                types.addAll(columnTypes);
            }

            @Override
            public void row(@Nullable Object[] values) {
                rows.add(new ArrayList<>(Arrays.asList(values)));
            }
        });
        return new Rows(columns, types, rows);
    }

    /// Runs one query and passes its rows on as they come.
    ///
    /// @param text the query; what stands before it counts where a place in it is named
    /// @throws QueryException if the database refuses it, or it was cancelled
    public void query(String text, RowSink sink) {
        int begin = SqlText.begin(text);
        String sql = text.substring(begin); // the database counts columns wrongly behind space and comments
        try {
            if (!SqlText.isQuery(sql) || !readVectors(sql, sink)) {
                readResultSet(sql, sink);
            }
        } catch (SQLException e) {
            throw new QueryException(SqlMessage.oneLine(String.valueOf(e.getMessage()), text.substring(0, begin)), e);
        } finally {
            running = null;
        }
    }

    /// False where nothing was run: the other way reads the answer, or says what is wrong with the query.
    private boolean readVectors(String sql, RowSink sink) throws SQLException {
        try (PreparedStatement statement = prepared(sql)) {
            Optional<VectorRows> rows = statement == null ? Optional.empty() : VectorRows.of(statement);
            if (rows.isPresent()) {
                running = statement;
                rows.get().read(sink);
            }
            return rows.isPresent();
        }
    }

    private @Nullable PreparedStatement prepared(String sql) {
        try {
            return connection.prepareStatement(sql);
        } catch (SQLException e) {
            return null;
        }
    }

    void readResultSet(String sql, RowSink sink) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            running = statement;
            if (statement.execute(sql)) {
                try (ResultSet result = statement.getResultSet()) {
                    read(result, sink);
                }
            } else {
                sink.columns(List.of(), List.of());
            }
        }
    }

    /// Stops the query that runs at the moment, if any. May be called from any thread.
    public void cancel() {
        Statement statement = running;
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                throw new QueryException("cannot cancel: " + firstLine(e), e);
            }
        }
    }

    /// Lets every later query see, under the table's own name, only the rows that meet the condition.
    /// The session on disk stays as it is.
    public void restrict(String table, String condition) {
        String sql =
                "CREATE OR REPLACE TEMP VIEW " + table + " AS SELECT * FROM " + table(table) + " WHERE " + condition;
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new QueryException(String.valueOf(e.getMessage()), e);
        }
    }

    /// The unrestricted table in SQL.
    public String table(String name) {
        return query("SELECT current_database() AS name").text(0, "name", "session") + ".main." + name;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new QueryException("cannot close " + layout.database(), e);
        }
    }

    private static void read(ResultSet result, RowSink sink) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<String> columns = new ArrayList<>();
        List<String> types = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(meta.getColumnLabel(i));
            types.add(meta.getColumnTypeName(i));
        }
        sink.columns(columns, types);
        @Nullable Object[] row = new @Nullable Object[columns.size()];
        while (result.next()) {
            for (int i = 0; i < row.length; i++) {
                row[i] = Values.of(result.getObject(i + 1));
            }
            sink.row(row);
        }
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown error");
    }
}
