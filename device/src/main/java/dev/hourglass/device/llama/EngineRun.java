package dev.hourglass.device.llama;

import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.device.ffi.llama.Llama;
import dev.hourglass.device.ffi.llama.LlamaContext;
import dev.hourglass.device.ffi.llama.LlamaException;
import dev.hourglass.device.ffi.llama.LlamaModel;
import dev.hourglass.device.ffi.llama.Offload;
import dev.hourglass.device.ffi.llama.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// A run from the loading of the model to the last measured step, inside the engine's process.
///
/// Steps go into a file while they are measured: a pipe would wake the recorder, and two cores have
/// none to spare.
final class EngineRun {
    private static final int BATCH = 256;
    private static final int MAX_REPEATS = 64;
    private static final long REPORT_NS = 200_000_000;
    /// So many that the code which notes them is compiled for good.
    private static final int REHEARSED_PIECES = 20_000;

    /// What the compilers get at most for what was rehearsed, on cores that compute nothing meanwhile.
    private static final long COMPILERS_NS = 2_000_000_000;

    private static final String BARRIER = "ggml_barrier";

    private final EngineRequest request;
    private final EngineLibraries.Found libraries;
    private final EngineCommands commands;
    private final EngineLog log;
    private final EnginePipe pipe;
    private final Path spool;
    private long reported;

    EngineRun(
            EngineRequest request,
            EngineLibraries.Found libraries,
            EngineCommands commands,
            EngineLog log,
            EnginePipe pipe,
            Path spool) {
        this.request = request;
        this.libraries = libraries;
        this.commands = commands;
        this.log = log;
        this.pipe = pipe;
        this.spool = spool;
    }

    Message run() throws IOException {
        GgufHeader header = GgufHeader.read(request.model());
        pipe.send(new Message.Progress(Message.Phase.LOADING, 0, 100));
        Llama llama = Llama.load(libraries.base(), libraries.ggml(), libraries.llama(), libraries.directory(), log);
        Tensors tensors = llama.tensors();
        StepRecorder recorder = new StepRecorder(System::nanoTime, tensors);
        LlamaModel model = load(llama);
        if (commands.stopped()) {
            return new Message.Finished(true);
        }
        if (!model.decodes()) {
            throw new EngineException(request.model() + ": a model of architecture " + header.architecture()
                    + " does not generate text token by token, so it has no decode phase to profile");
        }
        Set<Integer> before = ThreadIds.all();
        LlamaContext context = model.context(request.cacheTokens(), BATCH, request.threads(), recorder);
        List<Integer> threads = ThreadIds.computing(before);
        Path library = LoadedLibrary.computing(libraries.directory());
        pipe.send(new Message.Ready(ProcessHandle.current().pid(), threads, llama.version(), library.toString()));
        new ModelFacts(header, request).write(pipe, llama, library);
        StepPlan.Maker maker = new StepPlan.Maker(request.granularity(), WeightCosts.of(header));
        Decoder decoder = new Decoder(context, recorder, maker, new Sampler(request.seed()), System::nanoTime);
        boolean whole;
        try (RowSpool rows = RowSpool.create(spool);
                StepLog steps = new StepLog(rows, System::nanoTime)) {
            whole = measure(decoder, steps);
        }
        if (whole && request.barrierSteps() > 0) {
            probe(decoder, threads, library);
        }
        return new Message.Finished(!whole);
    }

    private LlamaModel load(Llama llama) {
        try {
            // An engine that could use a GPU would, if it were not told.
            Offload offload = CudaEngine.cuda(libraries.directory()).isPresent() ? Offload.CPU : Offload.NONE;
            return llama.model(request.model(), offload, share -> {
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
    private boolean measure(Decoder decoder, StepLog steps) throws IOException {
        if (!fill(decoder) || !warmUp(decoder)) {
            return false;
        }
        decoder.rewind(request.context());
        Compilers.await(COMPILERS_NS);
        Compilers.setAside();
        pipe.send(new Message.Progress(Message.Phase.MEASURING_STARTS, 0, request.tokens()));
        int repeats = 0;
        while (steps.pairs() < request.tokens() && !commands.stopped()) {
            boolean good = pair(decoder, steps);
            if (!good && ++repeats > MAX_REPEATS) {
                throw new EngineException("the engine builds another graph for every step of this model, so none can be"
                        + " timed twice alike");
            }
            report(Message.Phase.MEASURING, steps.pairs(), request.tokens());
        }
        pipe.send(new Message.Progress(Message.Phase.MEASURING_ENDED, steps.pairs(), request.tokens()));
        return steps.pairs() == request.tokens();
    }

    /// A profiled and an unprofiled step; which comes first alternates, so that drift cancels out.
    private boolean pair(Decoder decoder, StepLog steps) {
        boolean profiledFirst = steps.pairs() % 2 == 0;
        if (!profiledFirst) {
            decoder.step(StepRecorder.Mode.WATCHED);
        }
        Decoder.Step plain = decoder.last();
        Decoder.Step profiled = decoder.step(StepRecorder.Mode.PROFILED);
        if (profiledFirst) {
            plain = decoder.step(StepRecorder.Mode.WATCHED);
        }
        if (!profiled.good()) {
            return false;
        }
        steps.add(profiled, plain);
        return true;
    }

    private boolean fill(Decoder decoder) {
        int done = 0;
        while (done < request.context()) {
            if (commands.stopped()) {
                return false;
            }
            done += decoder.fill(Math.min(BATCH, request.context() - done), request.seed());
            report(Message.Phase.FILLING, done, request.context());
        }
        return true;
    }

    /// The first warm-up step is only watched: the plan is learnt from it. Steps are noted as in earnest, so
    /// that the code which does it is compiled before it counts.
    private boolean warmUp(Decoder decoder) throws IOException {
        StepLog rehearsal = new StepLog(RowSpool.discarding(), System::nanoTime);
        for (int done = 0; done < request.warmup(); done++) {
            if (commands.stopped()) {
                return false;
            }
            Decoder.Step plain = decoder.step(StepRecorder.Mode.WATCHED);
            Decoder.Step profiled = decoder.step(StepRecorder.Mode.PROFILED);
            if (profiled.good()) {
                rehearse(decoder, rehearsal, profiled, plain);
            }
            report(Message.Phase.WARMING_UP, done + 1, request.warmup());
        }
        return true;
    }

    private void rehearse(Decoder decoder, StepLog rehearsal, Decoder.Step profiled, Decoder.Step plain)
            throws IOException {
        if (rehearsal.pieces() >= REHEARSED_PIECES) {
            rehearsal.add(profiled, plain);
            return;
        }
        log.silently(() -> decoder.rehearse(request.tokens()));
        while (rehearsal.pieces() < REHEARSED_PIECES) {
            rehearsal.add(profiled, plain);
        }
        Compilers.await(COMPILERS_NS);
    }

    private void probe(Decoder decoder, List<Integer> threads, Path library) {
        pipe.send(new Message.Probe(threads, library.toString(), BARRIER, request.barrierSteps()));
        commands.awaitGo();
        for (int step = 0; step < request.barrierSteps() && !commands.stopped(); step++) {
            Decoder.Step done = decoder.step(StepRecorder.Mode.WATCHED);
            pipe.send(new Message.ProbedStep(step, done.ts(), done.dur()));
        }
        pipe.send(new Message.Progress(Message.Phase.BARRIER_ENDED, 0, 0));
        commands.awaitGo();
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
