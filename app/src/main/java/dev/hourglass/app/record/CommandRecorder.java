package dev.hourglass.app.record;

import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.collect.CoreCollector;
import dev.hourglass.device.collect.ProcessCollector;
import dev.hourglass.device.collect.ThreadCollector;
import dev.hourglass.device.host.HostInfo;
import dev.hourglass.device.host.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Records any command: lets it run with the terminal, samples the machine and its processes meanwhile, and makes a
/// session of that and of what its processes wrote down themselves.
public final class CommandRecorder {
    private final CommandRequest request;
    private volatile @Nullable RunningCommand running;

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
        RunningCommand command = RunningCommand.start(request.command(), request.environment());
        running = command;
        try {
            return watched(command, session);
        } finally {
            running = null;
        }
    }

    /// Makes a session of what was recorded.
    public static void complete(SessionLayout session, int exitCode) throws IOException {
        CommandSession.complete(session, sink -> fact(sink, "run.exit_code", String.valueOf(exitCode)));
    }

    private int watched(RunningCommand command, SessionLayout session) throws InterruptedException {
        List<Collector> collectors = List.of(
                new CoreCollector(), new ThreadCollector(command::processes), new ProcessCollector(command::processes));
        try (MachineWatch watch = new MachineWatch(collectors, session.machineRows())) {
            watch.keep(this::writeFacts);
            watch.start();
            int exitCode = command.await(request.duration());
            watch.stop();
            return exitCode;
        }
    }

    private void writeFacts(BatchSink sink) {
        fact(sink, "command", request.typed());
        fact(sink, "started_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        HostInfo.read().write(sink);
    }

    private static void fact(BatchSink sink, String name, String value) {
        try (RowWriter rows = new RowWriter(Tables.METADATA, sink)) {
            rows.set("name", name).set("value", value).end();
        }
    }
}
