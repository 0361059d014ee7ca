package dev.hourglass.app.record;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.device.host.KernelFiles;
import dev.hourglass.device.host.ProcessTree;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Records what a process that runs already, and all that it starts, do to the machine.
public final class ProcessRecorder {
    private static final long TURN_MS = 200;
    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES=";

    private final ProcessHandle process;
    private final Optional<Duration> duration;
    private final Optional<Duration> torchTrace;
    private final String typed;
    private final Watching watching;
    private volatile List<SamplerCost> costs = List.of();
    private final CountDownLatch over = new CountDownLatch(1);

    /// @param duration after which nothing more is recorded; empty for the end of the process
    /// @param torchTrace how long PyTorch's profiler is to record in it; empty for not
    /// @param typed the command line, for the session
    /// @param watching what is watched beside it
    public ProcessRecorder(
            ProcessHandle process,
            Optional<Duration> duration,
            Optional<Duration> torchTrace,
            String typed,
            Watching watching) {
        this.process = process;
        this.duration = duration;
        this.torchTrace = torchTrace;
        this.typed = typed;
        this.watching = watching;
    }

    /// Whether a process, or one that it started, takes orders for traces of PyTorch.
    public static boolean takesOrders(ProcessHandle process) {
        return TorchTraceOrder.isPossible(process);
    }

    /// Ends the recording; the process goes on. May be called from any thread, more than once.
    public void stop() {
        over.countDown();
    }

    /// Samples until the process ends, the time is over, or somebody stops it; without a time until a trace that
    /// was ordered is there.
    ///
    /// @param session takes what is recorded
    /// @return how many processes made a trace
    public int record(SessionLayout session) throws IOException, InterruptedException {
        CompletableFuture<Void> ended = process.onExit().thenRun(this::stop);
        int traces;
        ProcessTree tree = new ProcessTree(process);
        EngineBeside engine = new EngineBeside(command(), session.probe(), visible());
        MachineBeside beside = new MachineBeside(
                tree, typed, engine.gpus(), engine.collectors(watching, tree, false), watching.live());
        try (TraceFetch fetch =
                TraceFetch.of(torchTrace.map(length -> TorchTraceOrder.of(process.pid(), length)), session.probe())) {
            costs = beside.sample(session, () -> await(fetch)).costs();
            traces = fetch.traces();
        }
        ended.cancel(false);
        CommandSession.complete(
                session, sink -> MachineBeside.fact(sink, "attached.pid", Long.toString(process.pid())));
        return traces;
    }

    /// What sampling took, after the end.
    public List<SamplerCost> costs() {
        return costs;
    }

    private List<String> command() {
        return separated("cmdline");
    }

    private Optional<String> visible() {
        return separated("environ").stream()
                .filter(variable -> variable.startsWith(VISIBLE))
                .map(variable -> variable.substring(VISIBLE.length()))
                .findFirst();
    }

    /// Nothing where this user may not read it.
    private List<String> separated(String file) {
        KernelFiles files = KernelFiles.system();
        return files.text(files.process(process.pid()).resolve(file))
                .map(text -> List.of(text.split("\0", -1)))
                .orElse(List.of());
    }

    private boolean await(TraceFetch fetch) throws InterruptedException {
        if (duration.isPresent()) {
            return over.await(duration.get().toMillis(), TimeUnit.MILLISECONDS);
        }
        while (!over.await(TURN_MS, TimeUnit.MILLISECONDS)) {
            if (fetch.isOver()) {
                return true;
            }
        }
        return true;
    }
}
