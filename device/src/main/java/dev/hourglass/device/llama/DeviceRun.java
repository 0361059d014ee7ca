package dev.hourglass.device.llama;

import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.ffi.library.SharedLibrary;
import dev.hourglass.device.ffi.llama.Llama;
import dev.hourglass.device.ffi.llama.LlamaContext;
import dev.hourglass.device.ffi.llama.LlamaException;
import dev.hourglass.device.ffi.llama.LlamaModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A run that uses a GPU, inside the engine's process. CUPTI comes before the engine; rows and records are written
/// down when all steps are over.
final class DeviceRun {
    private static final int BATCH = 256;
    private static final int MAX_REPEATS = 64;
    private static final long REPORT_NS = 200_000_000;
    private static final long COMPILERS_NS = 1_000_000_000;
    /// Every kernel of so many tokens tells enough.
    private static final int MOST_TRACED = 16;

    /// How the table of observed steps names them.
    private static final String ASKED = "questions";

    private static final String BESIDE = "beside questions";

    private static final String TRACED = "kernels";

    private final DeviceRequest request;
    private final EngineLibraries.Found libraries;
    private final EngineCommands commands;
    private final EngineLog log;
    private final EnginePipe pipe;
    private final Observing observing;
    private long reported;

    DeviceRun(
            DeviceRequest request,
            EngineLibraries.Found libraries,
            EngineCommands commands,
            EngineLog log,
            EnginePipe pipe) {
        this.request = request;
        this.libraries = libraries;
        this.commands = commands;
        this.log = log;
        this.pipe = pipe;
        this.observing = request.observing();
    }

    Message run(Path spool, Path activities) throws IOException {
        GgufHeader header = GgufHeader.read(request.run().model());
        pipe.send(new Message.Progress(Message.Phase.LOADING, 0, 100));
        request.preload().forEach(DeviceRun::preload);
        Optional<ActivityTap> tap = ActivityTap.open(observing, request.places(), activities);
        Llama llama = Llama.load(libraries.base(), libraries.ggml(), libraries.llama(), libraries.directory(), log);
        LlamaModel model = load(llama, header);
        if (commands.stopped()) {
            return new Message.Finished(true);
        }
        if (!model.decodes()) {
            throw new EngineException(request.run().model() + ": a model of architecture " + header.architecture()
                    + " does not generate text token by token, so it has no decode phase to profile");
        }
        return measured(llama, model, header, tap, spool);
    }

    private Message measured(Llama llama, LlamaModel model, GgufHeader header, Optional<ActivityTap> tap, Path spool)
            throws IOException {
        SplitRecorder recorder = new SplitRecorder(System::nanoTime, llama.tensors(), WeightCosts.of(header));
        Set<Integer> before = ThreadIds.all();
        EngineRequest run = request.run();
        LlamaContext context = model.quietContext(run.cacheTokens(), BATCH, run.threads(), recorder);
        List<Integer> threads = ThreadIds.computing(before);
        Path library = LoadedLibrary.computing(libraries.directory());
        pipe.send(new Message.Ready(ProcessHandle.current().pid(), threads, llama.version(), library.toString()));
        if (observing == Observing.CALLS) {
            new ModelFacts(header, run, Optional.of(request.placement())).write(pipe, llama, library);
            facts(tap);
        }
        TokenLoop loop =
                new TokenLoop(context, model.scheduler(context), recorder, new Sampler(run.seed()), System::nanoTime);
        boolean whole;
        try (RowSpool rows = RowSpool.create(spool);
                DeviceLog steps = new DeviceLog(rows)) {
            whole = measure(loop, steps, tap);
        }
        return new Message.Finished(!whole);
    }

    private static void preload(Path library) {
        if (SharedLibrary.find(List.of(library.toString()), List.of()) instanceof SharedLibrary.Missing none) {
            throw new EngineException(none.reason());
        }
    }

    private void facts(Optional<ActivityTap> tap) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("engine.pid", String.valueOf(ProcessHandle.current().pid()));
        facts.put("engine.decode_thread", String.valueOf(ThreadIds.own()));
        tap.ifPresent(cupti -> facts.put("engine.activities", cupti.described()));
        try (RowWriter out = new RowWriter(Tables.METADATA, pipe)) {
            facts.forEach(
                    (name, value) -> out.set("name", name).set("value", value).end());
        }
        if (tap.isEmpty()) {
            blind();
        }
    }

    private void blind() {
        try (RowWriter out = new RowWriter(Tables.NOT_MEASURED, pipe)) {
            for (Component part : List.of(
                    Component.T_PCIE_TRANSFER,
                    Component.T_GPU_KERNEL_LAUNCH,
                    Component.T_GPU_COMPUTATION,
                    Component.T_SYNC,
                    Component.T_SCHEDULING,
                    Component.SAMPLING)) {
                out.set("item", part.key())
                        .set("status", "not_measured")
                        .set("reason", "no CUPTI was found, so nothing recorded the GPU")
                        .set("how_to_record", "pip install nvidia-cuda-cupti, or name its directory in LD_LIBRARY_PATH")
                        .end();
            }
        }
    }

    private LlamaModel load(Llama llama, GgufHeader header) {
        int layers = (int) header.modelWhole("block_count").orElse(0);
        try {
            return llama.model(request.run().model(), request.placement().offload(layers), share -> {
                report(Message.Phase.LOADING, (int) (share * 100), 100);
                return !commands.stopped();
            });
        } catch (LlamaException e) {
            if (commands.stopped()) {
                pipe.send(new Message.Finished(true));
                Runtime.getRuntime().halt(0);
            }
            throw e;
        }
    }

    /// @return whether all steps were done
    private boolean measure(TokenLoop loop, DeviceLog steps, Optional<ActivityTap> tap) throws IOException {
        if (!fill(loop) || !warmUp(loop)) {
            return false;
        }
        loop.rewind(request.run().context());
        Compilers.await(COMPILERS_NS);
        Compilers.setAside();
        if (tap.isPresent()) {
            tap.orElseThrow().keep();
        }
        int wanted = observing == Observing.KERNELS
                ? Math.min(MOST_TRACED, request.run().tokens())
                : request.run().tokens();
        pipe.send(new Message.Progress(Message.Phase.MEASURING_STARTS, 0, wanted));
        int done = repeated(wanted, at -> one(loop, steps, tap, at));
        pipe.send(new Message.Progress(Message.Phase.MEASURING_ENDED, done, wanted));
        if (tap.isPresent()) {
            tap.orElseThrow().close();
        }
        if (observing == Observing.NOTHING && asks()) {
            repeated(MOST_TRACED, at -> pair(loop, steps, at));
        }
        return done == wanted;
    }

    /// A step, or a pair of them, that may turn out not to count.
    @FunctionalInterface
    private interface Attempt {
        boolean at(int done) throws IOException;
    }

    /// @return how many were done
    private int repeated(int wanted, Attempt attempt) throws IOException {
        int done = 0;
        int repeats = 0;
        while (done < wanted && !commands.stopped()) {
            if (attempt.at(done)) {
                done++;
            } else if (++repeats > MAX_REPEATS) {
                throw new EngineException("the engine builds another graph for every step of this model, so none can be"
                        + " timed twice alike");
            }
            report(Message.Phase.MEASURING, done, wanted);
        }
        log.note("hourglass: measured " + done + " of " + wanted + " steps, " + repeats + " repeated");
        return done;
    }

    /// Whether the scheduler's questions tell anything: when nothing but the GPU computes, they only cost.
    private boolean asks() {
        return request.placement().computesOnCpu();
    }

    /// @return whether the step counts
    private boolean one(TokenLoop loop, DeviceLog steps, Optional<ActivityTap> tap, int done) throws IOException {
        switch (observing) {
            case NOTHING -> steps.unobserved(done, loop.step(false));
            case CALLS -> {
                TokenLoop.Step step = loop.step(asks());
                if (asks() && step.noted().isEmpty()) {
                    return false;
                }
                steps.token(done, step);
            }
            case KERNELS -> {
                TokenLoop.Step step = loop.step(false);
                steps.observed(TRACED, done, step);
                if (tap.isPresent()) {
                    tap.orElseThrow().step(step.ts(), step.end(), "traced step " + done);
                }
            }
        }
        return true;
    }

    /// A step of which the scheduler asks nothing and one of which it asks; which comes first alternates, so that
    /// drift cancels out. Graphs that a GPU replays are warmed up anew in between, which is why no other figure is
    /// taken from these.
    private boolean pair(TokenLoop loop, DeviceLog steps, int done) {
        boolean plainFirst = done % 2 == 0;
        TokenLoop.Step first = loop.step(!plainFirst);
        TokenLoop.Step second = loop.step(plainFirst);
        TokenLoop.Step asked = plainFirst ? second : first;
        if (asked.noted().isEmpty()) {
            return false;
        }
        steps.observed(BESIDE, done, plainFirst ? first : second);
        steps.observed(ASKED, done, asked);
        return true;
    }

    private boolean fill(TokenLoop loop) {
        int context = request.run().context();
        int done = 0;
        while (done < context) {
            if (commands.stopped()) {
                return false;
            }
            done += loop.fill(Math.min(BATCH, context - done), request.run().seed());
            report(Message.Phase.FILLING, done, context);
        }
        return true;
    }

    /// As in earnest, so that what notes a step is compiled, and the engine has captured its graphs.
    private boolean warmUp(TokenLoop loop) {
        int warmup = request.run().warmup();
        for (int done = 0; done < warmup; done++) {
            if (commands.stopped()) {
                return false;
            }
            loop.step(observing == Observing.CALLS && asks());
            loop.step(observing == Observing.CALLS && asks());
            report(Message.Phase.WARMING_UP, done + 1, warmup);
        }
        return true;
    }

    /// Progress a few times a second, and always the last.
    private void report(Message.Phase phase, int done, int total) {
        long now = System.nanoTime();
        if (done == total || now - reported > REPORT_NS) {
            reported = now;
            pipe.send(new Message.Progress(phase, done, total));
        }
    }
}
