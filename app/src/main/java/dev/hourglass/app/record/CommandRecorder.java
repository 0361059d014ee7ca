package dev.hourglass.app.record;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.device.collect.Paced;
import dev.hourglass.device.host.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Records any command: lets it run with the terminal, samples the machine and its processes meanwhile, and makes a
/// session of that and of what its processes wrote down themselves.
public final class CommandRecorder {
    private static final Duration TURN = Duration.ofMillis(100);
    /// Half a minute: what stays longer is no part of the command's end.
    private static final int MOST_TURNS = 300;
    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

    private final CommandRequest request;
    private volatile @Nullable RunningCommand running;
    private volatile List<SamplerCost> costs = List.of();

    public CommandRecorder(CommandRequest request) {
        this.request = request;
    }

    /// Hands a signal on to the command. May be called from any thread.
    public void send(Signal signal) {
        RunningCommand command = running;
        if (command != null) {
            command.send(signal);
        }
    }

    /// Ends all processes of the command at once. May be called from any thread.
    public void kill() {
        RunningCommand command = running;
        if (command != null) {
            command.kill();
        }
    }

    /// Runs the command to its end.
    ///
    /// @param session takes what is recorded, in files
    /// @return the command's exit code; of one that a signal ended 128 and the number of the signal
    public int record(SessionLayout session) throws IOException, InterruptedException {
        Files.createDirectories(session.probe());
        Optional<TorchOrders> orders = request.takesOrders() ? TorchOrders.serving() : Optional.empty();
        try {
            RunningCommand command = RunningCommand.start(request.command(), request.environment());
            running = command;
            EngineBeside engine = new EngineBeside(request.command(), session.probe(), visible());
            List<Paced> more = engine.collectors(request.watching(), command::processes, true);
            MachineBeside beside = new MachineBeside(
                    command::processes,
                    request.typed(),
                    engine.gpus(),
                    more,
                    request.watching().live());
            MachineBeside.Sampled<Integer> sampled = beside.sample(session, () -> command.await(request.duration()));
            costs = sampled.costs();
            if (orders.isPresent()) {
                awaitChildren(command);
            }
            return sampled.result();
        } finally {
            running = null;
            orders.ifPresent(TorchOrders::close);
        }
    }

    /// Processes that take orders end late where nobody is there to ask any more.
    private static void awaitChildren(RunningCommand command) throws InterruptedException {
        for (int turn = 0; turn < MOST_TURNS && !command.processes().isEmpty(); turn++) {
            Thread.sleep(TURN);
        }
    }

    /// What sampling took, after the end.
    public List<SamplerCost> costs() {
        return costs;
    }

    private Optional<String> visible() {
        return Optional.ofNullable(request.environment().get(VISIBLE))
                .or(() -> Optional.ofNullable(System.getenv(VISIBLE)));
    }

    /// Makes a session of what was recorded.
    public static void complete(SessionLayout session, int exitCode) throws IOException {
        CommandSession.complete(session, sink -> MachineBeside.fact(sink, "run.exit_code", String.valueOf(exitCode)));
    }
}
