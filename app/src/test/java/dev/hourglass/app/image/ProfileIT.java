package dev.hourglass.app.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Loss;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.unit.Distribution;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The main job, from the built image, with the real engine.
class ProfileIT {
    @TempDir
    private static Path models;

    private static Path model;

    /// Where [#whole] left its session, `out`.
    @TempDir
    private static Path done;

    private static Run whole;

    @TempDir
    private Path here;

    private ShortRuns runs;

    @BeforeAll
    static void profileOnce() {
        model = TinyModel.in(models);
        whole = new ShortRuns(done, model).profile("-o", "out", "--json");
        assertThat(whole.code()).as(whole.err()).isZero();
    }

    @BeforeEach
    void begin() {
        runs = new ShortRuns(here, model);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "stage"})
    void leavesAWholeSession(String granularity) throws IOException {
        Run run = runs.profile("--granularity", granularity, "-o", "out");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("T_token").contains("Session: out");
        for (String file : List.of(
                "session.duckdb",
                "metadata.json",
                "summary.json",
                "report.html",
                "report.md",
                "report.json",
                "csv/tokens.csv",
                "csv/layers.csv",
                "csv/nodes.csv",
                "csv/experts.csv",
                "csv/cpu.csv")) {
            assertThat(here.resolve("out").resolve(file)).isNotEmptyFile();
        }
        assertThat(Files.readAllLines(here.resolve("out/csv/tokens.csv"))).hasSize(1 + 6);
        // 6 tokens × 3 layers × 2 experts.
        assertThat(Files.readAllLines(here.resolve("out/csv/experts.csv"))).hasSize(1 + 36);
        assertThat(hiddenLeftovers()).isEmpty();
    }

    @Test
    void partsAddUpToEachTokenAndTheRemainderIsSmall() {
        Explanation explained = read(done.resolve("out"));
        for (DecodeProfile.TokenTime token : explained.decode().orElseThrow().tokens()) {
            assertThat(token.componentUs().values().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum())
                    .isEqualTo(token.us(), within(1e-3));
        }
        assertThat(explained.decode().orElseThrow().components().stream()
                        .filter(c -> c.exclusive())
                        .flatMap(c -> c.time().stream())
                        .mapToDouble(Distribution::min))
                .allMatch(least -> least >= 0);
    }

    @Test
    void summaryIsPrintedAsJsonOnRequest() throws IOException {
        assertThat(whole.out()).isEqualTo(Files.readString(done.resolve("out/summary.json")));
        assertThat(whole.out())
                .contains("\"t_token_us\"")
                .contains("\"components_us\"")
                .contains("\"q7\"");
    }

    @Test
    void sqlAnswersFromTheSession() {
        Run run = Run.hourglass(done, "sql", "out", "SELECT count(*) AS n FROM token", "--json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().replaceAll("\\s", "")).isEqualTo("[{\"n\":6}]");
        Run wrong = Run.hourglass(done, "sql", "out", "SELECT nothing FROM token");
        assertThat(wrong.code()).isEqualTo(2);
    }

    @Test
    void anAnswerThatCannotBeWrittenIsAFailure() throws Exception {
        for (List<String> verb : List.of(
                List.of("sql", "out", "SELECT * FROM op", "--csv"), List.of("schema", "op"), List.of("info", "out"))) {
            Path err = here.resolve("err.txt");
            List<String> command =
                    new ArrayList<>(List.of(Run.IMAGE.resolve("bin/hourglass").toString()));
            command.addAll(verb);
            Process full = new ProcessBuilder(command)
                    .directory(done.toFile())
                    .redirectOutput(new File("/dev/full"))
                    .redirectError(err.toFile())
                    .start();
            assertThat(full.waitFor()).isEqualTo(1);
            assertThat(err)
                    .hasContent("hourglass: cannot write the answer to the standard output: No space left on device");
        }
    }

    @Test
    void interruptedRunReportsWhatItMeasured() throws Exception {
        try (Run.Going going = Run.Going.start(
                Run.IMAGE, here, ShortRuns.arguments("--model", model.toString(), "--tokens", "20000", "-o", "out"))) {
            going.awaitErr("Measuring, each");
            Thread.sleep(1000);
            going.signal("INT");
            Run run = going.end();
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.out()).contains("T_token");
        }
        Explanation explained = read(here.resolve("out"));
        assertThat(explained.decode().orElseThrow().tokens()).isNotEmpty();
        assertThat(explained.losses()).extracting(Loss::kind).contains("stopped");
    }

    @Test
    void killedEngineLeavesWhatItMeasured() throws Exception {
        try (Run.Going going = Run.Going.start(
                Run.IMAGE, here, ShortRuns.arguments("--model", model.toString(), "--tokens", "20000", "-o", "out"))) {
            going.awaitErr("Measuring, each");
            Thread.sleep(1000);
            ProcessHandle engine = going.process().descendants().findFirst().orElseThrow();
            engine.destroyForcibly();
            Run run = going.end();
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.out()).contains("T_token");
            assertThat(run.errLines().getLast()).contains("SIGKILL").contains("profiled tokens");
        }
        Explanation explained = read(here.resolve("out"));
        assertThat(explained.decode().orElseThrow().tokens()).isNotEmpty();
        assertThat(explained.losses()).extracting(Loss::kind).contains("engine_crashed");
        assertThat(here.resolve("out/engine.log")).isNotEmptyFile();
        try (Stream<Path> left = Files.list(here.resolve("out"))) {
            assertThat(left.map(p -> p.getFileName().toString())).doesNotContain("engine.log.rows");
        }
    }

    @Test
    void engineKilledBeforeItMeasuresLeavesNoHalfSession() throws Exception {
        try (Run.Going going = Run.Going.start(
                Run.IMAGE,
                here,
                ShortRuns.arguments("--model", model.toString(), "--warmup", "100000", "--tokens", "8", "-o", "out"))) {
            going.awaitErr("Warming up");
            going.process().descendants().findFirst().orElseThrow().destroyForcibly();
            Run run = going.end();
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err()).contains("SIGKILL").contains("log").doesNotContain("Exception");
        }
        assertThat(here).isEmptyDirectory();
    }

    @Test
    void fullDiskIsTold() throws Exception {
        Path small = here.resolve("small");
        Files.createDirectory(small);
        int mounted = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=700k", "none", small.toString())
                .start()
                .waitFor();
        assumeTrue(mounted == 0, "mounting a small file system needs root");
        try {
            Run run = runs.profile("-o", "small/out");
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.errLines().getLast()).startsWith("hourglass: ");
            assertThat(run.err()).doesNotContain("Exception").doesNotContain("\tat ");
            try (Stream<Path> left = Files.list(small)) {
                assertThat(left).isEmpty();
            }
        } finally {
            new ProcessBuilder("umount", small.toString()).start().waitFor();
        }
    }

    private List<Path> hiddenLeftovers() throws IOException {
        try (Stream<Path> files = Files.list(here)) {
            return files.filter(file -> file.getFileName().toString().startsWith("."))
                    .toList();
        }
    }

    private static Explanation read(Path session) {
        try (Session opened = Session.open(session)) {
            return Explainer.explain(opened);
        }
    }
}
