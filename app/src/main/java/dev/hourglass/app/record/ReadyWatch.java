package dev.hourglass.app.record;

import dev.hourglass.core.read.probe.LiveTail;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.ListeningPorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Watches whether an engine ever gets ready: makes a step, takes a request, or listens on a port. One that does none
/// of
/// it for too long is told while it runs, and in the session; it is recorded on. A command that is no engine, as
/// far as
/// can be seen, is never told.
final class ReadyWatch implements Collector {
    private static final double NS_PER_S = 1e9;

    private final Supplier<Set<Long>> processes;
    private final LiveTail tail;
    private final boolean isEngine;
    private final OptionalInt port;
    private final Duration limit;
    private final Consumer<String> say;
    private final LongSupplier clock;
    private final long began;
    private String ready = "";
    private long readyAt;
    private boolean told;

    /// What is watched.
    ///
    /// @param processes of the command, asked at each sample
    /// @param records directory that takes what the probe writes
    /// @param isEngine whether the command line is that of an engine; else one is where the probe hooked something
    /// @param port on which it will listen; empty where that is not known: then any counts that somebody chose, for
    ///     engines open ports for their own processes long before they are ready
    record Watched(Supplier<Set<Long>> processes, Path records, boolean isEngine, OptionalInt port) {}

    /// @param limit from which one that is not ready is told
    /// @param say told once, in a line
    /// @param clock the trace clock in nanoseconds
    ReadyWatch(Watched watched, Duration limit, Consumer<String> say, LongSupplier clock) {
        this.processes = watched.processes;
        this.tail = new LiveTail(watched.records);
        this.isEngine = watched.isEngine;
        this.port = watched.port;
        this.limit = limit;
        this.say = say;
        this.clock = clock;
        this.began = clock.getAsLong();
    }

    @Override
    public String name() {
        return "ready";
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }

    @Override
    public void sample(BatchSink sink) {
        if (!ready.isEmpty()) {
            return;
        }
        look();
        if (ready.isEmpty() && !told && isEngine() && clock.getAsLong() - began >= limit.toNanos()) {
            told = true;
            say.accept(notReady());
        }
    }

    private boolean isEngine() {
        return isEngine || tail.isProbed();
    }

    private String notReady() {
        return "the engine has made no step, taken no request and opened no port within " + seconds(limit.toNanos())
                + " s of its start; it is recorded on (--ready-timeout)";
    }

    private void look() {
        tail.poll(new Moments());
        if (ready.isEmpty()) {
            KernelFiles files = KernelFiles.system();
            ListeningPorts.of(files, processes.get()).stream()
                    .filter(open ->
                            port.isPresent() ? open == port.getAsInt() : !ListeningPorts.isAnybodys(files, open))
                    .findFirst()
                    .ifPresent(open -> ready("listens on port " + open));
        }
    }

    private void ready(String how) {
        if (ready.isEmpty()) {
            ready = how;
            readyAt = clock.getAsLong();
        }
    }

    private static String seconds(long ns) {
        return String.valueOf(Math.round(ns / NS_PER_S));
    }

    /// The first moment of any kind.
    private final class Moments implements LiveTail.Listener {
        @Override
        public void step(LiveTail.Step step) {
            if (!step.phase().equals("dummy")) {
                ready("made a step");
            }
        }

        @Override
        public void forward(String phase, double seconds) {}

        @Override
        public void device(String phase, double seconds) {}

        @Override
        public void state(LiveTail.State state) {}

        @Override
        public void request(String event) {
            ready("took a request");
        }
    }

    @Override
    public void finish(BatchSink sink) {
        if (!isEngine()) {
            return;
        }
        if (!ready.isEmpty()) {
            MachineBeside.fact(sink, "engine.ready", ready + " " + seconds(readyAt - began) + " s after its start");
        } else if (told) {
            try (RowWriter rows = new RowWriter(Tables.IMPORT_STAT, sink)) {
                rows.set("source", "engine")
                        .set("kind", "never_ready")
                        .set("severity", "notice")
                        .set("count", 1);
                rows.set(
                        "place",
                        "no step, no request and no listening port within " + seconds(limit.toNanos())
                                + " s of the start, nor until the end, " + seconds(clock.getAsLong() - began)
                                + " s after it: see the engine's own output for what it waited for");
                rows.end();
            }
        } else {
            MachineBeside.fact(
                    sink, "engine.ready", "not within the " + seconds(clock.getAsLong() - began) + " s recorded");
        }
    }

    @Override
    public void close() {}
}
