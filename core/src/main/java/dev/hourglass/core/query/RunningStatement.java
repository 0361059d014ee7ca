package dev.hourglass.core.query;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/// What a connection runs at the moment, so that any thread may cancel it.
final class RunningStatement {
    // Set, cancelled and forgotten under the monitor, so that no statement is cancelled that is closed already.
    private @Nullable Statement running;
    private boolean cancelled;

    /// What a statement does and how its answer is read.
    @FunctionalInterface
    interface Work {
        void run() throws SQLException;
    }

    /// Runs a statement. The driver may end the answer of a cancelled one early without a word: it is no answer.
    ///
    /// @throws QueryException if it was cancelled
    void run(Statement statement, Work work) throws SQLException {
        begin(statement);
        boolean stopped;
        try {
            work.run();
        } finally {
            stopped = end();
        }
        if (stopped) {
            throw new QueryException(SqlMessage.STOPPED, new CancellationException());
        }
    }

    private synchronized void begin(Statement statement) {
        running = statement;
        cancelled = false;
    }

    /// Whether it was cancelled meanwhile.
    private synchronized boolean end() {
        running = null;
        return cancelled;
    }

    /// Stops what runs, if anything does.
    synchronized void cancel() {
        Statement statement = running;
        if (statement == null) {
            return;
        }
        cancelled = true;
        try {
            statement.cancel();
        } catch (SQLException e) {
            // It failed by itself meanwhile: the library closes such a statement, and there is nothing to stop.
            return;
        }
    }
}
