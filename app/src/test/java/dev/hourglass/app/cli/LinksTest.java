package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A received session with a link under any name that a session can have: no verb reads or writes what it leads
/// to.
@Isolated
class LinksTest {
    private static final Path GOLDEN = Path.of("../core/src/test/resources/golden");
    private static final Path MODEL = Path.of("../benchmarks/model-oracle/configs/llama-3.1-8b.json");
    private static final String SECRET = "the secret of this machine";

    @TempDir
    private static Path once;

    @TempDir
    private Path here;

    private Path session;
    private Path outside;
    private Path empty;

    @BeforeAll
    static void importATrace() {
        assertThat(Said.by(
                                "import",
                                GOLDEN.resolve("kineto/kineto.json").toString(),
                                "-o",
                                once.resolve("session").toString())
                        .code())
                .isZero();
    }

    private void receive() throws IOException {
        session = Files.createDirectory(here.resolve("session"));
        Files.copy(once.resolve("session/session.duckdb"), session.resolve("session.duckdb"));
        outside = Files.createDirectory(here.resolve("outside"));
        Files.writeString(outside.resolve("secret.txt"), SECRET);
        empty = here.resolve("nowhere");
    }

    private List<String[]> verbs() {
        String s = session.toString();
        String more = GOLDEN.resolve("sglang/sglang.json").toString();
        return List.of(
                new String[] {"info", s},
                new String[] {"sql", s, "SELECT count(*) FROM slice"},
                new String[] {"sql", s, "SELECT count(*) FROM step_time"},
                new String[] {"analyze", s},
                new String[] {"report", s},
                new String[] {"report", s, "--format", "md"},
                new String[] {"open", s},
                new String[] {"mfu", s, "--model", MODEL.toString(), "--device", "h100-sxm"},
                new String[] {"compare", s, s},
                new String[] {
                    "export", s, "--format", "csv", "-o", here.resolve("csv").toString()
                },
                new String[] {"import", more, "-o", s, "--append"},
                new String[] {"import", more, "-o", s, "--append", "--keep-raw"},
                new String[] {"import", s, "-o", here.resolve("new").toString()});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "session.duckdb",
                "session.duckdb.wal",
                "session.duckdb.tmp",
                ".lock",
                "metadata.json",
                "summary.json",
                "report.json",
                "report.html",
                "report.md",
                "plots",
                "plots/neck.svg",
                "engine.log",
                "csv",
                "csv/tokens.csv",
                "json",
                "parquet",
                "raw",
                "raw/inputs.json",
                "raw/inputs-2.json",
                ".session.duckdb.1",
                ".session.duckdb.OWNER",
                ".session.duckdb.OWNER.wal",
                ".report.html.part-OWNER-1"
            })
    void aLinkIsNeitherReadNorWrittenThrough(String name) throws IOException {
        receive();
        Path link = session.resolve(name.replace("OWNER", Owner.present()));
        for (Path to : List.of(outside, outside.resolve("secret.txt"), empty)) {
            Files.createDirectories(link.getParent());
            if (name.equals("session.duckdb")) {
                Files.deleteIfExists(link);
            }
            Files.createSymbolicLink(link, to);
            for (String[] verb : verbs()) {
                Said said = Said.by(verb);
                String line = String.join(" ", verb) + "\n" + said.err();
                boolean readsDatabaseAlone = verb[0].equals("import") && !line.contains("--append");
                if (readsDatabaseAlone && !name.matches("session\\.duckdb(\\.wal)?")) {
                    assertThat(said.code()).as(line).isZero();
                    FileTree.delete(here.resolve("new"));
                } else {
                    assertThat(said.code()).as(line).isEqualTo(2);
                    assertThat(said.err().strip().lines()).as(line).hasSize(1);
                }
                assertThat(said.err()).as(line).doesNotContain("Exception");
                assertThat(said.out()).as(line).doesNotContain(SECRET);
                assertThat(here.resolve("new")).doesNotExist();
            }
            assertThat(Files.isSymbolicLink(link)).isTrue();
            assertThat(FileTree.entries(outside, n -> true)).containsExactly(outside.resolve("secret.txt"));
            assertThat(outside.resolve("secret.txt")).hasContent(SECRET);
            assertThat(Files.exists(empty, LinkOption.NOFOLLOW_LINKS)).isFalse();
            Files.delete(link);
        }
    }

    /// A link that leads to a session is a name of it.
    @Test
    void aLinkToTheWholeSessionIsFollowed() throws IOException {
        receive();
        Path link = Files.createSymbolicLink(here.resolve("latest"), session);
        assertThat(Said.by("report", link.toString()).code()).isZero();
        assertThat(session.resolve("report.html")).isNotEmptyFile();
        String more = GOLDEN.resolve("sglang/sglang.json").toString();
        assertThat(Said.by("import", more, "-o", link.toString(), "--append").code())
                .isZero();
        assertThat(Said.by("import", more, "-o", link.toString(), "--force").code())
                .isZero();
        assertThat(link).isSymbolicLink();
        assertThat(FileTree.entries(here, name -> name.startsWith("."))).isEmpty();
    }
}
