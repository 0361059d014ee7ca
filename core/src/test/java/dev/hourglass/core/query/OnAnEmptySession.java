package dev.hourglass.core.query;

import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Tests that ask a session without rows.
abstract class OnAnEmptySession {
    @TempDir
    private Path directory;

    private @Nullable Session session;

    @BeforeEach
    void open() {
        TraceStore.create(new SessionLayout(directory).database(), BlockSize.SMALL)
                .close();
        session = Session.open(directory);
    }

    @AfterEach
    void close() {
        session().close();
    }

    Session session() {
        if (session == null) {
            throw new IllegalStateException("not open");
        }
        return session;
    }
}
