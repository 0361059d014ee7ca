package dev.hourglass.app.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `profile` does not take, from the built image, and what it never overwrites.
class ProfileRefusalsIT {
    @TempDir
    private static Path models;

    private static Path model;

    @TempDir
    private Path here;

    private ShortRuns runs;

    @BeforeAll
    static void makeModel() {
        model = TinyModel.in(models);
    }

    @BeforeEach
    void begin() {
        runs = new ShortRuns(here, model);
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
        ShortRuns.assertOneLine(run, hint);
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
            Run run = runs.profile(broken, "-o", "out");
            ShortRuns.assertOneLine(run, broken.getFileName().toString());
            assertThat(here).isEmptyDirectory();
        }
    }

    @Test
    void aSessionIsReplacedOnlyWithForceAndNothingElseEver() throws IOException {
        assertThat(runs.profile("-o", "out").code()).isZero();
        ShortRuns.assertOneLine(runs.profile("-o", "out"), "--force");
        assertThat(runs.profile("-o", "out", "--force").code()).isZero();
        Path mine = Files.createDirectories(here.resolve("mine"));
        Files.writeString(mine.resolve("thesis.txt"), "years of work");
        ShortRuns.assertOneLine(runs.profile("-o", "mine", "--force"), "never another directory");
        Files.writeString(here.resolve("out/notes.txt"), "mine too");
        ShortRuns.assertOneLine(runs.profile("-o", "out", "--force"), "notes.txt");
        assertThat(mine.resolve("thesis.txt")).hasContent("years of work");
        ShortRuns.assertOneLine(runs.profile("-o", "mine/thesis.txt/below"), "thesis.txt");
    }

    @Test
    void missingAndDamagedLibrariesAreTold() throws IOException {
        Path image = Files.createDirectories(here.resolve("image/bin")).getParent();
        Files.copy(Run.IMAGE.resolve("bin/hourglass"), image.resolve("bin/hourglass"));
        image.resolve("bin/hourglass").toFile().setExecutable(true);
        for (String part : List.of("runtime", "lib")) {
            Files.createSymbolicLink(image.resolve(part), Run.IMAGE.resolve(part));
        }
        ShortRuns.assertOneLine(profileFrom(image), "missing");
        Path engine = Files.createDirectory(image.resolve("engine"));
        try (Stream<Path> libraries = Files.list(Run.IMAGE.resolve("engine"))) {
            for (Path library : libraries.toList()) {
                byte[] content = Files.readAllBytes(library);
                Files.write(engine.resolve(library.getFileName()), Arrays.copyOf(content, content.length / 3));
            }
        }
        ShortRuns.assertOneLine(profileFrom(image), "damaged");
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
        try (Run.Going going =
                Run.Going.start(image, here, ShortRuns.arguments("--model", model.toString(), "-o", "out"))) {
            return going.end();
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
