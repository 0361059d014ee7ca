package dev.hourglass.core.store;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.duckdb.DuckDBConnection;

/// Writes batches into a database file: every declared table exists from the start, so a query about
/// something that was not captured finds an empty table, not an error.
///
/// Batches gather until they fill row groups of the database and are then written by a thread of the
/// store, while the caller goes on. Everything between two calls of [#flush()] becomes visible and
/// durable at once. Several threads may call [#accept(EventBatch)], one at a time everything else.
public final class TraceStore implements BatchSink, AutoCloseable {
    /// Rows of a table that are written together: a row group of the database.
    private static final int ROWS = 122_880;
    /// Bytes of their texts, beyond which fewer rows are.
    private static final long MOST_TEXT_BYTES = 32L << 20;
    /// Connections that write side by side.
    private static final int WRITERS = 2;
    private static final String CREATING = "cannot create ";
    private static final String MEMORY = "192MB";
    private static final String SPREAD_MEMORY = "448MB";

    /// Version of the stored form. A larger one cannot be read by this build; every smaller one can.
    ///
    /// 0: sessions that state none. 1: they state their version. 2: they state their form too, so that
    /// a reader knows whether they lack something.
    public static final int VERSION = 2;
    /// The row of `metadata` that holds it.
    public static final String VERSION_FACT = "session.version";

    private final StoreWriter[] writers;
    private final Garbage garbage = new Garbage();
    private final Map<Table, List<EventBatch>> gathered = new LinkedHashMap<>();
    private final Map<Table, Integer> rows = new LinkedHashMap<>();
    private final Map<Table, Long> textBytes = new LinkedHashMap<>();

    private TraceStore(StoreWriter[] writers) {
        this.writers = writers;
    }

    /// Creates the database file of a new session. Its queries may write files beside it, nowhere else.
    ///
    /// @throws StoreException if the file exists or cannot be written
    public static TraceStore create(Path database, BlockSize blocks) {
        TraceStore store = open(
                database,
                file -> DatabaseDoor.creating(file, OptionalInt.of(blocks.bytes())),
                CREATING,
                besideOf(database));
        try {
            store.declareTables();
            return store;
        } catch (SQLException e) {
            store.abandon();
            throw new StoreException("cannot create " + database, e);
        }
    }

    /// Creates the database file of a new session as a copy of an empty one that has its tables already.
    ///
    /// @throws StoreException if the file exists or cannot be written
    public static TraceStore createAs(Path empty, Path database) {
        // Written anew and not copied as a file: that would keep the permissions, and an image may be read-only.
        try (OutputStream out = Files.newOutputStream(database, StandardOpenOption.CREATE_NEW)) {
            Files.copy(empty, out);
        } catch (IOException e) {
            throw new StoreException(CREATING + database, e);
        }
        return open(database, DatabaseDoor::writing, CREATING, besideOf(database));
    }

    private static String besideOf(Path database) {
        Path beside = database.toAbsolutePath().resolveSibling("");
        return "SET allowed_directories = [" + DatabaseDoor.literal(beside) + "];";
    }

    /// Opens the database file of a session to add to it. Tables and columns that were not declared when it was
    /// written are created; what stands on them is up to the caller.
    ///
    /// @throws StoreException if it cannot be opened for writing
    /// @throws TraceFormatException if a newer version wrote it
    public static TraceStore append(Path database) {
        return grown(database, "");
    }

    /// Opens the database file of a session that this machine began and did not finish. As in a new one, its
    /// queries may write files beside it.
    ///
    /// @throws StoreException if it cannot be opened for writing
    public static TraceStore resume(Path database) {
        return grown(database, besideOf(database));
    }

    private static TraceStore grown(Path database, String fence) {
        TraceStore store = open(database, DatabaseDoor::writing, "cannot write to ", fence);
        try {
            store.grow(database);
            return store;
        } catch (RuntimeException e) {
            store.abandon();
            throw e;
        }
    }

    /// How a database file is opened.
    private interface Opening {
        DuckDBConnection of(Path database) throws SQLException;
    }

    /// @param fence statement that says what files queries reach
    private static TraceStore open(Path database, Opening opening, String otherwise, String fence) {
        try {
            DuckDBConnection first = opening.of(database);
            try (Statement statement = first.createStatement()) {
                // Each writer works on a thread of its own; the database's threads would only wait for work. A
                // session that is added to may come from anybody: its views reach nothing but itself.
                statement.execute(fence + "SET threads = 1; SET memory_limit = '" + MEMORY
                        + "'; SET enable_external_access = false");
            }
            StoreWriter[] writers = new StoreWriter[WRITERS];
            for (int i = 0; i < WRITERS; i++) {
                DuckDBConnection own = i == 0 ? first : DatabaseDoor.again(first);
                writers[i] = StoreWriter.open(own, i);
            }
            return new TraceStore(writers);
        } catch (SQLException e) {
            throw new StoreException(otherwise + database, e);
        }
    }

    @Override
    public void accept(EventBatch batch) {
        if (batch.size() == 0) {
            return;
        }
        List<EventBatch> full = gather(batch);
        if (!full.isEmpty()) {
            hand(batch.table(), full);
        }
    }

    private synchronized List<EventBatch> gather(EventBatch batch) {
        Table table = batch.table();
        gathered.computeIfAbsent(table, t -> new ArrayList<>()).add(batch);
        int gatheredRows = rows.merge(table, batch.size(), Integer::sum);
        long gatheredBytes = textBytes.merge(table, batch.textBytes(), Long::sum);
        return gatheredRows < ROWS && gatheredBytes < MOST_TEXT_BYTES ? List.of() : take(table);
    }

    private synchronized List<EventBatch> take(Table table) {
        rows.remove(table);
        textBytes.remove(table);
        List<EventBatch> batches = gathered.remove(table);
        return batches == null ? List.of() : batches;
    }

    /// Gives rows to the writer of their table; waits while it is late.
    private void hand(Table table, List<EventBatch> batches) {
        if (batches.isEmpty()) {
            return; // handed over by another thread
        }
        garbage.check();
        writerOf(table).write(table, batches);
    }

    /// One writer writes all rows of a table: two would each end with a row group that is not full, for the
    /// database to join. Slices and calls of a trace take about as long as everything else in it.
    private StoreWriter writerOf(Table table) {
        return writers[table.equals(TraceTables.SLICE) || table.equals(TraceTables.LAUNCH) ? 1 : 0];
    }

    /// Makes what was accepted visible to [#execute] and durable.
    public void flush() {
        List<Table> open;
        synchronized (this) {
            open = new ArrayList<>(gathered.keySet());
        }
        open.forEach(table -> hand(table, take(table)));
        List<Future<?>> commits = new ArrayList<>();
        for (StoreWriter writer : writers) {
            commits.add(writer.submit(() -> {
                writer.commit();
                return writer;
            }));
        }
        for (StoreWriter writer : writers) {
            writer.finish();
        }
        commits.forEach(StoreWriter::await);
    }

    /// States a fact about the session, in the place of what was said under its name before.
    public void state(String name, String value) {
        execute("DELETE FROM metadata WHERE name = '" + name + "'; INSERT INTO metadata (name, value) VALUES ('" + name
                + "', '" + value + "')");
    }

    /// Runs a statement that derives something inside the database, such as a view.
    public void execute(String sql) {
        flush();
        run(() -> {
            writers[0].commit(); // rows of others that came meanwhile
            try (Statement statement = connection().createStatement()) {
                return statement.execute(sql);
            } catch (SQLException e) {
                throw new StoreException("cannot run: " + sql.strip(), e);
            }
        });
    }

    /// Lets the database use every core and more memory, for statements that derive much from much.
    /// Writing of batches is over by then.
    public void spread() {
        execute("SET threads = " + Runtime.getRuntime().availableProcessors() + "; SET memory_limit = '" + SPREAD_MEMORY
                + "'");
    }

    /// The largest value of an integer column; 0 for an empty table.
    public long largest(Table table, String column) {
        return number("SELECT coalesce(max(" + column + "), 0) FROM " + table.name());
    }

    /// How many rows a table has.
    public long rows(Table table) {
        return number("SELECT count(*) FROM " + table.name());
    }

    /// The single integer that a query answers with; 0 for NULL.
    public long number(String sql) {
        flush();
        return run(() -> {
            try (Statement statement = connection().createStatement();
                    ResultSet result = statement.executeQuery(sql)) {
                return result.next() ? result.getLong(1) : 0L;
            }
        });
    }

    /// The first column of a query's rows as text, NULLs left out: for what is derived in Java.
    public List<String> texts(String sql) {
        flush();
        return run(() -> {
            List<String> texts = new ArrayList<>();
            try (Statement statement = connection().createStatement();
                    ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    String text = result.getString(1);
                    if (text != null) {
                        texts.add(text);
                    }
                }
            }
            return texts;
        });
    }

    /// A row of an answer; columns count from 0.
    public interface Row {
        /// 0 for NULL.
        long number(int column);

        /// Empty for NULL.
        String text(int column);
    }

    /// Hands over a query's rows, for what is derived in Java.
    public void each(String sql, Consumer<Row> taker) {
        flush();
        run(() -> {
            try (Statement statement = connection().createStatement();
                    ResultSet result = statement.executeQuery(sql)) {
                Row row = new ResultRow(result);
                while (result.next()) {
                    taker.accept(row);
                }
            }
            return this;
        });
    }

    @Override
    public void close() {
        try {
            flush();
        } finally {
            for (StoreWriter writer : writers) {
                writer.close();
            }
        }
    }

    /// Closes without writing what was accepted since the last [#flush()].
    public void abandon() {
        for (StoreWriter writer : writers) {
            writer.abandon();
        }
    }

    private <T> T run(Callable<T> work) {
        return StoreWriter.await(writers[0].submit(work));
    }

    private Connection connection() {
        return writers[0].connection();
    }

    /// The docs stand in a table of their own and not in the catalogue's comments, which take as long to write as a
    /// short recording.
    private void declareTables() throws SQLException {
        try (Statement statement = connection().createStatement()) {
            statement.execute(Declared.everything());
        }
        try (RowWriter facts = new RowWriter(Tables.METADATA, this)) {
            facts.set("name", VERSION_FACT)
                    .set("value", Integer.toString(VERSION))
                    .end();
        }
        try (RowWriter docs = new RowWriter(Tables.SCHEMA_DOC, this)) {
            Declared.describe(docs);
        }
    }

    private void grow(Path database) {
        Catalog there = run(() -> Catalog.of(connection()));
        if (there.tables().getOrDefault(Tables.METADATA.name(), Set.of()).containsAll(Set.of("name", "value"))) {
            refuseNewer(database);
        }
        run(() -> {
            try (Statement statement = connection().createStatement()) {
                for (String missing : Declared.missing(there)) {
                    statement.execute(missing);
                }
            }
            return this;
        });
    }

    private void refuseNewer(Path database) {
        long version =
                number("SELECT max(try_cast(value AS BIGINT)) FROM metadata WHERE name = '" + VERSION_FACT + "'");
        if (version > VERSION) {
            throw TraceFormatException.ofWhole(
                    String.valueOf(database.toAbsolutePath().getParent()),
                    "was written by a newer Hourglass (session version " + version + ", this one writes " + VERSION
                            + "); update Hourglass to add to it");
        }
    }
}
