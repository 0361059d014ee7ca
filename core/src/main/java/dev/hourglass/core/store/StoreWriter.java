package dev.hourglass.core.store;

import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.Table;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunctionBuilder;

/// One connection that writes rows, with the thread that it works on.
final class StoreWriter {
    /// Values that may be under way, written or waiting: so many that who makes rows for both writers goes on with
    /// those
    /// of the other while this one is late.
    private static final int ROOM = 8_000_000;

    private final DuckDBConnection connection;
    private final BatchFeed feed;
    private final String function;
    private final ExecutorService thread;
    private final Semaphore room = new Semaphore(ROOM);
    private final List<Future<?>> writing = new ArrayList<>();
    private boolean inTransaction;

    private StoreWriter(DuckDBConnection connection, BatchFeed feed, int number) {
        this.connection = connection;
        this.feed = feed;
        this.function = BatchFeed.NAME + number;
        this.thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("store-" + number).factory());
    }

    static StoreWriter open(DuckDBConnection connection, int number) throws SQLException {
        StoreWriter writer = new StoreWriter(connection, new BatchFeed(), number);
        try (DuckDBTableFunctionBuilder builder = DuckDBFunctions.tableFunction()) {
            builder.withName(writer.function).withFunction(writer.feed).register(connection);
        }
        return writer;
    }

    DuckDBConnection connection() {
        return connection;
    }

    /// Writes rows on the writer's thread; waits while it is late.
    void write(Table table, List<EventBatch> batches) {
        int values = Math.min(
                ROOM,
                batches.stream().mapToInt(EventBatch::size).sum()
                        * table.columns().size());
        room.acquireUninterruptibly(values);
        Future<?> writes = thread.submit(() -> {
            try {
                insert(table, batches);
            } finally {
                room.release(values);
            }
            return table;
        });
        synchronized (writing) {
            writing.add(writes);
        }
    }

    private void insert(Table table, List<EventBatch> batches) throws SQLException {
        String columns = String.join(", ", feed.show(table, batches));
        try (Statement statement = connection.createStatement()) {
            if (!inTransaction) {
                statement.execute("BEGIN");
                inTransaction = true;
            }
            statement.execute("INSERT INTO " + table.name() + " (" + columns + ") SELECT * FROM " + function + "()");
        } finally {
            feed.clear();
        }
    }

    /// Waits for everything that was given to the writer.
    void finish() {
        List<Future<?>> last;
        synchronized (writing) {
            last = new ArrayList<>(writing);
            writing.clear();
        }
        last.forEach(StoreWriter::await);
    }

    /// On the writer's own thread: commits what was written.
    void commit() throws SQLException {
        if (inTransaction) {
            inTransaction = false;
            try (Statement statement = connection.createStatement()) {
                statement.execute("COMMIT");
            }
        }
    }

    <T> Future<T> submit(Callable<T> work) {
        return thread.submit(work);
    }

    static <T> T await(Future<T> work) {
        try {
            return work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException store) {
                throw store;
            }
            throw new StoreException("cannot write the session's database", e.getCause() == null ? e : e.getCause());
        }
    }

    void close() {
        thread.shutdown();
        try {
            connection.close();
        } catch (SQLException e) {
            throw new StoreException("cannot close the session's database", e);
        }
    }

    void abandon() {
        thread.shutdownNow();
        try {
            connection.close();
        } catch (SQLException e) {
            // What was written is given up anyway.
        }
    }
}
