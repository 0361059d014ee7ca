package dev.hourglass.device.llama;

import dev.hourglass.device.ffi.llama.Llama;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Collectors;

/// The library's log: all but debug lines go to the process's error stream, which is the log file;
/// the last errors are kept for the message with which the run ends.
final class EngineLog implements Llama.Log {
    private static final int DEBUG = 1;
    private static final int ERROR = 4;
    private static final int CONTINUED = 5;
    private static final int KEPT = 3;

    private final FileOutputStream file = new FileOutputStream(FileDescriptor.err);
    private final Deque<String> errors = new ArrayDeque<>();
    private int level;
    private boolean deaf;

    @Override
    public synchronized void line(int lineLevel, String text) {
        level = lineLevel == CONTINUED ? level : lineLevel;
        if (deaf || level == DEBUG) {
            return;
        }
        if (level == ERROR && !text.isBlank()) {
            errors.add(text.strip());
            if (errors.size() > KEPT) {
                errors.remove();
            }
        }
        try {
            file.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The log is a convenience; a full disk must not end the run.
            level = DEBUG;
        }
    }

    /// Runs a task of which nothing is logged.
    void silently(Runnable task) {
        deaf(true);
        try {
            task.run();
        } finally {
            deaf(false);
        }
    }

    /// A line of our own.
    void note(String text) {
        line(2, text + "\n");
    }

    private synchronized void deaf(boolean now) {
        deaf = now;
    }

    /// The last errors in one line, the first one first; empty if there was none.
    synchronized String lastErrors() {
        return errors.stream().distinct().collect(Collectors.joining("; "));
    }
}
