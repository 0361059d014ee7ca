package dev.hourglass.core.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/// What must not outlive this process although it is not whole yet: removed when the process is asked to end
/// (Ctrl-C, a request to terminate). What a process leaves that is killed, the next one removes.
public final class Leftovers {
    /// What is written by threads that still run while the process ends appears again.
    private static final int ATTEMPTS = 3;

    private static final Deque<Path> PATHS = new ArrayDeque<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::remove, "leftovers"));
    }

    private Leftovers() {}

    /// Moves of files that belong together.
    public interface Work {
        void run() throws IOException;
    }

    /// Begins to care for a file or directory.
    public static void add(Path path) {
        synchronized (PATHS) {
            PATHS.push(path.toAbsolutePath());
        }
    }

    /// Cares for it no more, because it is gone or shall stay. From here on nothing of it is removed.
    public static void done(Path path) {
        synchronized (PATHS) {
            PATHS.remove(path.toAbsolutePath());
        }
    }

    /// Does what must not be cut short by a request to end: the process waits for it.
    public static void whole(Work work) throws IOException {
        synchronized (PATHS) {
            work.run();
        }
    }

    /// Holds the monitor to the end: nobody takes out of it what is half removed.
    private static void remove() {
        synchronized (PATHS) {
            for (int i = 0; i < ATTEMPTS; i++) {
                PATHS.forEach(Leftovers::attempt);
            }
        }
    }

    private static void attempt(Path path) {
        try {
            FileTree.delete(path);
        } catch (IOException e) {
            return; // the next attempt, or the next process that writes there, removes it
        }
    }
}
