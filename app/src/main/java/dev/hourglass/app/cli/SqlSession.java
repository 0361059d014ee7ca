package dev.hourglass.app.cli;

import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import java.nio.file.Path;

/// A session that statements are run on, one by one. What is derived from an import is computed when
/// the first statement reads it.
final class SqlSession implements AutoCloseable {
    private volatile Session session;

    SqlSession(Path directory, Session.Dialect dialect) {
        this.session = Session.openAsStored(directory, dialect);
    }

    /// Runs a statement and prints its rows.
    void run(String statement, RowPrinter printer) {
        if (session.lacksDerived() && Derived.isReadBy(statement)) {
            System.err.println("hourglass: computing the tables that are derived from the trace, once");
            session = session.completed();
        }
        session.query(SqlText.adapted(statement), printer);
        printer.end();
    }

    /// The session as it is now.
    Session session() {
        return session;
    }

    /// Stops the statement that runs. May be called from any thread.
    void cancel() {
        session.cancel();
    }

    @Override
    public void close() {
        session.close();
    }
}
