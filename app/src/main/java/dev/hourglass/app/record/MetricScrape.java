package dev.hourglass.app.record;

import dev.hourglass.core.ingest.MetricSnapshots;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Scrapes engines' metrics into `metric` while they run, on the run's clock: the moment of a snapshot is the
/// middle of
/// its request. An endpoint that is not there is said in the session, and asked again at the next sample.
final class MetricScrape implements Collector {
    /// For one endpoint.
    static final Duration PATIENCE = Duration.ofSeconds(3);

    /// Sources of imports count from 1 and are fewer.
    private static final long FIRST_SOURCE = 1_000_000;

    private final List<Endpoint> endpoints = new ArrayList<>();
    private final MetricSnapshots snapshots = new MetricSnapshots();
    private final Optional<String> without;
    private final LongSupplier clock;

    private static final class Endpoint {
        private final URI address;
        private final long sourceId;
        private long snapshots;
        private long failures;
        private long samples;
        private long lost;
        private long bytes;
        private String failure = "it was never asked";

        Endpoint(URI address, long sourceId) {
            this.address = address;
            this.sourceId = sourceId;
        }
    }

    /// @param without why there is nothing to scrape of an engine that has metrics; empty where there is
    /// @param clock the trace clock in nanoseconds
    MetricScrape(List<URI> addresses, Optional<String> without, LongSupplier clock) {
        this.without = without;
        this.clock = clock;
        for (URI address : addresses) {
            endpoints.add(new Endpoint(address, FIRST_SOURCE + endpoints.size()));
        }
    }

    @Override
    public String name() {
        return "metrics";
    }

    @Override
    public Optional<String> unavailable() {
        return endpoints.isEmpty() ? Optional.of("no engine's metrics are known here") : Optional.empty();
    }

    @Override
    public void sample(BatchSink sink) {
        endpoints.forEach(endpoint -> scrape(endpoint, sink));
    }

    private void scrape(Endpoint endpoint, BatchSink sink) {
        long from = clock.getAsLong();
        try {
            byte[] text = BoundedGet.text(endpoint.address, PATIENCE);
            long ts = from + (clock.getAsLong() - from) / 2;
            MetricSnapshots.Read read =
                    snapshots.read(endpoint.address.toString(), text, ts, endpoint.snapshots, endpoint.sourceId, sink);
            endpoint.snapshots++;
            endpoint.samples += read.samples();
            endpoint.lost += read.lost();
            endpoint.bytes += text.length;
        } catch (IOException | RuntimeException e) {
            endpoint.failures++;
            endpoint.failure = String.valueOf(e.getMessage());
        }
    }

    @Override
    public void finish(BatchSink sink) {
        without.ifPresent(why -> MachineBeside.fact(sink, "scrape.0", "not measured, because " + why));
        for (Endpoint endpoint : endpoints) {
            MachineBeside.fact(sink, "scrape." + (endpoint.sourceId - FIRST_SOURCE), told(endpoint));
            if (endpoint.snapshots > 0) {
                source(endpoint, sink);
            }
            if (endpoint.lost > 0) {
                loss(endpoint, sink);
            }
        }
    }

    private static String told(Endpoint endpoint) {
        return endpoint.address + ": "
                + (endpoint.snapshots > 0
                        ? endpoint.snapshots + " snapshots, " + endpoint.failures + " without an answer"
                        : "not measured, because " + endpoint.failure + " (" + endpoint.failures + " tries)");
    }

    private static void source(Endpoint endpoint, BatchSink sink) {
        try (RowWriter rows = new RowWriter(TraceTables.SOURCE, sink)) {
            rows.set("id", endpoint.sourceId)
                    .set("name", endpoint.address.toString())
                    .set("format", "prometheus");
            rows.set("path", endpoint.address.toString()).set("size_bytes", endpoint.bytes);
            rows.set("time_base", "monotonic").set("offset_ns", 0).set("align_method", "none");
            rows.set("events", endpoint.samples).end();
        }
    }

    private static void loss(Endpoint endpoint, BatchSink sink) {
        try (RowWriter rows = new RowWriter(Tables.IMPORT_STAT, sink)) {
            rows.set("source", "scrape").set("kind", "damaged_line").set("severity", "data_loss");
            rows.set("count", endpoint.lost)
                    .set("place", endpoint.address + ": lines that are no metric")
                    .end();
        }
    }

    @Override
    public void close() {}
}
