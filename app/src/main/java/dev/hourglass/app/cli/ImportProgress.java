package dev.hourglass.app.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/// Shows on a terminal how an import goes on.
final class ImportProgress {
    private static final long REDRAW_MS = 200;

    private final long began;
    private final boolean terminal = Boolean.getBoolean("hourglass.terminal");
    private final PrintStream out = Output.drawing();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean stopped;

    private ImportProgress(long began) {
        this.began = began;
    }

    static ImportProgress start(long began) {
        ImportProgress progress = new ImportProgress(began);
        if (progress.terminal) {
            Thread.ofPlatform().daemon().name("progress").start(progress::draw);
        }
        return progress;
    }

    void add(long more) {
        bytes.addAndGet(more);
    }

    long bytes() {
        return bytes.get();
    }

    void stop() {
        stopped = true;
        if (terminal) {
            out.print("\r\u001b[2K");
            out.flush();
        }
    }

    private void draw() {
        try {
            while (!stopped) {
                Thread.sleep(REDRAW_MS);
                double seconds = (System.nanoTime() - began) / 1e9;
                if (!stopped) {
                    out.printf(
                            Locale.ROOT,
                            "\r\u001b[2K  %.0f MB read, %.0f MB/s",
                            bytes.get() / 1e6,
                            bytes.get() / 1e6 / seconds);
                    out.flush();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
