package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.store.BlockSize;
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
        EmptyDatabase.write(directory);
        Path brought = directory.resolve("empty-small.duckdb");
        Files.setPosixFilePermissions(brought, PosixFilePermissions.fromString("r--r--r--"));
        Path copy = directory.resolve("copy.duckdb");

        TraceStore made = EmptyDatabase.make(directory.resolve("made.duckdb"), BlockSize.SMALL);
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
        EmptyDatabase.write(directory);
        Path brought = directory.resolve("empty-small.duckdb");
        Path there = Files.writeString(directory.resolve("there.duckdb"), "mine");
        assertThatThrownBy(() -> TraceStore.createAs(brought, there)).isInstanceOf(StoreException.class);
        assertThat(there).hasContent("mine");
    }

    /// A short recording has small blocks; a long one large ones, its archive too.
    @Test
    void theRecordingDecidesAboutTheBlocks() throws Exception {
        EmptyDatabase.write(directory);
        for (BlockSize blocks : BlockSize.values()) {
            Path copy = directory.resolve(blocks + ".duckdb");
            Path brought = directory.resolve("empty-" + blocks.word() + ".duckdb");
            try (TraceStore copied = TraceStore.createAs(brought, copy)) {
                assertThat(
                                copied.texts(
                                        "SELECT block_size::VARCHAR FROM pragma_database_size() WHERE database_name = 'session'"))
                        .containsExactly(blocks == BlockSize.SMALL ? "65536" : "262144");
            }
        }
        assertThat(BlockSize.of(0)).isEqualTo(BlockSize.SMALL);
        assertThat(BlockSize.of(16 << 20)).isEqualTo(BlockSize.SMALL);
        assertThat(BlockSize.of(17 << 20)).isEqualTo(BlockSize.LARGE);
    }
}
