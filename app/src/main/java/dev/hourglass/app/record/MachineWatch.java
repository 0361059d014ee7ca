package dev.hourglass.app.record;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowSpool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Samples the machine at a fixed pace, on one thread of its own, for as long as the engine measures.
///
/// Each sample goes to a file at once, in one write, and is forgotten: a run of days takes no more memory than one of
/// seconds, and a recorder that is killed leaves what was sampled. It does not go to the database meanwhile: writing
/// there works on threads of its own, writes twice (first its log) and waits for the disk, beside the steps that are
/// being measured.
final class MachineWatch implements AutoCloseable {
    private static final long PACE_MS = 500;

    private final List<Collector> collectors;
    private final Path file;
    private final RowSpool spool;
    private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "machine-watch");
        thread.setDaemon(true);
        return thread;
    });

    private @Nullable Future<?> sampling;

    /// @param file takes what is sampled, see [RowSpool]; replaced
    /// @throws UncheckedIOException if it cannot be written
    MachineWatch(List<Collector> collectors, Path file) {
        this.collectors = List.copyOf(collectors);
        this.file = file;
        try {
            this.spool = RowSpool.create(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Keeps rows that are known before the first sample, in the same file.
    void keep(Consumer<BatchSink> rows) {
        rows.accept(spool);
        append();
    }

    /// Takes the first sample, from which the next one's differences count, and goes on.
    void start() {
        sampling = pace.scheduleAtFixedRate(this::sample, 0, PACE_MS, TimeUnit.MILLISECONDS);
    }

    /// Takes a last sample and writes what only the end can tell. Does nothing the second time.
    void stop() throws InterruptedException {
        if (pace.isShutdown()) {
            return;
        }
        pace.shutdown();
        boolean ended = pace.awaitTermination(5, TimeUnit.SECONDS);
        if (sampling != null && sampling.state() == Future.State.FAILED) {
            throw new IllegalStateException("a collector failed", sampling.exceptionNow());
        }
        if (ended) {
            sample();
            collectors.forEach(collector -> collector.finish(spool));
            append();
        }
    }

    /// Hands on everything that was sampled. The file stays until the caller has kept it.
    void read(BatchSink sink) throws IOException {
        RowSpool.read(file, sink);
    }

    @Override
    public void close() {
        pace.shutdownNow();
        collectors.forEach(Collector::close);
        try {
            spool.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Takes one sample, which is in the file when this returns.
    void sample() {
        collectors.forEach(collector -> collector.sample(spool));
        append();
    }

    private void append() {
        try {
            spool.append();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep what was sampled", e);
        }
    }
}
