package dev.hourglass.app.cli;

import java.nio.file.Path;

/// The image that this program runs from.
final class Home {
    private Home() {}

    /// The image's directory, as the launcher says.
    static Path directory() {
        return Path.of(System.getProperty("hourglass.home", "."));
    }

    /// Directory of the embedded engine's shared libraries.
    static Path engine() {
        return directory().resolve("engine");
    }

    /// Directory of the probe that Python engines load.
    static Path probe() {
        return directory().resolve("probe");
    }
}
