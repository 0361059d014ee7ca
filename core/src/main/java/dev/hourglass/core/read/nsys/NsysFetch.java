package dev.hourglass.core.read.nsys;

import dev.hourglass.core.read.Beside;
import dev.hourglass.core.read.Thrown;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.CoreStatement;

/// Fetches the rows of one query in blocks. All but the first are fetched ahead on a thread of its own:
/// SQLite takes about as long to find the values as it takes to make rows of them here.
final class NsysFetch implements AutoCloseable {
    /// Blocks that are fetched and not yet read.
    private static final int BLOCKS_AHEAD = 2;
    /// Waits so long before it looks whether the other side still works.
    private static final int PATIENCE_MS = 100;

    private final PreparedStatement statement;
    private final int[] at;
    private final BlockingQueue<NsysBlock> fetched = new ArrayBlockingQueue<>(BLOCKS_AHEAD);
    /// Blocks that were read and may be filled again.
    private final BlockingQueue<NsysBlock> spare = new ArrayBlockingQueue<>(BLOCKS_AHEAD + 2);
    private @Nullable NsysBlock current;
    private @Nullable Thread thread;
    private volatile boolean closed;
    /// What the thread ended with, where it was no failure of the database.
    private volatile @Nullable Throwable thrown;

    /// @param at where the answer has each column; -1 for one that the table lacks
    NsysFetch(Connection connection, String sql, int[] at) throws SQLException {
        this.statement = connection.prepareStatement(sql);
        this.at = at;
    }

    /// The next rows, valid until the next call; null behind the last ones.
    ///
    /// @throws SQLException where rows behind those before cannot be read
    @Nullable
    NsysBlock next() throws SQLException {
        NsysBlock before = current;
        if (before == null) {
            current = first();
            return current;
        }
        if (before.failure != null) {
            throw before.failure;
        }
        if (before.last) {
            return null;
        }
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("fetch").start(this::fetch);
        } else {
            spare.add(before);
        }
        current = take();
        return current;
    }

    private NsysBlock first() throws SQLException {
        NsysBlock block = new NsysBlock(at.length);
        statement.unwrap(CoreStatement.class).pointer.safeRunConsume((db, pointer) -> block.fill(db, pointer, at));
        return block;
    }

    private void fetch() {
        try {
            statement.unwrap(CoreStatement.class).pointer.safeRunConsume((db, pointer) -> {
                boolean more = true;
                while (more && !closed) {
                    NsysBlock block = spare.poll();
                    block = block == null ? new NsysBlock(at.length) : block;
                    block.fill(db, pointer, at);
                    more = !block.last;
                    put(block);
                }
            });
        } catch (SQLException e) {
            NsysBlock end = new NsysBlock(0);
            end.failure = e;
            end.last = true;
            put(end);
        } catch (RuntimeException | Error e) {
            thrown = e;
        }
    }

    private void put(NsysBlock block) {
        try {
            boolean taken = false;
            while (!closed && !taken) {
                taken = fetched.offer(block, PATIENCE_MS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    private NsysBlock take() throws SQLException {
        try {
            NsysBlock block = null;
            while (block == null) {
                Throwable end = thrown;
                block = fetched.poll(PATIENCE_MS, TimeUnit.MILLISECONDS);
                if (block == null && end != null) {
                    Thrown.rethrow(end);
                }
            }
            return block;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        }
    }

    @Override
    public void close() throws SQLException {
        closed = true;
        Thread running = thread;
        if (running != null) {
            Beside.await(running);
        }
        statement.close();
    }
}
