package dev.hourglass.app.record;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.collect.CoreCollector;
import dev.hourglass.device.collect.GpuSampling;
import dev.hourglass.device.collect.Paced;
import dev.hourglass.device.collect.ProcessCollector;
import dev.hourglass.device.collect.ThreadCollector;
import dev.hourglass.device.host.HostInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// The machine, its GPUs and some processes on it, sampled for as long as something lasts.
///
/// @param processes whose threads and memory are sampled, asked at each sample on several threads
/// @param typed the command line, for the session
/// @param gpus which are sampled, and how they are called
/// @param more what else is sampled
/// @param live sees every row as it is sampled
record MachineBeside(
        Supplier<Set<Long>> processes, String typed, GpuSampling.Wishes gpus, List<Paced> more, BatchSink live) {
    /// What lasts.
    interface Waiting<T> {
        T await() throws InterruptedException;
    }

    /// What came of it, and what sampling took.
    record Sampled<T>(T result, List<SamplerCost> costs) {}

    MachineBeside {
        more = List.copyOf(more);
    }

    /// @param session takes the samples, in files
    <T> Sampled<T> sample(SessionLayout session, Waiting<T> waiting) throws IOException, InterruptedException {
        Files.createDirectories(session.probe());
        try (GpuSampling sampling = GpuSampling.open(gpus, processes)) {
            List<Paced> groups = new ArrayList<>(List.of(MachineWatch.usual(host())));
            groups.addAll(sampling.collectors());
            groups.addAll(more);
            try (MachineWatch watch = new MachineWatch(groups, session.machineRows(), live)) {
                watch.keep(sink -> describe(sink, sampling));
                watch.start();
                T result = waiting.await();
                watch.stop();
                return new Sampled<>(result, watch.costs());
            }
        }
    }

    private List<Collector> host() {
        return List.of(new CoreCollector(), new ThreadCollector(processes), new ProcessCollector(processes));
    }

    private void describe(BatchSink sink, GpuSampling sampling) {
        fact(sink, "command", typed);
        fact(sink, "started_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        HostInfo.read().write(sink);
        sampling.write(sink);
    }

    static void fact(BatchSink sink, String name, String value) {
        try (RowWriter rows = new RowWriter(Tables.METADATA, sink)) {
            rows.set("name", name).set("value", value).end();
        }
    }
}
