package dev.hourglass.core.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/// Which file of a session directory is what.
///
/// @param directory the session
public record SessionLayout(Path directory) {
    private static final Set<String> PARTS = Set.of(
            "session.duckdb",
            "session.duckdb.wal",
            ".lock",
            "metadata.json",
            "summary.json",
            "report.json",
            "report.html",
            "report.md",
            "plots",
            "engine.log",
            "csv",
            "json",
            "parquet",
            "raw");

    public Path database() {
        return directory.resolve("session.duckdb");
    }

    /// Held locked by whoever changes the session, see [WriterLock].
    Path lock() {
        return directory.resolve(".lock");
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

    /// The logs of `csv/` again, one JSON object a line.
    public Path json() {
        return directory.resolve("json");
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

    /// The steps of a run as the engine's process leaves them, until they are in the database.
    public Path stepRows() {
        return directory.resolve("engine.log.rows");
    }

    /// What was sampled beside a run, until it is in the database.
    public Path machineRows() {
        return directory.resolve("machine.rows");
    }

    /// Whether an entry of the directory with this name is part of a session.
    public boolean names(String entry) {
        return PARTS.contains(entry);
    }

    /// Whether the directory holds a session, whole or not.
    public boolean isSession() {
        return Files.isRegularFile(database());
    }
}
