package dev.hourglass.core.query;

import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Tests that ask a session without rows, one for all of a class.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnAnEmptySession {
    private @Nullable Session session;

    @BeforeAll
    void open(@TempDir Path directory) {
        TraceStore.create(new SessionLayout(directory).database(), BlockSize.SMALL)
                .close();
        session = Session.open(directory);
    }

    @AfterAll
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
