package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.query.Session;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// GPUs of a library that a C compiler makes; without one nothing is tested here but that there is none.
@Isolated
class GpuWatchCommandTest {
    private static final Path SOURCE =
            Path.of("../device/src/test/resources/nvml/fake_nvml.c").toAbsolutePath();
    private static final String PROPERTY = "hourglass.nvml";

    @TempDir
    private Path directory;

    @BeforeEach
    void noLibrary() {
        System.setProperty(PROPERTY, directory.resolve("libnvidia-ml.so.1").toString());
    }

    @AfterEach
    void usualLibrary() {
        System.clearProperty(PROPERTY);
    }

    private void compile() throws IOException, InterruptedException {
        assumeTrue(
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve("cc"))),
                "no C compiler (cc) on the PATH");
        Process compiler = new ProcessBuilder(
                        "cc", "-shared", "-fPIC", "-o", System.getProperty(PROPERTY), SOURCE.toString())
                .inheritIO()
                .start();
        assertThat(compiler.waitFor()).isZero();
    }

    private Said watch(String... arguments) {
        return Said.by(Stream.concat(
                        Stream.of("gpu-watch", "-o", directory.resolve("session").toString()), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private long number(String query) {
        try (Session session = Session.open(directory.resolve("session"))) {
            return session.query(query).integer(0, "n").orElseThrow();
        }
    }

    @Test
    void theGpusAreSampledAtTheirPacesIntoASession() throws Exception {
        compile();
        Said said = watch("--duration", "3");

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.err()).contains("sampling the machine took ").contains("nvml").contains("gpm");
        assertThat(said.out()).contains("NVIDIA H100 80GB HBM3").contains("Report:  ");
        assertThat(number("SELECT count(*) AS n FROM hw_sample WHERE device = 'gpu:0' AND metric = 'power'"))
                .as("at least 10 in each second, some of which a busy machine may take")
                .isBetween(15L, 40L);
        assertThat(number("SELECT count(*) AS n FROM hw_sample WHERE metric = 'sm_active' AND dur <= 100000000"))
                .isZero();
        assertThat(number("SELECT count(DISTINCT device) AS n FROM hw_sample")).isEqualTo(2);
        assertThat(number("SELECT count(*) AS n FROM metadata WHERE name = 'gpu.0.power_limit_w' AND value = '500'"))
                .isEqualTo(1);
        assertThat(number("SELECT count(*) AS n FROM metadata WHERE name = 'sampler.gpm.cpu_share'"))
                .isEqualTo(1);
    }

    @Test
    void onlyTheNamedGpusAreRecordedAndAnUnknownOneIsRefused() throws Exception {
        compile();
        assertThat(watch("--duration", "0.3", "--gpu", "1").code()).isZero();
        assertThat(number("SELECT count(*) AS n FROM hw_sample WHERE device <> 'gpu:1'")).isZero();

        Said refused = watch("--gpu", "7", "--force");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("no GPU 7; there are [0, 1]");
    }

    @Test
    void withoutALibraryItSaysWhyAndWhatToDo() {
        Said said = watch("--duration", "1");

        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("no GPU can be watched: ").contains("is not there; install NVIDIA's driver");
        assertThat(directory.resolve("session")).doesNotExist();
    }

    @Test
    void aRunRecordsTheGpusBesideItsCommand() throws Exception {
        compile();
        Said said = Said.by("run", "-o", directory.resolve("session").toString(), "--", "sleep", "1");

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.err()).contains("nvml").contains("gpm");
        assertThat(number("SELECT count(*) AS n FROM hw_sample WHERE metric = 'throttle' AND unit = 'bits'"))
                .isGreaterThan(6);
        assertThat(number("SELECT count(*) AS n FROM metadata WHERE name = 'gpu.1.name'")).isEqualTo(1);
    }
}
