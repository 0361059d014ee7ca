package dev.hourglass.app.record;

import dev.hourglass.app.bench.KeptCeilings;
import dev.hourglass.core.query.MetricLogs;
import dev.hourglass.core.query.Timeline;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.bench.Ceiling;
import dev.hourglass.device.bench.ReadBandwidth;
import dev.hourglass.device.host.HostInfo;
import dev.hourglass.device.host.IdleCores;
import dev.hourglass.device.llama.Activities;
import dev.hourglass.device.llama.DeviceRequest;
import dev.hourglass.device.llama.EngineLibraries;
import dev.hourglass.device.llama.EngineOutcome;
import dev.hourglass.device.llama.EngineProcess;
import dev.hourglass.device.llama.EngineRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Records one run: prepares the model, starts the engine in a process of its own, samples the
/// machine while it measures, and fills a session's database.
public final class DecodeRecorder {
    private static final int BARRIER_STEPS = 8;
    private static final Duration LOOK_AROUND = Duration.ofMillis(300);

    private final ProfileRequest request;
    private final EngineLibraries.Found libraries;
    private final Path modelCache;
    private final RunProgress progress;
    private final Optional<DeviceRecorder.Engine> device;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private volatile @Nullable EngineProcess engine;
    private volatile boolean stopped;

    /// @param libraries of the engine
    /// @param device a GPU and an engine for it, where the run uses them
    /// @param modelCache directory in which generated models are kept
    public DecodeRecorder(
            ProfileRequest request,
            EngineLibraries.Found libraries,
            Optional<DeviceRecorder.Engine> device,
            Path modelCache,
            RunProgress progress) {
        this.request = request;
        this.device = device;
        this.libraries = libraries;
        this.modelCache = modelCache;
        this.progress = progress;
    }

    /// Ends the run after the present step; what was measured until then is kept. May be called from
    /// any thread, more than once.
    public void stop() {
        stopped = true;
        EngineProcess running = engine;
        if (running != null) {
            running.stop();
        }
    }

    /// Whether [#stop()] was called.
    public boolean stopped() {
        return stopped;
    }

    /// Runs, and seals the session's database.
    ///
    /// @throws RefusedException if the request cannot be fulfilled as it stands
    public EngineOutcome record(SessionLayout session) throws IOException, InterruptedException {
        facts.put("command", request.command());
        facts.put("started_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        ModelPlan plan = new ModelPlan(request);
        plan.check();
        int threads = threads();
        Path model = plan.prepare(modelCache, progress);
        facts.putAll(plan.facts());
        runFacts(threads);
        try (TraceStore store = TraceStore.create(session.database(), BlockSize.SMALL)) {
            EngineOutcome outcome = run(model, threads, session, store);
            if (outcome instanceof EngineOutcome.Refused) {
                return outcome;
            }
            progress.phase("Writing the session");
            seal(store, session);
            DeviceRecorder.settle(session, request.device().rawKept());
            return outcome;
        }
    }

    /// Writes everything that stands on the rows. They are in the database then, and their files are removed.
    static void seal(TraceStore store, SessionLayout session) throws IOException {
        Activities.lay(DeviceRecorder.activities(session), store);
        Timeline.lay(store);
        Views.create(store);
        MetricLogs.write(store, session);
        Files.deleteIfExists(session.stepRows());
        Files.deleteIfExists(session.machineRows());
    }

    private EngineOutcome run(Path model, int threads, SessionLayout session, TraceStore store)
            throws IOException, InterruptedException {
        EngineRequest order = new EngineRequest(
                model,
                request.tokens(),
                request.warmup(),
                request.context(),
                threads,
                request.granularity(),
                request.seed(),
                BARRIER_STEPS);
        measureCeilings(threads, store);
        EngineOutcome outcome = device.isPresent() ? onDevice(order, session, store) : onCpu(order, session, store);
        HostInfo.read().write(store);
        writeFacts(store);
        writeOutcome(outcome, store);
        return outcome;
    }

    private EngineOutcome onDevice(EngineRequest order, SessionLayout session, TraceStore store) throws IOException {
        DeviceRecorder recorder = new DeviceRecorder(request.device(), device.orElseThrow(), progress, this::running);
        DeviceRequest wanted = recorder.request(order);
        facts.putAll(recorder.facts(wanted));
        writeFacts(store);
        try {
            EngineOutcome outcome = recorder.record(wanted, session, store);
            facts.putAll(recorder.told());
            return outcome;
        } finally {
            engine = null;
        }
    }

    private void running(EngineProcess process) {
        engine = process;
        if (stopped) {
            process.stop();
        }
    }

    private EngineOutcome onCpu(EngineRequest order, SessionLayout session, TraceStore store) throws IOException {
        writeFacts(store);
        EngineOutcome outcome;
        try (EngineProcess process = EngineProcess.start(order, libraries, session.engineLog());
                RunWatch watch = new RunWatch(
                        progress,
                        store,
                        session.machineRows(),
                        store::flush,
                        "Measuring, each profiled token beside an unprofiled one")) {
            running(process);
            outcome = process.run(store, watch);
            facts.putAll(watch.finish());
        } finally {
            engine = null;
        }
        return outcome;
    }

    /// The same number of threads as the engine's, before it takes memory and bandwidth.
    private void measureCeilings(int threads, BatchSink sink) throws InterruptedException {
        progress.phase(
                "Measuring how fast " + threads + (threads == 1 ? " thread reads" : " threads read") + " memory");
        List<Ceiling> measured = ReadBandwidth.measure(threads);
        measured.forEach(ceiling -> ceiling.write(sink));
        KeptCeilings.valid("cpu")
                .ifPresent(kept ->
                        kept.write(sink, measured.stream().map(Ceiling::name).toList()));
    }

    /// As many threads as the machine has cores, unless told otherwise, and one fewer beside a GPU, whose driver and
    /// recorder want one; says when they are not idle.
    private int threads() throws InterruptedException {
        IdleCores idle = IdleCores.measure(LOOK_AROUND);
        int free = device.isPresent() ? Math.max(1, idle.threads() - 1) : idle.threads();
        int threads = request.threads().orElse(free);
        if (threads > idle.logical()) {
            progress.warn(threads + " threads on " + idle.logical()
                    + " logical CPUs: they will wait for each other in every barrier, and T_token will suffer");
        } else if (idle.idle() < Math.min(threads, idle.physical())) {
            progress.warn("only " + idle.idle() + " of " + idle.physical()
                    + " cores are idle; other work on this machine will disturb the numbers");
        }
        return threads;
    }

    private void runFacts(int threads) {
        facts.put("run.tokens", String.valueOf(request.tokens()));
        facts.put("run.warmup", String.valueOf(request.warmup()));
        facts.put("run.context", String.valueOf(request.context()));
        facts.put("run.threads", String.valueOf(threads));
        facts.put(
                "run.granularity",
                device.isPresent() ? "device" : request.granularity().name().toLowerCase(Locale.ROOT));
        facts.put("run.seed", String.valueOf(request.seed()));
    }

    /// Writes what is known and was not written yet.
    private void writeFacts(BatchSink sink) {
        try (RowWriter rows = new RowWriter(Tables.METADATA, sink)) {
            facts.forEach((name, value) -> {
                rows.set("name", name).set("value", value);
                rows.end();
            });
        }
        facts.clear();
    }

    private static void writeOutcome(EngineOutcome outcome, BatchSink sink) {
        try (RowWriter rows = new RowWriter(Tables.IMPORT_STAT, sink)) {
            switch (outcome) {
                case EngineOutcome.Completed _, EngineOutcome.Refused _ -> {}
                case EngineOutcome.Stopped stop ->
                    loss(rows, "stopped", "notice", "the run was stopped after " + stop.tokens() + " profiled tokens");
                case EngineOutcome.Crashed crash ->
                    loss(
                            rows,
                            "engine_crashed",
                            "data_loss",
                            crash.how() + " after " + crash.tokens() + " profiled tokens; see engine.log");
            }
        }
    }

    static void loss(RowWriter rows, String kind, String severity, String place) {
        rows.set("source", "engine").set("kind", kind).set("severity", severity);
        rows.set("count", 1).set("place", place);
        rows.end();
    }
}
