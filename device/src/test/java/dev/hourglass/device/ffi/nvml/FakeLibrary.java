package dev.hourglass.device.ffi.nvml;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Makes a library of `fake_nvml.c`, where there is a C compiler.
final class FakeLibrary {
    private FakeLibrary() {}

    /// @return whether there is a compiler
    static boolean compile(Path library) throws IOException, InterruptedException {
        boolean there = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve("cc")));
        if (!there) {
            return false;
        }
        Path source = library.resolveSibling("fake_nvml.c");
        try (InputStream in = FakeLibrary.class.getResourceAsStream("/nvml/fake_nvml.c")) {
            Files.write(source, in.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of("cc", "-shared", "-fPIC", "-o", library.toString()));
        command.add(source.toString());
        int code = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (code != 0) {
            throw new IllegalStateException("the compiler refused fake_nvml.c: " + code);
        }
        return true;
    }
}
