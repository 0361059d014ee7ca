package dev.hourglass.app.cli;

import dev.hourglass.app.record.RunProgress;
import java.io.PrintStream;
import java.util.Locale;

/// Shows on standard error how a run goes on: one line that is rewritten on a terminal, a line per
/// phase elsewhere.
final class Console implements RunProgress {
    private static final long REDRAW_NS = 100_000_000L;
    private static final int BAR = 24;

    private final PrintStream out;
    private final boolean terminal;
    private String title = "";
    private long began;
    private long drawn;

    private Console(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /// On standard error; the launcher has seen whether that is a terminal.
    static Console standardError() {
        return new Console(Output.drawing(), Boolean.getBoolean("hourglass.terminal"));
    }

    static Console of(PrintStream out, boolean terminal) {
        return new Console(out, terminal);
    }

    @Override
    public void phase(String next) {
        finished();
        title = Terminal.plain(next);
        began = System.nanoTime();
        drawn = 0;
        if (terminal) {
            out.print("  " + title + " …");
            out.flush();
        } else {
            out.println("hourglass: " + title);
            out.flush();
        }
    }

    @Override
    public void step(long done, long total) {
        long now = System.nanoTime();
        if (!terminal || total <= 0 || (now - drawn < REDRAW_NS && done < total)) {
            return;
        }
        drawn = now;
        int filled = (int) (BAR * Math.min(done, total) / total);
        out.printf(
                Locale.ROOT,
                "\r\u001b[2K  %s  %s%s %3d %%",
                title,
                "━".repeat(filled),
                "─".repeat(BAR - filled),
                100 * done / total);
        out.flush();
    }

    @Override
    public void warn(String message) {
        if (terminal) {
            out.print("\r\u001b[2K");
        }
        out.println("hourglass: warning: " + Terminal.plain(message));
        out.flush();
    }

    @Override
    public void finished() {
        if (!title.isEmpty() && terminal) {
            out.printf(Locale.ROOT, "\r\u001b[2K  %s  %.1f s%n", title, (System.nanoTime() - began) / 1e9);
            out.flush();
        }
        title = "";
    }
}
