package dev.hourglass.app.record;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.collect.CoreCollector;
import dev.hourglass.device.collect.ProcessCollector;
import dev.hourglass.device.collect.ThreadCollector;
import dev.hourglass.device.host.HostInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// The machine and some processes on it, sampled for as long as something lasts.
final class MachineBeside {
    private MachineBeside() {}

    /// What lasts.
    interface Waiting<T> {
        T await() throws InterruptedException;
    }

    /// @param processes whose threads and memory are sampled, asked at each sample
    /// @param typed the command line, for the session
    /// @param session takes the samples, in files
    static <T> T sample(Supplier<Set<Long>> processes, String typed, SessionLayout session, Waiting<T> waiting)
            throws IOException, InterruptedException {
        Files.createDirectories(session.probe());
        List<Collector> collectors =
                List.of(new CoreCollector(), new ThreadCollector(processes), new ProcessCollector(processes));
        try (MachineWatch watch = new MachineWatch(collectors, session.machineRows())) {
            watch.keep(sink -> describe(sink, typed));
            watch.start();
            T result = waiting.await();
            watch.stop();
            return result;
        }
    }

    private static void describe(BatchSink sink, String typed) {
        fact(sink, "command", typed);
        fact(sink, "started_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        HostInfo.read().write(sink);
    }

    static void fact(BatchSink sink, String name, String value) {
        try (RowWriter rows = new RowWriter(Tables.METADATA, sink)) {
            rows.set("name", name).set("value", value).end();
        }
    }
}
