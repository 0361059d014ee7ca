package dev.hourglass.core.file;

import java.nio.file.Path;
import java.util.Optional;

/// Where things are kept that can be made again: generated models, so that the second run begins at once, and
/// measured
/// ceilings.
public final class UserCache {
    private UserCache() {}

    /// `$XDG_CACHE_HOME/hourglass/WHAT`, or the same below `~/.cache`.
    public static Path directory(String what) {
        return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(path -> path.startsWith("/"))
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("hourglass")
                .resolve(what);
    }
}
