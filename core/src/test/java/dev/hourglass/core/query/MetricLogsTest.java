package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.StoreException;
import dev.hourglass.core.store.TraceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricLogsTest {
    @TempDir
    Path directory;

    @Test
    void aNewSessionWritesItsLogsBesideItsDatabaseAndNowhereElse() throws IOException {
        SessionLayout session = new SessionLayout(Files.createDirectory(directory.resolve("it's a session")));
        Path outside = directory.resolve("outside.csv");
        try (TraceStore store = TraceStore.create(session.database(), BlockSize.SMALL)) {
            Views.create(store);
            MetricLogs.write(store, session);
            assertThatThrownBy(() -> store.execute("COPY (SELECT 1) TO '" + outside + "' (FORMAT csv)"))
                    .isInstanceOf(StoreException.class);
        }
        assertThat(session.csv().resolve("tokens.csv")).content().startsWith("token,ts,t_token_us");
        assertThat(session.json().resolve("tokens.jsonl")).exists();
        assertThat(outside).doesNotExist();
    }
}
