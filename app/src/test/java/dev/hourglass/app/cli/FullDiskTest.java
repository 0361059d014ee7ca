package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// A disk that is full: a failure in one line with exit code 1, the session as it was, no piece of a file.
@Isolated
class FullDiskTest {
    private static final Path GOLDEN = Path.of("../core/src/test/resources/golden");
    private static final String MORE = GOLDEN.resolve("sglang/sglang.json").toString();
    private static final int LEFT_BYTES = 20_000;

    @TempDir
    private Path directory;

    private Path disk;
    private Path session;
    private boolean mounted;

    @BeforeEach
    void mountASmallDisk() throws Exception {
        disk = Files.createDirectory(directory.resolve("disk"));
        mounted = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=6m", "none", disk.toString())
                        .start()
                        .waitFor()
                == 0;
        assumeTrue(mounted, "mounting a small file system needs root");
        session = disk.resolve("session");
        assertThat(Said.by("import", GOLDEN.resolve("kineto/kineto.json").toString(), "-o", session.toString())
                        .code())
                .isZero();
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            new ProcessBuilder("umount", disk.toString()).start().waitFor();
        }
    }

    /// Fills the disk up to so many bytes.
    private void fill() throws IOException {
        Path filler = disk.resolve("filler");
        long room = disk.toFile().getUsableSpace() - LEFT_BYTES;
        try (OutputStream out = Files.newOutputStream(filler)) {
            for (long i = 0; i < room; i += 1000) {
                out.write(new byte[1000]);
            }
        }
    }

    @Test
    void everyVerbFailsAndLeavesNothing() throws IOException {
        fill();
        List<Path> before = all();
        for (List<String> verb : List.of(
                List.of("report", session.toString()),
                List.of("export", session.toString(), "--format", "csv", "-o", disk + "/csv"),
                List.of("export", session.toString(), "--format", "parquet", "-o", disk + "/parquet"),
                List.of("export", session.toString(), "--format", "perfetto", "-o", disk + "/new/a.pftrace"),
                List.of("import", MORE, "-o", session.toString(), "--append"),
                List.of("import", MORE, "-o", session.toString(), "--force"),
                List.of("import", MORE, "-o", disk + "/other"))) {
            Said said = Said.by(verb.toArray(String[]::new));
            String line = String.join(" ", verb) + "\n" + said.err();
            if (said.code() != 0) {
                assertThat(said.code()).as(line).isEqualTo(1);
                assertThat(said.err().strip().lines()).as(line).hasSize(1);
                assertThat(said.err()).as(line).containsIgnoringCase("space");
            }
            assertThat(said.err()).as(line).doesNotContain("Exception");
            try (Stream<Path> left = Files.walk(disk)) {
                assertThat(left.filter(Files::isRegularFile).filter(file -> !file.endsWith(".lock")))
                        .as(line)
                        .allSatisfy(file -> assertThat(file).isNotEmptyFile());
            }
        }
        assertThat(Said.by("report", session.toString()).code()).isEqualTo(1);
        assertThat(Said.by("import", MORE, "-o", session.toString(), "--append").code())
                .isEqualTo(1);
        assertThat(Said.by("report", session.toString(), "--format", "md").code())
                .isIn(0, 1);
        assertThat(Said.by("sql", session.toString(), "SELECT count(*) FROM step_time")
                        .code())
                .as("what is derived is computed in memory")
                .isZero();
        try (Session opened = Session.openAsStored(session, Session.Dialect.OWN)) {
            assertThat(opened.query("SELECT count(*) AS n FROM source").integer(0, "n"))
                    .hasValue(1);
        }
        assertThat(before).isSubsetOf(all());
        FileTree.delete(disk.resolve("filler"));
        assertThat(Said.by("report", session.toString()).code()).isZero();
    }

    private List<Path> all() throws IOException {
        try (Stream<Path> files = Files.walk(disk)) {
            return files.filter(file -> !file.endsWith(".lock")).sorted().toList();
        }
    }
}
