package dev.hourglass.app.cli;

import java.nio.file.Path;
import java.util.Optional;

/// Where generated models are kept, so that the second run begins at once.
final class ModelCache {
    private ModelCache() {}

    /// `$XDG_CACHE_HOME/hourglass/models`, or the same below `~/.cache`.
    static Path directory() {
        return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(path -> path.startsWith("/"))
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("hourglass/models");
    }
}
