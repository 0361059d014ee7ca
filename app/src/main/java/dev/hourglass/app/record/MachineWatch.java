package dev.hourglass.app.record;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.EventBatch;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Samples the machine at a fixed pace, on one thread of its own, for as long as the engine measures.
///
/// A store is written by one thread, so samples are kept until the watch ends and handed on by the
/// thread that ends it.
final class MachineWatch implements AutoCloseable {
    private static final long PACE_MS = 500;

    private final List<Collector> collectors;
    private final BatchSink sink;
    private final Queue<EventBatch> samples = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "machine-watch");
        thread.setDaemon(true);
        return thread;
    });

    private @Nullable Future<?> sampling;

    /// @param sink gets everything when the watch ends
    MachineWatch(List<Collector> collectors, BatchSink sink) {
        this.collectors = List.copyOf(collectors);
        this.sink = sink;
    }

    /// Takes the first sample, from which the next one's differences count, and goes on.
    void start() {
        sampling = pace.scheduleAtFixedRate(this::sample, 0, PACE_MS, TimeUnit.MILLISECONDS);
    }

    /// Takes a last sample, writes what only the end can tell, and hands everything on. Does nothing
    /// the second time.
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
            collectors.forEach(collector -> collector.finish(samples::add));
        }
        for (EventBatch batch = samples.poll(); batch != null; batch = samples.poll()) {
            sink.accept(batch);
        }
    }

    @Override
    public void close() {
        pace.shutdownNow();
        collectors.forEach(Collector::close);
    }

    private void sample() {
        collectors.forEach(collector -> collector.sample(samples::add));
    }
}
