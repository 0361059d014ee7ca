package dev.hourglass.device.bench.process;

import dev.hourglass.core.trace.BatchSink;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Benchmarks in a process of their own, which ends when this one does.
public final class BenchProcess implements AutoCloseable {
    private static final int SIGNALLED = 128;

    private final Process process;
    private final Path log;
    private final OutputStream commands;

    private BenchProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.commands = process.getOutputStream();
    }

    /// Hears how far it is.
    public interface Progress {
        /// @param what is done now
        /// @param done of all
        /// @param millis left at most
        void heard(String what, int done, int of, long millis);
    }

    /// Starts it with its job.
    public static BenchProcess start(BenchJob job) throws IOException {
        Path log = Files.createTempFile("hourglass-bench", ".log");
        Process process = new ProcessBuilder(BenchCommand.of())
                .redirectError(ProcessBuilder.Redirect.to(log.toFile()))
                .start();
        BenchProcess bench = new BenchProcess(process, log);
        DataOutputStream out = new DataOutputStream(bench.commands);
        try {
            job.write(out);
            out.flush();
        } catch (IOException e) {
            // It has ended already; run() tells how.
            return bench;
        }
        return bench;
    }

    /// Runs until it ends. Rows come as they are measured, on this thread.
    public BenchOutcome run(BatchSink sink, Progress progress) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
            return BenchPipe.read(in, sink, progress);
        } catch (EOFException e) {
            return crashed();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Asks it to finish with what it has.
    public void stop() {
        synchronized (commands) {
            try {
                commands.write('\n');
                commands.flush();
            } catch (IOException e) {
                // It has ended.
                return;
            }
        }
    }

    private BenchOutcome crashed() {
        try {
            int status = process.waitFor();
            String how = status > SIGNALLED
                    ? "the process that measures was ended by signal " + (status - SIGNALLED)
                    : "the process that measures ended with exit code " + status;
            List<String> said = Files.readAllLines(log).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
            return new BenchOutcome.Crashed(said.isEmpty() ? how : how + ": " + said.getFirst());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new BenchOutcome.Crashed("interrupted while the process that measures ended");
        } catch (IOException e) {
            return new BenchOutcome.Crashed("the process that measures ended, and its log cannot be read");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            Files.deleteIfExists(log);
        } catch (IOException e) {
            // The system removes it with its other temporary files.
            return;
        }
    }
}
