package dev.hourglass.core.ingest;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;

/// Reads snapshots of an engine's metrics while a run is recorded, by the reader of such files, onto the run's clock.
public final class MetricSnapshots {
    private static final String FORMAT = "prometheus";
    private static final long NS_PER_S = 1_000_000_000L;

    private final TraceReader reader = ServiceLoader.load(TraceReader.class, TraceReader.class.getClassLoader()).stream()
            .map(ServiceLoader.Provider::get)
            .filter(known -> known.format().equals(FORMAT))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no reader of " + FORMAT));

    /// What came of one.
    ///
    /// @param samples rows written
    /// @param lost lines that are no sample
    public record Read(long samples, long lost) {}

    /// Writes a snapshot's samples into `metric`.
    ///
    /// @param name of where it comes from
    /// @param text of the snapshot, in UTF-8
    /// @param ts when it was taken on the trace clock; times in the text, which are of another clock, do not count
    /// @param snapshot its number among those of its source
    /// @param sourceId of its source in the session
    public Read read(String name, byte[] text, long ts, long snapshot, long sourceId, BatchSink sink)
            throws IOException {
        ImportContext context = ImportContext.standalone();
        byte[] moment = String.format(Locale.ROOT, "# scraped_at %d.%09d%n", ts / NS_PER_S, ts % NS_PER_S)
                .getBytes(StandardCharsets.UTF_8);
        byte[] whole = Arrays.copyOf(moment, moment.length + text.length);
        System.arraycopy(text, 0, whole, moment.length, text.length);
        long[] samples = {0};
        reader.read(
                new InMemory(name, whole),
                batch -> {
                    place(batch, ts, snapshot, sourceId);
                    samples[0] += batch.size();
                    sink.accept(batch);
                },
                context);
        return new Read(
                samples[0],
                context.stats().losses().stream()
                        .filter(loss -> loss.severity() == Severity.DATA_LOSS)
                        .mapToLong(loss -> loss.count())
                        .sum());
    }

    private static void place(EventBatch batch, long ts, long snapshot, long sourceId) {
        Arrays.fill(batch.longs(TraceTables.METRIC.indexOf("ts")), ts);
        Arrays.fill(batch.longs(TraceTables.METRIC.indexOf("snapshot")), snapshot);
        Arrays.fill(batch.longs(TraceTables.METRIC.indexOf("source_id")), sourceId);
    }

    private record InMemory(String name, byte[] bytes) implements Source {
        @Override
        public Head head() {
            return new Head(name, Arrays.copyOf(bytes, Math.min(bytes.length, Head.LENGTH)), List.of());
        }

        @Override
        public Path path() {
            return Path.of("");
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public Optional<Path> plainFile() {
            return Optional.empty();
        }

        @Override
        public Source resolve(String entry) {
            throw new UnsupportedOperationException(name + " is no directory");
        }
    }
}
