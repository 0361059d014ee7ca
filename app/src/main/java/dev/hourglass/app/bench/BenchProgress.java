package dev.hourglass.app.bench;

import dev.hourglass.core.text.Escape;
import dev.hourglass.device.bench.process.BenchProcess;
import java.io.PrintStream;
import java.util.Locale;

/// Shows on a terminal how far benchmarks are, and how long they take at most.
public final class BenchProgress implements BenchProcess.Progress, AutoCloseable {
    private static final double SECOND_MS = 1e3;

    private final String device;
    private final boolean terminal = Boolean.getBoolean("hourglass.terminal");
    private final PrintStream out;

    /// @param out who moves the cursor
    public BenchProgress(String device, PrintStream out) {
        this.device = device;
        this.out = out;
    }

    @Override
    public void heard(String what, int done, int of, long millis) {
        if (terminal) {
            out.printf(
                    Locale.ROOT,
                    "\r\u001b[2K  %s: %s, %d of %d%s",
                    device,
                    Escape.plain(what),
                    done,
                    of,
                    millis > 0 ? String.format(Locale.ROOT, ", at most %.0f s left", millis / SECOND_MS) : "");
            out.flush();
        }
    }

    @Override
    public void close() {
        if (terminal) {
            out.print("\r\u001b[2K");
            out.flush();
        }
    }
}
