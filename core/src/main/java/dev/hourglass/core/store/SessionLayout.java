package dev.hourglass.core.store;

import java.nio.file.Files;
import java.nio.file.Path;

/// Which file of a session directory is what.
///
/// @param directory the session
public record SessionLayout(Path directory) {

    public Path database() {
        return directory.resolve("session.duckdb");
    }

    /// Command, engine, host, what was captured, what was not and why. Written last: its presence
    /// says that the session is whole.
    public Path metadata() {
        return directory.resolve("metadata.json");
    }

    public Path summary() {
        return directory.resolve("summary.json");
    }

    public Path csv() {
        return directory.resolve("csv");
    }

    public Path reportHtml() {
        return directory.resolve("report.html");
    }

    public Path reportMarkdown() {
        return directory.resolve("report.md");
    }

    public Path reportJson() {
        return directory.resolve("report.json");
    }

    public Path engineLog() {
        return directory.resolve("engine.log");
    }

    /// Whether the directory holds a session, whole or not.
    public boolean isSession() {
        return Files.isRegularFile(database());
    }
}
