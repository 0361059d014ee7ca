package dev.hourglass.device.ffi.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaPlacesTest {
    @TempDir
    private Path root;

    @Test
    void theUsersOwnChoiceComesFirst() throws IOException {
        Path toolkit = Files.createDirectories(root.resolve("cuda/lib64"));
        Path torch = Files.createDirectories(root.resolve("env/lib/python3.12/site-packages/nvidia/cu13/lib"));

        List<Path> places = CudaPlaces.of(Map.of(
                "CUDA_HOME",
                root.resolve("cuda").toString(),
                "VIRTUAL_ENV",
                root.resolve("env").toString()));

        assertThat(places).startsWith(toolkit, torch);
    }

    @Test
    void anEnvironmentIsFoundByItsPythonOnThePath() throws IOException {
        Path python = Files.createDirectories(root.resolve("bin")).resolve("python3");
        Files.writeString(python, "");
        assertThat(python.toFile().setExecutable(true)).isTrue();
        Path torch = Files.createDirectories(root.resolve("lib/python3.11/dist-packages/nvidia/cublas/lib"));

        assertThat(CudaPlaces.of(Map.of("PATH", "/nowhere:" + root.resolve("bin"))))
                .contains(torch);
    }

    @Test
    void whatIsNotThereIsAValueWithAReason() {
        assertThat(SharedLibrary.find(List.of("libnone-such.so.13"), List.of(root)))
                .isInstanceOfSatisfying(
                        SharedLibrary.Missing.class,
                        missing -> assertThat(missing.reason())
                                .isEqualTo("no libnone-such.so.13 on the system's library path nor in 1 other places"));
    }

    @Test
    void aFileThatIsNoLibraryIsToldByItsPlace() throws IOException {
        Files.writeString(root.resolve("libnone-such.so.13"), "no library");

        assertThat(SharedLibrary.find(List.of("libnone-such.so.13"), List.of(root)))
                .isInstanceOfSatisfying(
                        SharedLibrary.Missing.class,
                        missing -> assertThat(missing.reason())
                                .startsWith("cannot load " + root.resolve("libnone-such.so.13")));
    }
}
