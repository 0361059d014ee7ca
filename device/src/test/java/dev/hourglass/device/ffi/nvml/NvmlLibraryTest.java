package dev.hourglass.device.ffi.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same contract through the linker, on a library that a C compiler made.
class NvmlLibraryTest extends NvmlContract {
    @TempDir
    private static Path directory;

    private static Path library;

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        library = directory.resolve("libnvidia-ml.so.1");
        assumeTrue(FakeLibrary.compile(library), "no C compiler (cc) on the PATH");
    }

    @Override
    NvmlCalls library() {
        return ((NvmlLibrary.Opened) NvmlLibrary.open(library.toString())).calls();
    }

    @Test
    void aSymbolThatIsNotExportedIsACode() {
        assertThat(library().call(NvmlFunction.THROTTLE_REASONS, null, null)).isEqualTo(NvmlCalls.FUNCTION_NOT_FOUND);
    }

    @Test
    void aFileThatIsNoLibraryIsAReason() throws IOException {
        Path broken = Files.writeString(directory.resolve("broken.so"), "no library");

        assertThat(NvmlLibrary.open(broken.toString()))
                .isEqualTo(new NvmlLibrary.Absent(
                        broken + " cannot be loaded: damaged, or made for another system"));
    }

    @Test
    void aFileThatIsNotThereIsAReason() {
        assertThat(NvmlLibrary.open("/nowhere/libnvidia-ml.so.1"))
                .isEqualTo(new NvmlLibrary.Absent("/nowhere/libnvidia-ml.so.1 is not there"));
    }
}
