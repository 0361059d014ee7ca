package dev.hourglass.app.record;

import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.llama.CudaEngine;
import dev.hourglass.device.llama.DeviceRequest;
import dev.hourglass.device.llama.EngineListener;
import dev.hourglass.device.llama.EngineOutcome;
import dev.hourglass.device.llama.EngineProcess;
import dev.hourglass.device.llama.EngineRequest;
import dev.hourglass.device.llama.Observing;
import dev.hourglass.device.llama.Placement;
import dev.hourglass.device.llama.Placement.Experts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Records a run in which a GPU takes part: one process without any observer, one in which calls, copies, waits and
/// graphs are recorded, one in which every kernel is.
public final class DeviceRecorder {
    /// Of the GPU's memory, what weights may take: the rest is for the cache, buffers and the driver.
    private static final double WEIGHTS_RATIO = 0.9;

    private static final long BESIDE_WEIGHTS_BYTES = 1_500_000_000;

    private final ProfileRequest.DeviceChoice choice;
    private final Engine engine;
    private final RunProgress progress;
    private final Consumer<EngineProcess> running;
    private final Map<String, String> told = new LinkedHashMap<>();

    /// A GPU and an engine for it.
    ///
    /// @param translated directory in which the driver keeps translated code
    public record Engine(CudaEngine.Found found, Path translated) {}

    /// @param running told of each process that starts
    DeviceRecorder(
            ProfileRequest.DeviceChoice choice, Engine engine, RunProgress progress, Consumer<EngineProcess> running) {
        this.choice = choice;
        this.engine = engine;
        this.progress = progress;
        this.running = running;
    }

    /// Where processes leave what CUPTI recorded.
    static List<Path> activities(SessionLayout session) {
        return List.of(
                DeviceRequest.activities(session.engineLog()),
                DeviceRequest.activities(log(session, Observing.KERNELS)));
    }

    private static Path log(SessionLayout session, Observing observing) {
        return switch (observing) {
            case NOTHING -> session.engineLog().resolveSibling("engine.log.unobserved");
            case CALLS -> session.engineLog();
            case KERNELS -> session.engineLog().resolveSibling("engine.log.kernels");
        };
    }

    /// What is run, where.
    DeviceRequest request(EngineRequest run) throws IOException {
        CudaEngine.Found found = engine.found();
        return new DeviceRequest(run, placement(run.model()), Observing.CALLS, found.preload(), found.places());
    }

    private Placement placement(Path model) throws IOException {
        GgufHeader header = GgufHeader.read(model);
        boolean fits = header.fileBytes() + BESIDE_WEIGHTS_BYTES
                <= engine.found().gpu().memoryBytes() * WEIGHTS_RATIO;
        boolean experts = header.modelWhole("expert_count").orElse(0) > 0;
        return placement(choice, fits, experts, gpuLayers(header, fits || experts));
    }

    /// @param fits whether all weights fit into the GPU's memory
    /// @param experts whether the model has any
    /// @param gpuLayers how many layers fit, where that matters
    static Placement placement(
            ProfileRequest.DeviceChoice choice, boolean fits, boolean experts, OptionalInt gpuLayers) {
        Experts by = !experts
                ? Experts.GPU
                : switch (choice.where()) {
                    case HYBRID -> Experts.CPU_PINNED;
                    case AUTO -> fits ? Experts.GPU : Experts.CPU_PINNED;
                    case GPU, CPU -> Experts.GPU;
                };
        return new Placement(
                choice.gpu(),
                choice.gpuLayers().isPresent() ? choice.gpuLayers() : gpuLayers,
                choice.experts().orElse(by),
                choice.expertLayersOnGpu());
    }

    /// Of a dense model that is too large, as many layers as fit.
    private OptionalInt gpuLayers(GgufHeader header, boolean all) {
        if (all) {
            return OptionalInt.empty();
        }
        long layers = header.modelWhole("block_count").orElse(0);
        double room = engine.found().gpu().memoryBytes() * WEIGHTS_RATIO - BESIDE_WEIGHTS_BYTES;
        return OptionalInt.of((int) Math.clamp(Math.round(layers * room / header.fileBytes()), 0L, layers));
    }

    Map<String, String> facts(DeviceRequest request) {
        CudaEngine.Gpu gpu = engine.found().gpu();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("run.device", "gpu:" + gpu.index());
        facts.put("run.placement", request.placement().described());
        facts.put("gpu.name", gpu.name());
        facts.put("gpu.memory_bytes", String.valueOf(gpu.memoryBytes()));
        facts.put("gpu.driver_cuda", gpu.driver() / 1000 + "." + gpu.driver() % 1000 / 10);
        facts.put("engine.directory", engine.found().libraries().directory().toString());
        engine.found().notice().ifPresent(notice -> facts.put("engine.notice", notice));
        return facts;
    }

    /// What was found out on the way.
    Map<String, String> told() {
        return told;
    }

    EngineOutcome record(DeviceRequest request, SessionLayout session, TraceStore store) throws IOException {
        engine.found().notice().ifPresent(progress::warn);
        engine.found().blind().ifPresent(lack -> progress.warn("the GPU's work is not recorded: " + lack.line()));
        EngineOutcome unobserved = pass(request.observing(Observing.NOTHING), session, store);
        if (!(unobserved instanceof EngineOutcome.Completed)) {
            return unobserved;
        }
        EngineOutcome outcome = calls(request, session, store);
        if (outcome instanceof EngineOutcome.Completed && engine.found().blind().isEmpty()) {
            EngineOutcome traced = pass(request.observing(Observing.KERNELS), session, store);
            notTraced(traced).ifPresent(why -> lost(store, why));
        }
        gather(session);
        return outcome;
    }

    private EngineOutcome calls(DeviceRequest request, SessionLayout session, TraceStore store) throws IOException {
        Path log = log(session, Observing.CALLS);
        try (EngineProcess process =
                        EngineProcess.start(request, engine.found().libraries(), log, engine.translated());
                RunWatch watch =
                        new RunWatch(progress, store, session.machineRows(), store::flush, Observing.CALLS.title())) {
            running.accept(process);
            EngineOutcome outcome = process.run(store, watch);
            told.putAll(watch.finish());
            return outcome;
        }
    }

    private EngineOutcome pass(DeviceRequest request, SessionLayout session, TraceStore store) {
        Path log = log(session, request.observing());
        try (EngineProcess process =
                EngineProcess.start(request, engine.found().libraries(), log, engine.translated())) {
            running.accept(process);
            return process.run(store, new Pass(request.observing().title()));
        }
    }

    /// Tells how far a process is.
    private final class Pass implements EngineListener {
        private final String title;
        private String phase = "";

        Pass(String title) {
            this.title = title;
        }

        private void at(String next, int done, int total) {
            if (!phase.equals(next)) {
                phase = next;
                progress.phase(next);
            }
            progress.step(done, total);
        }

        @Override
        public void loading(int percent) {
            at("Loading the model onto " + engine.found().gpu().name(), percent, 100);
        }

        @Override
        public void filling(int done, int total) {
            at("Caching " + total + " tokens of context", done, total);
        }

        @Override
        public void warmingUp(int done, int total) {
            at("Warming up", done, total);
        }

        @Override
        public void measuring(int done, int total) {
            at(title, done, total);
        }
    }

    private static Optional<String> notTraced(EngineOutcome outcome) {
        return switch (outcome) {
            case EngineOutcome.Completed _, EngineOutcome.Stopped _ -> Optional.empty();
            case EngineOutcome.Refused refused -> Optional.of(refused.message());
            case EngineOutcome.Crashed crashed -> Optional.of(crashed.how());
        };
    }

    private static void lost(TraceStore store, String why) {
        try (RowWriter rows = new RowWriter(Tables.IMPORT_STAT, store)) {
            DecodeRecorder.loss(rows, "kernels_not_traced", "notice", why + "; see engine.log");
        }
    }

    /// One log, and of each process what it recorded.
    private void gather(SessionLayout session) throws IOException {
        for (Observing other : List.of(Observing.NOTHING, Observing.KERNELS)) {
            Path log = log(session, other);
            if (Files.exists(log)) {
                Files.writeString(session.engineLog(), "\n== " + other.title() + "\n", StandardOpenOption.APPEND);
                Files.write(session.engineLog(), Files.readAllBytes(log), StandardOpenOption.APPEND);
                Files.delete(log);
            }
            Files.deleteIfExists(log.resolveSibling(log.getFileName() + ".rows"));
        }
    }

    /// When everything is in the database: removes what CUPTI recorded, or keeps it as it came.
    static void settle(SessionLayout session, boolean kept) throws IOException {
        for (Path file : activities(session)) {
            if (kept && Files.exists(file)) {
                Path raw = Files.createDirectories(session.directory().resolve("raw"));
                Files.move(file, raw.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
            Files.deleteIfExists(file);
        }
    }
}
