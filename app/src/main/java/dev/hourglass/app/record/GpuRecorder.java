package dev.hourglass.app.record;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.device.collect.GpuSampling;
import dev.hourglass.device.collect.Paced;
import dev.hourglass.device.host.HostInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Records what the GPUs of this machine do, whoever uses them.
public final class GpuRecorder implements AutoCloseable {
    private final GpuSampling sampling;
    private final String typed;
    private final CountDownLatch over = new CountDownLatch(1);
    private List<SamplerCost> costs = List.of();

    /// @param typed the command line, for the session
    public GpuRecorder(GpuSampling.Wishes wishes, String typed) {
        this.sampling = GpuSampling.open(wishes, Set::of);
        this.typed = typed;
    }

    /// Why nothing can be recorded, in a line; empty where it can.
    public Optional<String> unavailable() {
        return sampling.unavailable().map(why -> why + "; " + sampling.remedy().orElse(""));
    }

    /// The driver's numbers of all GPUs.
    public List<Integer> numbers() {
        return sampling.numbers();
    }

    /// What is known of the GPUs, as it will stand in the session.
    public Map<String, String> facts() {
        return sampling.facts();
    }

    /// What is recorded, as it is called in `hw_sample`.
    public List<String> labels() {
        return sampling.labels();
    }

    /// Ends the recording. May be called from any thread, more than once.
    public void stop() {
        over.countDown();
    }

    /// Something that is shown meanwhile.
    public interface Shown {
        /// Called some times a second, and for the last time at the end.
        void draw();
    }

    /// Samples until the time is over, or somebody stops it, and makes a session of it.
    ///
    /// @param live sees every row as it is sampled
    public void record(SessionLayout session, Optional<Duration> duration, BatchSink live, Shown shown)
            throws IOException, InterruptedException {
        Files.createDirectories(session.probe());
        List<Paced> groups = new ArrayList<>(sampling.collectors());
        try (MachineWatch watch = new MachineWatch(groups, session.machineRows(), live)) {
            watch.keep(this::describe);
            watch.start();
            await(duration, shown);
            watch.stop();
            costs = watch.costs();
        }
        shown.draw();
        CommandSession.complete(session, sink -> {});
    }

    private void await(Optional<Duration> duration, Shown shown) throws InterruptedException {
        long end = duration.map(length -> System.nanoTime() + length.toNanos()).orElse(Long.MAX_VALUE);
        Duration redraw = Duration.ofMillis(500);
        while (true) {
            long left = end == Long.MAX_VALUE ? redraw.toNanos() : Math.min(redraw.toNanos(), end - System.nanoTime());
            if (left <= 0 || over.await(left, TimeUnit.NANOSECONDS)) {
                return;
            }
            shown.draw();
        }
    }

    private void describe(BatchSink sink) {
        MachineBeside.fact(sink, "command", typed);
        MachineBeside.fact(
                sink, "started_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        HostInfo.read().write(sink);
        sampling.write(sink);
    }

    /// What sampling took, after the end.
    public List<SamplerCost> costs() {
        return costs;
    }

    @Override
    public void close() {
        sampling.close();
    }
}
