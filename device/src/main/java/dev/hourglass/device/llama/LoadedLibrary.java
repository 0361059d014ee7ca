package dev.hourglass.device.llama;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Which of the engine's libraries for CPUs is mapped into this process.
final class LoadedLibrary {
    private LoadedLibrary() {}

    /// @throws EngineException if none is
    static Path computing(Path directory) throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.map(line -> line.substring(Math.max(0, line.indexOf('/'))))
                    .filter(path -> path.contains("/libggml-cpu-"))
                    .map(Path::of)
                    .findFirst()
                    .orElseThrow(() -> new EngineException(
                            "the engine found no library for this CPU in " + directory + "; rebuild or reinstall"));
        }
    }
}
