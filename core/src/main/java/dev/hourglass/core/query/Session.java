package dev.hourglass.core.query;

import dev.hourglass.core.store.DatabaseDoor;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.store.UnwritableException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/// A session opened for reading. Queries see the session's tables and nothing else: no files, no
/// network, no writes. What a session of an older form lacks is there, and empty.
///
/// For one thread; [#cancel()] and [#close()] may be called from any.
public final class Session implements AutoCloseable {
    private static final long IMPATIENCE_MS = 20;
    private static final String STORED = DatabaseDoor.NAME + ".main";

    // The connection is used under `use` alone, so that it is never closed under a query.
    private final SessionLayout layout;
    private final Dialect dialect;
    private final DuckDBConnection connection;
    private final ReentrantLock use = new ReentrantLock();
    private final RunningStatement running = new RunningStatement();
    private Overlay overlay;
    private volatile boolean closed;
    private boolean lacksDerived;

    private Session(SessionLayout layout, Dialect dialect, DuckDBConnection connection) {
        this.layout = layout;
        this.dialect = dialect;
        this.connection = connection;
        this.overlay = Overlay.none(connection, STORED);
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
                    .map(path -> "; SET allowed_directories = [" + DatabaseDoor.literal(path) + "]")
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
        return openAsStored(directory, dialect).completed();
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
        layout.refuseLinks();
        try {
            return new Session(layout, dialect, opened(layout)).prepared();
        } catch (SQLException e) {
            throw new QueryException("cannot open " + layout.database() + ": " + firstLine(e), e);
        }
    }

    private static DuckDBConnection opened(SessionLayout layout) throws SQLException {
        try {
            return DatabaseDoor.reading(layout.database());
        } catch (SQLException e) {
            if (!DatabaseDoor.isAboutOldLog(e)) {
                throw e;
            }
            try {
                Change.forgetOldLog(layout);
            } catch (IOException locked) {
                throw new SQLException(
                        "session.duckdb.wal beside it is older than itself and cannot be removed", locked);
            }
            return DatabaseDoor.reading(layout.database());
        }
    }

    /// The session with its derived tables: this one where it has them; else this one is closed, the tables are
    /// computed, and the session is opened again. Where they cannot be kept, they are computed in memory.
    ///
    /// @throws QueryException if the session cannot be read or written
    public Session completed() {
        Session stored = this;
        while (stored.lacksDerived) { // again where something was added meanwhile
            stored.close();
            boolean unwritable = false;
            try {
                Derived.complete(layout);
            } catch (UnwritableException e) {
                unwritable = true;
            }
            stored = openAsStored(layout.directory(), dialect);
            if (unwritable && stored.lacksDerived) {
                stored.derive();
            }
        }
        return stored;
    }

    private void derive() {
        try {
            overlay.derive();
            lacksDerived = false;
        } catch (SQLException e) {
            close();
            throw new QueryException("cannot read " + layout.database() + ": " + firstLine(e), e);
        }
    }

    /// The same session once more, for another thread. Whoever opens it closes it.
    ///
    /// @throws QueryException if the database refuses it
    public Session again() {
        try {
            DuckDBConnection second = DatabaseDoor.again(connection);
            Session session = new Session(layout, dialect, second);
            session.adapt(StatedFacts.of(second));
            if (!lacksDerived && session.lacksDerived) {
                session.derive();
            }
            return session;
        } catch (SQLException e) {
            throw new QueryException("cannot open " + layout.directory() + " again: " + firstLine(e), e);
        }
    }

    private Session prepared() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET integer_division = " + dialect.integerDivision()
                    + dialect.fence()
                    + "; SET lock_configuration = true");
            StatedFacts facts = StatedFacts.of(connection);
            if (facts.version() > TraceStore.VERSION) {
                throw new QueryException(
                        layout.directory() + " was written by a newer Hourglass (session version " + facts.version()
                                + ", this one reads up to " + TraceStore.VERSION + "); update Hourglass to read it",
                        new IllegalArgumentException());
            }
            adapt(facts);
            return this;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private void adapt(StatedFacts facts) throws SQLException {
        lacksDerived = facts.pending();
        if (!facts.form().equals(Form.ofThisBuild())) {
            overlay = Overlay.on(connection, STORED);
        }
    }

    /// Whether the tables that are computed from an import's rows are still empty.
    public boolean lacksDerived() {
        return lacksDerived;
    }

    public SessionLayout layout() {
        return layout;
    }

    /// Runs one query and holds its answer in memory. What is no number, such as nothing divided by nothing, is NULL
    /// here.
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
                @Nullable Object[] row = values.clone();
                for (int i = 0; i < row.length; i++) {
                    row[i] = row[i] instanceof Double d && !Double.isFinite(d) ? null : row[i];
                }
                rows.add(new ArrayList<>(Arrays.asList(row)));
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
        use.lock();
        try {
            checkOpen();
            refuseFiles(sql);
            if (!SqlText.isQuery(sql) || !readVectors(sql, sink)) {
                readResultSet(sql, sink);
            }
        } catch (SQLException e) {
            throw new QueryException(SqlMessage.oneLine(String.valueOf(e.getMessage()), text.substring(0, begin)), e);
        } finally {
            use.unlock();
        }
    }

    private void refuseFiles(String sql) {
        if (!dialect.files() && dialect.directory().isEmpty() && SqlText.writesFiles(sql)) {
            throw new QueryException(
                    "a query copies nothing to a file or from one, unless it may reach files (--allow-files)",
                    new IllegalArgumentException());
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new QueryException(layout.directory() + " was closed", new IllegalStateException());
        }
    }

    /// False where nothing was run: the other way reads the answer, or says what is wrong with the query.
    private boolean readVectors(String sql, RowSink sink) throws SQLException {
        try (PreparedStatement statement = prepared(sql)) {
            Optional<VectorRows> rows = statement == null ? Optional.empty() : VectorRows.of(statement);
            if (statement == null || rows.isEmpty()) {
                return false;
            }
            running.run(statement, () -> rows.get().read(sink));
            return true;
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
            running.run(statement, () -> {
                if (statement.execute(sql)) {
                    try (ResultSet result = statement.getResultSet()) {
                        read(result, sink);
                    }
                } else {
                    sink.columns(List.of(), List.of());
                }
            });
        }
    }

    /// Stops the query that runs at the moment, if any. May be called from any thread.
    public void cancel() {
        running.cancel();
    }

    /// Lets every later query see, under the table's own name, only the rows that meet the condition.
    /// The session on disk stays as it is.
    public void restrict(String table, String condition) {
        query("CREATE OR REPLACE TEMP VIEW " + table + " AS SELECT * FROM " + table(table) + " WHERE " + condition);
    }

    /// The unrestricted table in SQL.
    public String table(String name) {
        return overlay.relation(name);
    }

    /// Ends the session. A query that another thread runs at the moment is stopped and waited for: a connection
    /// that goes away under its query takes the process with it.
    @Override
    public void close() {
        closed = true;
        try {
            while (!use.tryLock(IMPATIENCE_MS, TimeUnit.MILLISECONDS)) {
                cancel(); // again, because it may not have begun the first time
            }
        } catch (InterruptedException e) {
            cancel();
            use.lock();
            Thread.currentThread().interrupt();
        }
        try {
            connection.close();
        } catch (SQLException e) {
            throw new QueryException("cannot close " + layout.database(), e);
        } finally {
            use.unlock();
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
