package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceImportTest {
    @TempDir
    Path directory;

    private static final String TRACE =
            "[{\"ph\": \"X\", \"name\": \"a\", \"pid\": 1, \"tid\": 1, \"ts\": 1, \"dur\": 2}]";

    private TraceImport.Summary read(Path input) throws IOException {
        Path session = Files.createTempDirectory(directory, "session");
        return new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(input), new SessionLayout(session).database());
    }

    /// One file that is damaged as a whole does not cost the others of its directory.
    @Test
    void aDirectoryIsReadWithoutItsDamagedFiles() throws IOException {
        Path files = Files.createDirectory(directory.resolve("files"));
        Files.writeString(files.resolve("good.json"), TRACE);
        Files.writeString(files.resolve("notes.txt"), "nothing that a reader knows");
        Files.write(files.resolve("packed.json.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 'x', 'y', 'z'});
        Files.writeString(files.resolve("wrong.json"), "{\"schemaVersion\": 1, \"deviceProperties\": [], oops}");

        TraceImport.Summary summary = read(files);

        assertThat(summary.sources()).hasSize(1);
        assertThat(summary.losses())
                .extracting(loss -> Path.of(loss.source()).getFileName() + " "
                        + loss.what().kind() + " " + loss.what().severity().word())
                .containsExactlyInAnyOrder(
                        "good.json no_base_time info",
                        "notes.txt unknown_format notice",
                        "packed.json.gz unreadable error",
                        "wrong.json unreadable error");
    }

    @Test
    void aFileThatIsNamedMustBeReadable() throws IOException {
        Path file = directory.resolve("packed.json.gz");
        Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8, 'x', 'y', 'z'});

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("packed.json.gz")
                .hasMessageNotContaining("null");
    }
}
