package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.store.RefusedException;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.store.UnwritableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeTest {
    private static final int EACH = 4;

    @TempDir
    private Path directory;

    private SessionLayout session;

    @BeforeEach
    void unpack() throws IOException {
        session = StoredSessions.unpack("v0/decode", directory.resolve("session"));
    }

    @Test
    void threadsThatWriteAtOnceLoseNothing() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<?>> done = new ArrayList<>();
            for (String who : List.of("a", "b")) {
                done.add(threads.submit(() -> {
                    for (int i = 0; i < EACH; i++) {
                        String fact = who + i;
                        Change.of(session, () -> {}, store -> {
                            store.state(fact, "1");
                            return store;
                        });
                    }
                    return who;
                }));
            }
            for (Future<?> one : done) {
                one.get();
            }
        }
        assertThat(facts("[ab]\\d")).hasSize(2 * EACH);
        assertThat(files()).containsExactlyInAnyOrder("session.duckdb", ".lock");
    }

    @Test
    void whoReadsGoesOnReading() throws IOException {
        try (Session reader = Session.open(session.directory())) {
            state("x", "1");
            assertThat(reader.query("SELECT * FROM metadata WHERE name = 'x'").size())
                    .isZero();
            assertThat(reader.query("SELECT * FROM token").size()).isPositive();
        }
        assertThat(facts("x")).hasSize(1);
    }

    @Test
    void whatFailsLeavesTheSessionAsItWas() throws IOException {
        byte[] before = Files.readAllBytes(session.database());
        assertThatThrownBy(() -> Change.of(session, () -> {}, store -> {
                    store.state("x", "1");
                    throw new IOException("no more");
                }))
                .hasMessage("no more");
        assertThatThrownBy(() -> Change.of(session, () -> {}, store -> {
                    store.execute("SELECT nothing FROM nowhere");
                    return store;
                }))
                .hasMessageContaining("nowhere");
        assertThat(Files.readAllBytes(session.database())).isEqualTo(before);
        assertThat(files()).containsExactlyInAnyOrder("session.duckdb", ".lock");
    }

    @Test
    void whatAKilledWriterLeftIsRemoved() throws IOException {
        Files.writeString(session.directory().resolve(".session.duckdb.123"), "half a database");
        Files.writeString(session.directory().resolve(".session.duckdb.123.wal"), "its log");
        state("x", "1");
        assertThat(files()).containsExactlyInAnyOrder("session.duckdb", ".lock");
    }

    /// A reader of an earlier build that was killed left a log; a writer that was killed left it behind its
    /// database.
    @Test
    void aLogIsTakenAlongAndForgottenWhenItIsOld() throws Exception {
        byte[] log = leaveALog("INSERT INTO metadata (name, value) VALUES ('logged', '1')");
        state("x", "1");
        assertThat(facts("x|logged")).hasSize(2);
        assertThat(files()).containsExactlyInAnyOrder("session.duckdb", ".lock");

        Files.write(session.directory().resolve("session.duckdb.wal"), log);
        assertThat(facts("x|logged")).as("read").hasSize(2);
        assertThat(files()).containsExactlyInAnyOrder("session.duckdb", ".lock");

        Files.write(session.directory().resolve("session.duckdb.wal"), log);
        state("y", "1");
        assertThat(facts("x|y|logged")).as("written").hasSize(3);
        assertThat(files()).containsExactlyInAnyOrder("session.duckdb", ".lock");
    }

    private byte[] leaveALog(String sql) throws Exception {
        Path log = session.directory().resolve("session.duckdb.wal");
        Path kept = directory.resolve("kept");
        try (TraceStore store = TraceStore.resume(session.database())) {
            store.execute(sql);
            Files.copy(session.database(), directory.resolve("database"));
            Files.copy(log, kept);
        }
        Files.copy(directory.resolve("database"), session.database(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(kept, log);
        return Files.readAllBytes(kept);
    }

    @Test
    void linksAreRefused() throws IOException {
        Path outside = Files.writeString(directory.resolve("outside"), "mine");
        Files.createSymbolicLink(session.directory().resolve(".session.duckdb.1"), outside);
        assertThatThrownBy(() -> state("x", "1"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is a link");
        assertThat(outside).hasContent("mine");
    }

    @Test
    void aDirectoryThatCannotBeWrittenToIsSaid() throws IOException {
        StoredSessions.forbidWriting(session);
        assertThatThrownBy(() -> state("x", "1"))
                .isInstanceOf(UnwritableException.class)
                .hasMessageContaining("cannot be written to");
    }

    private void state(String name, String value) throws IOException {
        Change.of(session, () -> {}, store -> {
            store.state(name, value);
            return store;
        });
    }

    private List<?> facts(String pattern) {
        try (Session opened = Session.openAsStored(session.directory(), Session.Dialect.OWN)) {
            return List.copyOf(
                    opened.query("SELECT name FROM metadata WHERE regexp_full_match(name, '" + pattern + "')")
                            .rows());
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(session.directory())) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
