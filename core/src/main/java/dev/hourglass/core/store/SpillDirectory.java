package dev.hourglass.core.store;

import dev.hourglass.core.file.Owner;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/// Where the database engine puts what does not fit into memory: hidden beside the database, under a name of
/// its own for each engine, which tells whose it is. It is there only while it is needed, unless its process
/// was killed.
final class SpillDirectory {
    private static final String SPILL = ".spill-";
    private static final AtomicLong NUMBER = new AtomicLong();

    private SpillDirectory() {}

    static Path beside(Path database) {
        String name = String.valueOf(database.getFileName());
        return database.resolveSibling(
                (name.startsWith(".") ? name : "." + name) + SPILL + Owner.present() + "-" + NUMBER.incrementAndGet());
    }

    /// Whether a name is that of one beside a session's database itself, and not beside a copy of it.
    static boolean isReaders(String name) {
        return name.startsWith(".session.duckdb" + SPILL);
    }

    /// Whether a file's name is that of one whose process is no more.
    static boolean isDead(String name) {
        int at = name.lastIndexOf(SPILL);
        return at >= 0 && Owner.isDead(name.substring(at + SPILL.length()));
    }
}
