package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The probe's own tests, below `probe/tests`, in the Python that is here. They need Python 3.10 or later and nothing
/// else.
final class ProbeTest {
    private static final Path TESTS =
            Path.of("..", "probe", "tests").toAbsolutePath().normalize();
    private static final int LIMIT_MINUTES = 10;

    /// A Python that the probe runs in: the first on the path that says so.
    private static final Optional<String> PYTHON = Stream.of(
                    "python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10")
            .filter(ProbeTest::isNewEnough)
            .findFirst();

    private static Stream<String> files() throws IOException {
        try (Stream<Path> files = Files.list(TESTS)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("test_") && name.endsWith(".py"))
                    .map(name -> name.substring(0, name.length() - ".py".length()))
                    .sorted()
                    .toList();
            return names.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void passes(String file) throws IOException, InterruptedException {
        assumeTrue(PYTHON.isPresent(), "no Python 3.10 or later on the PATH; install one to test the probe");
        Path said = Files.createTempFile("probe-" + file, ".txt");
        try {
            int exit = run(said, PYTHON.orElseThrow(), "-m", "unittest", file);
            assertThat(Files.readString(said, StandardCharsets.UTF_8))
                    .containsPattern("Ran [1-9][0-9]* tests?")
                    .endsWith("OK\n");
            assertThat(exit).isZero();
        } finally {
            Files.delete(said);
        }
    }

    private static boolean isNewEnough(String python) {
        try {
            return run(Path.of("/dev/null"), python, "-c", "import sys; sys.exit(sys.version_info < (3, 10))") == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static int run(Path output, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(TESTS.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        Process process = builder.start();
        if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " ran for more than " + LIMIT_MINUTES + " minutes");
        }
        return process.exitValue();
    }
}
