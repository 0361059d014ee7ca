package dev.hourglass.app.record;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.device.host.ProcessTree;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Records what a process that runs already, and all that it starts, do to the machine.
public final class ProcessRecorder {
    private final ProcessHandle process;
    private final Optional<Duration> duration;
    private final String typed;
    private final CountDownLatch over = new CountDownLatch(1);

    /// @param duration after which nothing more is recorded; empty for the end of the process
    /// @param typed the command line, for the session
    public ProcessRecorder(ProcessHandle process, Optional<Duration> duration, String typed) {
        this.process = process;
        this.duration = duration;
        this.typed = typed;
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
        MachineBeside.sample(new ProcessTree(process), typed, session, this::await);
        ended.cancel(false);
        CommandSession.complete(
                session, sink -> MachineBeside.fact(sink, "attached.pid", Long.toString(process.pid())));
    }

    private boolean await() throws InterruptedException {
        if (duration.isPresent()) {
            return over.await(duration.get().toMillis(), TimeUnit.MILLISECONDS);
        }
        over.await();
        return true;
    }
}
