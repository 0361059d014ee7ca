package dev.hourglass.app.live;

import dev.hourglass.core.Explained;
import dev.hourglass.core.SessionReports;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.WritableSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/// The reports of a session as it is now: made again where the session has changed since they were made, as by an
/// import that was added to it. They lie in the session or, where nothing can be written there, in a copy.
public final class FreshReports implements AutoCloseable {
    private final SessionLayout session;
    private Optional<WritableSession> place = Optional.empty();
    private Optional<FileTime> madeOf = Optional.empty();

    public FreshReports(SessionLayout session) {
        this.session = session;
    }

    /// Where the reports are; while they are made anew, who asks waits.
    ///
    /// @throws IOException if they cannot be made
    public synchronized SessionLayout current() throws IOException {
        session.refuseLinks();
        FileTime changed = changed(session);
        if (madeOf.isEmpty() && isNotOlder(session.reportHtml(), changed)) {
            madeOf = Optional.of(changed);
        }
        if (!madeOf.equals(Optional.of(changed))) {
            make();
        }
        return place.map(WritableSession::layout).orElse(session);
    }

    private void make() throws IOException {
        close();
        WritableSession writable = WritableSession.of(session);
        place = Optional.of(writable);
        Path directory = writable.layout().directory();
        Session.open(directory).close(); // what is derived may have to be written first: that is no change
        FileTime before = changed(session);
        SessionReports.write(Explained.of(directory), writable.layout());
        madeOf = Optional.of(before);
    }

    /// When the session was written to last.
    private static FileTime changed(SessionLayout session) throws IOException {
        FileTime database = Files.getLastModifiedTime(session.database());
        try {
            Path log = session.directory().resolve("session.duckdb.wal");
            FileTime logged = Files.getLastModifiedTime(log, LinkOption.NOFOLLOW_LINKS);
            return logged.compareTo(database) > 0 ? logged : database;
        } catch (NoSuchFileException e) {
            return database;
        }
    }

    private static boolean isNotOlder(Path report, FileTime changed) throws IOException {
        return Files.isRegularFile(report, LinkOption.NOFOLLOW_LINKS)
                && Files.getLastModifiedTime(report, LinkOption.NOFOLLOW_LINKS).compareTo(changed) >= 0;
    }

    @Override
    public synchronized void close() throws IOException {
        madeOf = Optional.empty();
        if (place.isPresent()) {
            WritableSession old = place.get();
            place = Optional.empty();
            old.close();
        }
    }
}
