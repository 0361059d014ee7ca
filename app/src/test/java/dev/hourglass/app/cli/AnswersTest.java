package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Session;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What verbs say of a session: all of it, in the reader's terms.
@Isolated
class AnswersTest {
    private static final Path GOLDEN = Path.of("../core/src/test/resources/golden");

    @TempDir
    private Path directory;

    private Said imported(String file) {
        Said said = Said.by("import", GOLDEN.resolve(file).toString(), "-o", session());
        assertThat(said.code()).as(said.err()).isZero();
        return said;
    }

    private String session() {
        return directory.resolve("session").toString();
    }

    private static Said shell(String session, String lines) {
        InputStream usual = System.in;
        System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
        try {
            return Said.by("sql", session);
        } finally {
            System.setIn(usual);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kineto/kineto.json | time span: 100 µs",
                "nvml/nvml_gpm.csv | time span: 714 ms",
                "ncu-details/ncu_details.csv | time span: none, nothing in it has a time"
            })
    void theSpanIsThatOfWhatWasRecorded(String file, String line) {
        assertThat(imported(file).out()).contains(line);
    }

    @Test
    void aSpanThatIsNotKnownIsNullInJson() {
        Said said =
                Said.by("import", GOLDEN.resolve("ncu-details/ncu_details.csv").toString(), "-o", session(), "--json");
        assertThat(said.out()).contains("\"span_ns\" : null");
    }

    @Test
    void infoListsTheInputsWithTheirClocks() {
        imported("kineto/kineto.json");
        Said said = Said.by("info", session());
        assertThat(said.out())
                .contains("Inputs\n  kineto.json  chrome-json, ", " records\n    times: unix, aligned by base time ± ")
                .contains(GOLDEN.resolve("kineto/kineto.json").toAbsolutePath().normalize() + "\n");
        assertThat(said.out().lines().dropWhile(line -> !line.equals("Facts")).takeWhile(line -> !line.isEmpty()))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT durr FROM slice | line 1, column 8",
                "'  SELECT durr FROM slice' | line 1, column 10",
                "SELECT 1;SELECT durr FROM slice | line 1, column 17",
                "SELECT 1;\\n  SELECT 2; SELECT durr FROM slice | line 2, column 20",
                "SELECT 1;\\n\\n  SELECT ts,\\n   durr FROM slice | line 4, column 4",
                "-- one\\nSELECT 1; /* two\\n */ SELECT durr FROM slice | line 3, column 12",
                "SELECT 1;\\n SELEC 2 | line 2, column 2"
            })
    void anErrorsPlaceIsThatInTheWholeText(String sql, String place) {
        imported("kineto/kineto.json");
        assertThat(Said.by("sql", session(), sql.replace("\\n", "\n")).err()).contains("(" + place + ")");
    }

    /// Each takes a copy and puts it in the place of what stands there: one after the other.
    @Test
    void whatIsAddedAtTheSameTimeIsAllThere() throws Exception {
        imported("kineto/kineto.json");
        List<Process> adding = new ArrayList<>();
        for (String file : List.of("nvml/nvml_gpm.csv", "cublas/cublas.log", "ncu-details/ncu_details.csv")) {
            adding.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--class-path",
                            System.getProperty("java.class.path"),
                            "dev.hourglass.app.cli.Main",
                            "import",
                            GOLDEN.resolve(file).toString(),
                            "-o",
                            session(),
                            "--append")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        }
        for (Process process : adding) {
            assertThat(process.waitFor()).isZero();
        }
        try (Session opened = Session.open(Path.of(session()))) {
            assertThat(opened.query("SELECT count(*) AS n FROM source").integer(0, "n"))
                    .hasValue(4);
        }
    }

    @Test
    void aRecordingThatLiesTherePackedTooCountsOnce() throws IOException {
        Path kept = Files.createDirectory(directory.resolve("kept"));
        byte[] content = Files.readAllBytes(GOLDEN.resolve("kineto/kineto.json"));
        Files.write(kept.resolve("a.json"), content);
        try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(kept.resolve("a.json.gz")))) {
            packed.write(content);
        }
        content[content.length - 1] = ' ';
        try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(kept.resolve("b.json.gz")))) {
            packed.write(content);
        }
        Said said = Said.by("import", kept.toString(), "-o", session());
        assertThat(said.out()).contains("a.json.gz: met_twice × 1 (holds the same as " + kept.resolve("a.json") + ")");
        try (Session opened = Session.open(Path.of(session()))) {
            assertThat(opened.query("SELECT name FROM source ORDER BY id").rows())
                    .containsExactly(List.of("a.json"), List.of("b.json.gz"));
        }
    }

    @Test
    void theShellKnowsNamesThatAreNear() {
        imported("kineto/kineto.json");
        Said said = shell(session(), ".schema kernal\n.schema KERNEL\n");
        assertThat(said.err()).contains("no table or view kernal; did you mean kernel");
        assertThat(said.out()).contains("occupancy_ratio").doesNotContain("(0 rows)");
        assertThat(said.code()).isEqualTo(2);
    }

    @Test
    void anOptionOfPairsIsExplainedOnce() {
        Said said =
                Said.by("import", GOLDEN.resolve("kineto/kineto.json").toString(), "-o", session(), "--offset", "5");
        assertThat(said.err()).contains("option '--offset'").doesNotContain("option option");
        assertThat(said.code()).isEqualTo(2);
    }

    @Test
    void aSessionThatStandsThereMayBeAddedTo() {
        imported("kineto/kineto.json");
        assertThat(Said.by("import", GOLDEN.resolve("nvml/nvml_gpm.csv").toString(), "-o", session())
                        .err())
                .contains("holds a session already; --append adds to it, --force replaces it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nvml/nvml_gpm.csv | What do power, clocks, temperature",
                "cublas/cublas.log | Which matrix products do the libraries",
                "ncu-details/ncu_details.csv | How close does each profiled kernel come"
            })
    void aReportOfOneWithoutStepsBeginsWithWhatItHolds(String file, String question) {
        Path page = directory.resolve("page.html");
        Said said = Said.by("report", GOLDEN.resolve(file).toString(), "-o", page.toString());
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).contains(question).doesNotContain("Q1", "worth changing");
        assertThat(page).content().contains("Nothing was judged").doesNotContain("worth changing");
    }
}
