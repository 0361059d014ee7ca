package dev.hourglass.core.query;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.Leftovers;
import dev.hourglass.core.store.DatabaseDoor;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.StoreException;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.store.UnwritableException;
import dev.hourglass.core.store.WriterLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;

/// The one way to write into a session that stands.
///
/// Changes of a session wait for each other. Each works on a copy of the database that takes its place when it
/// is whole: whoever reads meanwhile goes on reading what was there before, and a change that fails leaves
/// nothing. An older session is brought into the form of this build on the way.
///
/// A database may have a log of what was written to it last, left by a process that was killed. It is taken
/// along, and removed when its rows are in the database. Who is killed between the two leaves a log that is
/// older than the database, which the database refuses: see [#forgetOldLog].
public final class Change {
    private final SessionLayout session;
    private final Path copy;

    private Change(SessionLayout session) {
        this.session = session;
        this.copy = session.changing();
    }

    /// What is changed.
    public interface Work<T> {
        /// Writes into the session's store, which the caller closes.
        T in(TraceStore store) throws IOException;
    }

    /// Changes a session.
    ///
    /// @param waiting called once if somebody else changes it at the moment
    /// @return what the work returns, when it is durable and to be seen
    /// @throws UnwritableException if nothing can be written to the session's directory
    /// @throws StoreException if its database cannot be written
    public static <T> T of(SessionLayout session, Runnable waiting, Work<T> work) throws IOException {
        try (WriterLock _ = WriterLock.on(session, waiting)) {
            return new Change(session).swap(work);
        }
    }

    /// Changes a session if there is still need for it when nobody else changes it any more.
    static void onlyIf(BooleanSupplier needed, SessionLayout session, Work<?> work) throws IOException {
        try (WriterLock _ = WriterLock.on(session, () -> {})) {
            if (needed.getAsBoolean()) {
                new Change(session).swap(work);
            }
        }
    }

    /// Removes a log that is older than its database, whose rows are in it already.
    static void forgetOldLog(SessionLayout session) throws IOException {
        try (WriterLock _ = WriterLock.on(session, () -> {})) {
            if (isOldLog(session)) {
                Files.deleteIfExists(log(session.database()));
            }
        }
    }

    private static boolean isOldLog(SessionLayout session) {
        try {
            DatabaseDoor.reading(session.database()).close();
            return false;
        } catch (SQLException e) {
            return DatabaseDoor.isAboutOldLog(e);
        }
    }

    private <T> T swap(Work<T> work) throws IOException {
        session.refuseLinks();
        clear(); // what others left that were killed
        try {
            if (FileTree.isThere(log(session.database())) && isOldLog(session)) {
                Files.deleteIfExists(log(session.database()));
            }
            Leftovers.add(copy);
            Leftovers.add(log(copy));
            Files.copy(session.database(), copy);
            if (FileTree.isThere(log(session.database()))) {
                Files.copy(log(session.database()), log(copy));
            }
            T result = apply(copy, work);
            if (FileTree.isThere(log(copy))) {
                throw new IOException("the database kept a part of what was written to it in its log");
            }
            Leftovers.done(copy);
            Files.move(copy, session.database(), StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(log(session.database())); // its rows are in the database now
            return result;
        } catch (StoreException | QueryException e) {
            throw aboutSession(e);
        } finally {
            Leftovers.done(copy);
            Leftovers.done(log(copy));
            clear();
        }
    }

    private static <T> T apply(Path database, Work<T> work) throws IOException {
        TraceStore store = TraceStore.append(database);
        T result;
        try {
            if (!Form.ofThisBuild().equals(form(store))) {
                Views.renew(store);
            }
            result = work.in(store);
        } catch (IOException | RuntimeException e) {
            store.abandon();
            throw e;
        }
        store.close();
        return result;
    }

    private static String form(TraceStore store) {
        return String.join(",", store.texts("SELECT value FROM metadata WHERE name = '" + Form.FACT + "'"));
    }

    /// What the database says about the copy, said about the session.
    private RuntimeException aboutSession(RuntimeException e) {
        String said = String.valueOf(e.getMessage())
                .replace(copy.toAbsolutePath().toString(), session.database().toString())
                .replace(copy.toString(), session.database().toString());
        return e instanceof StoreException
                ? new StoreException("nothing was added", new IOException(said, e))
                : new QueryException(said, e);
    }

    private static Path log(Path database) {
        return database.resolveSibling(database.getFileName() + ".wal");
    }

    /// Who holds the lock is the only one that makes such files, but for those of readers.
    private void clear() throws IOException {
        for (Path left : FileTree.entries(session.directory(), SessionLayout::isLeftOfChange)) {
            FileTree.delete(left);
        }
    }
}
