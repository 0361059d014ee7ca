package dev.hourglass.app.record;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.device.collect.Paced;
import dev.hourglass.device.host.ThreadTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Collectors that are sampled at one pace on a thread of their own, so that no slow one delays the others.
final class SampledGroup implements AutoCloseable {
    private static final long PATIENCE_S = 5;

    private final Paced paced;
    private final Consumer<List<EventBatch>> keep;
    private final ScheduledExecutorService pace;
    private @Nullable Future<?> sampling;
    private long began;
    private long ended;
    private long cpuNs;
    private long samples;
    private long longestNs;

    /// @param keep takes the rows of a sample, on the group's thread
    SampledGroup(Paced paced, Consumer<List<EventBatch>> keep) {
        this.paced = paced;
        this.keep = keep;
        this.pace = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "machine-watch-" + paced.name());
            thread.setDaemon(true);
            return thread;
        });
    }

    void start() {
        began = System.nanoTime();
        long nanos = paced.pace().toNanos();
        sampling = paced.apart()
                ? pace.scheduleWithFixedDelay(this::timed, 0, nanos, TimeUnit.NANOSECONDS)
                : pace.scheduleAtFixedRate(this::timed, 0, nanos, TimeUnit.NANOSECONDS);
    }

    private void timed() {
        long from = System.nanoTime();
        sample();
        longestNs = Math.max(longestNs, System.nanoTime() - from);
        samples++;
        cpuNs = ThreadTime.cpuNs().orElse(-1);
    }

    /// Takes one sample, on the calling thread.
    void sample() {
        List<EventBatch> rows = new ArrayList<>();
        paced.collectors().forEach(collector -> collector.sample(rows::add));
        keep.accept(rows);
    }

    /// Takes a last sample and what only the end can tell. Does nothing the second time.
    ///
    /// @throws IllegalStateException if a collector failed
    void stop() throws InterruptedException {
        if (pace.isShutdown()) {
            return;
        }
        pace.shutdown();
        boolean over = pace.awaitTermination(PATIENCE_S, TimeUnit.SECONDS);
        ended = System.nanoTime();
        if (sampling != null && sampling.state() == Future.State.FAILED) {
            throw new IllegalStateException("a collector failed", sampling.exceptionNow());
        }
        if (over) {
            sample();
            List<EventBatch> rows = new ArrayList<>();
            BatchSink sink = rows::add;
            paced.collectors().forEach(collector -> collector.finish(sink));
            keep.accept(rows);
        }
    }

    /// What it took; empty where the kernel does not tell, or nothing was sampled.
    Optional<SamplerCost> cost() {
        return samples == 0 || cpuNs < 0
                ? Optional.empty()
                : Optional.of(new SamplerCost(paced.name(), cpuNs, ended - began, samples, longestNs));
    }

    @Override
    public void close() {
        pace.shutdownNow();
        paced.collectors().forEach(Collector::close);
    }
}
