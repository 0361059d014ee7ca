package dev.hourglass.core.store;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.Owner;
import dev.hourglass.core.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;

/// Which file of a session directory is what.
///
/// @param directory the session
public record SessionLayout(Path directory) {
    private static final String CHANGING = ".session.duckdb.";
    private static final Set<String> PARTS = Set.of(
            "session.duckdb",
            "session.duckdb.wal",
            "session.duckdb.tmp",
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

    /// What stands beside the engine's log until it is in the database begins with its name.
    private boolean isBesideLog(String entry) {
        return entry.startsWith(engineLog().getFileName() + ".");
    }

    /// What was sampled beside a run, until it is in the database.
    public Path machineRows() {
        return directory.resolve("machine.rows");
    }

    /// What processes of a recorded command write down themselves, until it is in the database.
    public Path probe() {
        return directory.resolve("probe");
    }

    /// Whether a name is that of something that was left by a change, or by a reader that is no more.
    public static boolean isLeftOfChange(String entry) {
        return entry.startsWith(CHANGING) && (!SpillDirectory.isReaders(entry) || SpillDirectory.isDead(entry));
    }

    /// Whether an entry of the directory with this name is part of a session, or was left of one by a process that
    /// was killed.
    public boolean names(String entry) {
        return PARTS.contains(entry)
                || entry.startsWith(CHANGING)
                || isBesideLog(entry)
                || entry.equals(String.valueOf(machineRows().getFileName()))
                || entry.equals(String.valueOf(probe().getFileName()))
                || WholeFile.isPart(entry);
    }

    /// Where a change of the session is made before it takes the database's place; to be removed by who holds the
    /// session's lock.
    public Path changing() {
        return directory.resolve(CHANGING + Owner.present());
    }

    /// Whether the directory holds a session, whole or not. Where a process was killed that replaced it by another,
    /// this is finished first.
    public boolean isSession() {
        if (!Files.exists(directory)) {
            try {
                Swap.finish(directory.toAbsolutePath().normalize());
            } catch (IOException e) {
                return false; // what cannot be moved cannot be read either
            }
        }
        return FileTree.isThere(database()) && !Files.isDirectory(database());
    }

    /// A session that was received may hold links to whatever its maker wants to be read or overwritten. It holds
    /// none of its own.
    ///
    /// @throws RefusedException if it holds one
    public void refuseLinks() {
        try {
            for (Path entry : FileTree.entries(directory, this::names)) {
                refuse(entry);
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    for (Path inner : FileTree.entries(entry, name -> true)) {
                        refuse(inner);
                    }
                }
            }
        } catch (IOException e) {
            throw new RefusedException("cannot read " + directory + " (" + e.getMessage() + ")");
        }
    }

    private static void refuse(Path entry) {
        if (Files.isSymbolicLink(entry)) {
            throw new RefusedException(
                    entry + " is a link; a session holds its files itself: remove it, or put a copy of the file there");
        }
    }
}
