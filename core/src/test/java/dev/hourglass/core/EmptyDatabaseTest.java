package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.store.StoreException;
import dev.hourglass.core.store.TraceStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptyDatabaseTest {
    @TempDir
    Path directory;

    private static List<String> everything(TraceStore store) {
        List<String> all =
                store.texts("SELECT table_name || ' ' || table_type FROM information_schema.tables ORDER BY ALL");
        all.addAll(store.texts("SELECT table_name || '.' || column_name || ' ' || data_type"
                + " FROM information_schema.columns ORDER BY ALL"));
        all.addAll(store.texts("SELECT schema_doc::VARCHAR FROM schema_doc ORDER BY ALL"));
        all.addAll(store.texts("SELECT metadata::VARCHAR FROM metadata ORDER BY ALL"));
        return all;
    }

    @Test
    void aCopyOfAReadOnlyOneIsAsGoodAsOneMadeAnew() throws Exception {
        Path brought = directory.resolve("empty.duckdb");
        EmptyDatabase.write(brought);
        Files.setPosixFilePermissions(brought, PosixFilePermissions.fromString("r--r--r--"));
        Path copy = directory.resolve("copy.duckdb");

        TraceStore made = EmptyDatabase.create(directory.resolve("made.duckdb"));
        TraceStore copied = TraceStore.createAs(brought, copy);
        try {
            assertThat(everything(copied)).hasSizeGreaterThan(500).isEqualTo(everything(made));
            copied.execute("INSERT INTO metadata VALUES ('a', 'b')");
            assertThat(copied.number("SELECT count(*) FROM metadata WHERE name = 'a'"))
                    .isEqualTo(1);
        } finally {
            made.close();
            copied.close();
        }
        assertThat(Files.getPosixFilePermissions(copy)).contains(PosixFilePermission.OWNER_WRITE);
    }

    @Test
    void noDatabaseIsWrittenOver() throws Exception {
        Path brought = directory.resolve("empty.duckdb");
        EmptyDatabase.write(brought);
        Path there = Files.writeString(directory.resolve("there.duckdb"), "mine");
        assertThatThrownBy(() -> TraceStore.createAs(brought, there)).isInstanceOf(StoreException.class);
        assertThat(there).hasContent("mine");
    }
}
