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
    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES=";

    private final ProcessHandle process;
    private final Optional<Duration> duration;
    private final String typed;
    private final Watching watching;
    private volatile List<SamplerCost> costs = List.of();
    private final CountDownLatch over = new CountDownLatch(1);

    /// @param duration after which nothing more is recorded; empty for the end of the process
    /// @param typed the command line, for the session
    /// @param watching what is watched beside it
    public ProcessRecorder(ProcessHandle process, Optional<Duration> duration, String typed, Watching watching) {
        this.process = process;
        this.duration = duration;
        this.typed = typed;
        this.watching = watching;
    }

    /// Ends the recording; the process goes on. May be called from any thread, more than once.
    public void stop() {
        over.countDown();
    }

    /// Samples until the process ends, the time is over, or somebody stops it.
    ///
    /// @param session takes what is recorded
    public void record(SessionLayout session) throws IOException, InterruptedException {
        CompletableFuture<Void> ended = process.onExit().thenRun(this::stop);
        ProcessTree tree = new ProcessTree(process);
        EngineBeside engine = new EngineBeside(command(), session.probe(), visible());
        MachineBeside beside = new MachineBeside(
                tree, typed, engine.gpus(), engine.collectors(watching, tree, false), watching.live());
        costs = beside.sample(session, this::await).costs();
        ended.cancel(false);
        CommandSession.complete(
                session, sink -> MachineBeside.fact(sink, "attached.pid", Long.toString(process.pid())));
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

    private boolean await() throws InterruptedException {
        if (duration.isPresent()) {
            return over.await(duration.get().toMillis(), TimeUnit.MILLISECONDS);
        }
        over.await();
        return true;
    }
}
