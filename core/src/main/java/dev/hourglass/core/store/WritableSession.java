package dev.hourglass.core.store;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.Temporary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A session that something can be written into: the session itself or, where nothing can be written to its
/// directory, a copy of its database that is gone afterwards.
public final class WritableSession implements AutoCloseable {
    private final SessionLayout layout;
    private final Optional<Temporary> temporary;

    private WritableSession(SessionLayout layout, Optional<Temporary> temporary) {
        this.layout = layout;
        this.temporary = temporary;
    }

    /// @throws RefusedException if the session holds links
    /// @throws IOException if a copy is needed and cannot be made
    public static WritableSession of(SessionLayout session) throws IOException {
        session.refuseLinks();
        if (WriterLock.isPossible(session)) {
            return new WritableSession(session, Optional.empty());
        }
        Temporary temporary = Temporary.create();
        Path name = session.directory().toAbsolutePath().normalize().getFileName();
        SessionLayout copy = new SessionLayout(temporary.directory().resolve(String.valueOf(name)));
        WritableSession writable = new WritableSession(copy, Optional.of(temporary));
        try {
            Files.createDirectory(copy.directory());
            for (String file : List.of("session.duckdb", "session.duckdb.wal")) {
                Path from = session.directory().resolve(file);
                if (FileTree.isThere(from)) {
                    Files.copy(from, copy.directory().resolve(file));
                }
            }
            return writable;
        } catch (IOException e) {
            writable.close();
            throw e;
        }
    }

    /// The session, or its copy under the same name.
    public SessionLayout layout() {
        return layout;
    }

    /// Whether what is written stays.
    public boolean keeps() {
        return temporary.isEmpty();
    }

    @Override
    public void close() throws IOException {
        if (temporary.isPresent()) {
            temporary.get().close();
        }
    }
}
