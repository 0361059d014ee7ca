package dev.hourglass.app.record;

import dev.hourglass.device.host.ProcessTree;
import dev.hourglass.device.host.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A command with the terminal, the input and the outputs of whoever started the recorder, and all processes that it
/// starts.
final class RunningCommand {
    /// The time that a command gets to end after each request, before the next one, which is harder to refuse.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Process process;
    private final ProcessTree tree;

    private RunningCommand(Process process) {
        this.process = process;
        this.tree = new ProcessTree(process.toHandle());
    }

    /// @param environment variables that it gets beside those of this process
    /// @throws RefusedCommandException if the system does not start it
    static RunningCommand start(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(environment);
        try {
            return new RunningCommand(builder.start());
        } catch (IOException e) {
            throw RefusedCommandException.of(command.getFirst());
        }
    }

    /// The numbers of its processes that live now.
    Set<Long> processes() {
        return tree.get();
    }

    /// Waits for its end; after `limit` it is asked to end as if by Ctrl-C.
    ///
    /// @return its exit code; of a process that a signal ended 128 and the number of the signal
    int await(Optional<Duration> limit) throws InterruptedException {
        if (limit.isPresent() && !process.waitFor(limit.get().toMillis(), TimeUnit.MILLISECONDS)) {
            end();
        }
        return process.waitFor();
    }

    private void end() throws InterruptedException {
        for (Signal request : List.of(Signal.INT, Signal.TERM)) {
            send(request);
            if (process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
        kill();
    }

    /// Sends the command a signal.
    void send(Signal signal) {
        if (process.isAlive()) {
            signal.send(process.pid());
        }
    }

    /// Ends all its processes at once.
    void kill() {
        Stream.concat(process.toHandle().descendants(), Stream.of(process.toHandle()))
                .forEach(ProcessHandle::destroyForcibly);
    }
}
