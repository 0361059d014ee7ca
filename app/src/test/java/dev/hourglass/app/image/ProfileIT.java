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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The main job, from the built image, with the real engine.
class ProfileIT {
    private static final String[] SHORT = {"--tokens", "6", "--warmup", "2", "--context", "16", "--threads", "1"};

    @TempDir
    private static Path models;

    private static Path model;

    @TempDir
    private Path here;

    @BeforeAll
    static void makeModel() {
        model = TinyModel.in(models);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "stage"})
    void leavesAWholeSession(String granularity) throws IOException {
        Run run = profile(model, "--granularity", granularity, "-o", "out");
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
        assertThat(profile(model, "-o", "out").code()).isZero();
        Explanation explained = read(here.resolve("out"));
        for (DecodeProfile.TokenTime token : explained.decode().orElseThrow().tokens()) {
            assertThat(token.componentUs().values().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum())
                    .isEqualTo(token.us(), within(1e-3));
        }
        assertThat(explained.decode().orElseThrow().components().stream()
                        .filter(c -> c.component().exclusive())
                        .flatMap(c -> c.time().stream())
                        .mapToDouble(Distribution::min))
                .allMatch(least -> least >= 0);
    }

    @Test
    void summaryIsPrintedAsJsonOnRequest() throws IOException {
        Run run = profile(model, "-o", "out", "--json");
        assertThat(run.out()).isEqualTo(Files.readString(here.resolve("out/summary.json")));
        assertThat(run.out())
                .contains("\"t_token_us\"")
                .contains("\"components_us\"")
                .contains("\"q7\"");
    }

    @Test
    void sqlAnswersFromTheSession() {
        assertThat(profile(model, "-o", "out").code()).isZero();
        Run run = Run.hourglass(here, "sql", "out", "SELECT count(*) AS n FROM token", "--json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().replaceAll("\\s", "")).isEqualTo("[{\"n\":6}]");
        Run wrong = Run.hourglass(here, "sql", "out", "SELECT nothing FROM token");
        assertThat(wrong.code()).isEqualTo(2);
    }

    @Test
    void anAnswerThatCannotBeWrittenIsAFailure() throws Exception {
        assertThat(profile(model, "-o", "out").code()).isZero();
        for (List<String> verb : List.of(
                List.of("sql", "out", "SELECT * FROM op", "--csv"), List.of("schema", "op"), List.of("info", "out"))) {
            Path err = here.resolve("err.txt");
            List<String> command =
                    new ArrayList<>(List.of(Run.IMAGE.resolve("bin/hourglass").toString()));
            command.addAll(verb);
            Process full = new ProcessBuilder(command)
                    .directory(here.toFile())
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
                Run.IMAGE, here, arguments("--model", model.toString(), "--tokens", "20000", "-o", "out"))) {
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
                Run.IMAGE, here, arguments("--model", model.toString(), "--tokens", "20000", "-o", "out"))) {
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
                arguments("--model", model.toString(), "--warmup", "100000", "--tokens", "8", "-o", "out"))) {
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
            Run run = profile(model, "-o", "small/out");
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "profile --shape qwen3-30b-a3                | qwen3-30b-a3b",
                "profile --shape nonsense                    | --list-shapes",
                "profil                                      | profile",
                "profile --model nowhere.gguf                | nowhere.gguf",
                "profile --tokens 0                          | --tokens must be at least 1",
                "profile --threads -1                        | --threads must be at least 1",
                "profile --layers 0                          | --layers must be at least 1",
                "profile --layers 49                         | 48",
                "profile --granularity rough                 | node",
                "profile --model x.gguf --layers 2           | --layers",
                "sql nowhere SELECT                          | nowhere",
                "report nowhere                              | nowhere",
                "info nowhere                                | nowhere"
            })
    void mistakesAreToldInOneLine(String line, String hint) {
        Run run = Run.hourglass(here, line.split(" +"));
        assertOneLine(run, hint);
        assertThat(here).isEmptyDirectory();
    }

    @Test
    void brokenModelFilesAreToldInOneLine() throws IOException {
        byte[] whole = Files.readAllBytes(model);
        Path empty = Files.write(models.resolve("empty.gguf"), new byte[0]);
        Path text = Files.writeString(models.resolve("text.gguf"), "this is no model file, but a text");
        Path cut = Files.write(models.resolve("cut.gguf"), Arrays.copyOf(whole, whole.length / 2));
        Path head = Files.write(models.resolve("head.gguf"), Arrays.copyOf(whole, 200));
        Path counts = Files.write(models.resolve("counts.gguf"), withHugeCount(whole));
        Path foreign = Files.write(models.resolve("foreign.gguf"), withArchitecture(whole));
        for (Path broken : List.of(empty, text, cut, head, counts, foreign)) {
            Run run = profile(broken, "-o", "out");
            assertOneLine(run, broken.getFileName().toString());
            assertThat(here).isEmptyDirectory();
        }
    }

    @Test
    void aSessionIsReplacedOnlyWithForceAndNothingElseEver() throws IOException {
        assertThat(profile(model, "-o", "out").code()).isZero();
        assertOneLine(profile(model, "-o", "out"), "--force");
        assertThat(profile(model, "-o", "out", "--force").code()).isZero();
        Path mine = Files.createDirectories(here.resolve("mine"));
        Files.writeString(mine.resolve("thesis.txt"), "years of work");
        assertOneLine(profile(model, "-o", "mine", "--force"), "never another directory");
        Files.writeString(here.resolve("out/notes.txt"), "mine too");
        assertOneLine(profile(model, "-o", "out", "--force"), "notes.txt");
        assertThat(mine.resolve("thesis.txt")).hasContent("years of work");
        assertOneLine(profile(model, "-o", "mine/thesis.txt/below"), "thesis.txt");
    }

    @Test
    void missingAndDamagedLibrariesAreTold() throws IOException {
        Path image = Files.createDirectories(here.resolve("image/bin")).getParent();
        Files.copy(Run.IMAGE.resolve("bin/hourglass"), image.resolve("bin/hourglass"));
        image.resolve("bin/hourglass").toFile().setExecutable(true);
        for (String part : List.of("runtime", "lib")) {
            Files.createSymbolicLink(image.resolve(part), Run.IMAGE.resolve(part));
        }
        assertOneLine(profileFrom(image), "missing");
        Path engine = Files.createDirectory(image.resolve("engine"));
        try (Stream<Path> libraries = Files.list(Run.IMAGE.resolve("engine"))) {
            for (Path library : libraries.toList()) {
                byte[] content = Files.readAllBytes(library);
                Files.write(engine.resolve(library.getFileName()), Arrays.copyOf(content, content.length / 3));
            }
        }
        assertOneLine(profileFrom(image), "damaged");
    }

    @Test
    void moreThreadsThanCoresIsAWarning() {
        int cores = Runtime.getRuntime().availableProcessors();
        Run run = Run.hourglass(
                here,
                "profile",
                "--model",
                model.toString(),
                "--tokens",
                "1",
                "--warmup",
                "1",
                "--context",
                "1",
                "--threads",
                String.valueOf(cores + 1),
                "-o",
                "out");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("warning: " + (cores + 1) + " threads on " + cores);
    }

    private Run profileFrom(Path image) {
        try (Run.Going going = Run.Going.start(image, here, arguments("--model", model.toString(), "-o", "out"))) {
            return going.end();
        }
    }

    private Run profile(Path file, String... more) {
        String[] with = Stream.concat(Stream.of("--model", file.toString()), Stream.of(more))
                .toArray(String[]::new);
        return Run.hourglass(here, arguments(with));
    }

    private static String[] arguments(String... more) {
        return Stream.of(Stream.of("profile"), Stream.of(SHORT), Stream.of(more))
                .flatMap(part -> part)
                .toArray(String[]::new);
    }

    private static void assertOneLine(Run run, String hint) {
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        List<String> complaints = run.errLines().stream()
                .filter(line -> !line.startsWith("hourglass: warning: "))
                .filter(line -> !line.matches("hourglass: (Preparing|Measuring|Loading) .*"))
                .toList();
        assertThat(complaints).hasSize(1);
        assertThat(complaints.getFirst()).startsWith("hourglass: ").contains(hint);
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

    /// The number of tensors in the header, made absurd.
    private static byte[] withHugeCount(byte[] whole) {
        byte[] copy = whole.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(8, Long.MAX_VALUE / 2);
        return copy;
    }

    /// `qwen3moe` replaced by a name of the same length that no library knows.
    private static byte[] withArchitecture(byte[] whole) {
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        return text.replace("qwen3moe", "qwen9moe").getBytes(StandardCharsets.ISO_8859_1);
    }
}
