package dev.hourglass.app.record;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.device.collect.Paced;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Samples the machine for as long as the engine measures: each group of collectors at its own pace, on a thread
/// of its
/// own.
///
/// Each sample goes to a file at once, in one write, and is forgotten: a run of days takes no more memory than one of
/// seconds, and a recorder that is killed leaves what was sampled. It does not go to the database meanwhile: writing
/// there works on threads of its own, writes twice (first its log) and waits for the disk, beside the steps that are
/// being measured.
final class MachineWatch implements AutoCloseable {
    private static final Duration PACE = Duration.ofMillis(500);

    private final List<SampledGroup> groups;
    private final Path file;
    private final RowSpool spool;
    private final BatchSink live;
    private boolean stopped;

    /// @param file takes what is sampled, see [RowSpool]; replaced
    /// @throws UncheckedIOException if it cannot be written
    MachineWatch(List<Collector> collectors, Path file) {
        this(List.of(usual(collectors)), file, batch -> {});
    }

    /// @param live sees every row beside the file, on the threads of the groups; keeps none of the batches
    MachineWatch(List<Paced> groups, Path file, BatchSink live) {
        this.groups = groups.stream()
                .map(paced -> new SampledGroup(paced, this::keepSample))
                .toList();
        this.file = file;
        this.live = live;
        try {
            this.spool = RowSpool.create(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Collectors of the host, at the usual pace.
    static Paced usual(List<Collector> collectors) {
        return new Paced("host", PACE, false, collectors);
    }

    /// Keeps rows that are known before the first sample, or after the last, in the same file.
    synchronized void keep(Consumer<BatchSink> rows) {
        rows.accept(spool);
        append();
    }

    private synchronized void keepSample(List<EventBatch> rows) {
        rows.forEach(live::accept);
        rows.forEach(spool::accept);
        append();
    }

    /// Takes the first sample, from which the next one's differences count, and goes on.
    void start() {
        groups.forEach(SampledGroup::start);
    }

    /// Takes a last sample and writes what only the end can tell. Does nothing the second time.
    void stop() throws InterruptedException {
        if (stopped) {
            return;
        }
        stopped = true;
        for (SampledGroup group : groups) {
            group.stop();
        }
        keep(sink -> costs().forEach(cost -> cost.write(sink)));
    }

    /// What sampling took, after the end.
    List<SamplerCost> costs() {
        return groups.stream().map(SampledGroup::cost).flatMap(Optional::stream).toList();
    }

    /// Hands on everything that was sampled. The file stays until the caller has kept it.
    void read(BatchSink sink) throws IOException {
        RowSpool.read(file, sink);
    }

    @Override
    public void close() {
        groups.forEach(SampledGroup::close);
        try {
            spool.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Takes one sample, which is in the file when this returns.
    void sample() {
        groups.forEach(SampledGroup::sample);
    }

    private void append() {
        try {
            spool.append();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep what was sampled", e);
        }
    }
}
