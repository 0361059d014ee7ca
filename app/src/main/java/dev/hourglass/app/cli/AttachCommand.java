package dev.hourglass.app.cli;

import dev.hourglass.app.record.KilledRuns;
import dev.hourglass.app.record.ProcessRecorder;
import dev.hourglass.app.record.SamplerCost;
import dev.hourglass.app.record.SessionPlace;
import dev.hourglass.app.record.Watching;
import dev.hourglass.core.store.SessionDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `hourglass attach`: records the machine side of a process that runs already.
@Command(
        name = "attach",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Record what a process that runs already, and all that it starts, do to the machine: cores, threads, memory,"
                    + " page faults, and the GPUs: power, clocks, what their units do. An engine's metrics are scraped beside.",
            "It sees nothing of an engine's inside: start the engine by `hourglass run` or with `hourglass probe env` for"
                    + " that. Ctrl-C ends the recording; the process goes on."
        },
        footer = {
            "",
            "Examples:",
            "  hourglass attach 4711 --duration 30",
            "  hourglass attach 4711 --scrape http://127.0.0.1:8000/metrics --scrape-interval 1",
            "  hourglass attach 4711 --torch-trace 1"
        })
final class AttachCommand implements Callable<Integer> {
    private static final String NO_TRACE =
            "no trace of PyTorch can come: the process must have been started by `hourglass run"
                    + " --torch-on-demand`, or with KINETO_USE_DAEMON=1, and import torch";

    @Parameters(paramLabel = "PID", description = "Number of the process.")
    private long pid;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Session directory. Default: a new one below ./hourglass-sessions.")
    private @Nullable Path output;

    @Option(names = "--force", description = "Replace the session that stands in DIR.")
    private boolean force;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            description = "How long to record. Default: until the process ends, or Ctrl-C.")
    private @Nullable Double duration;

    @Option(
            names = "--torch-trace",
            paramLabel = "SECONDS",
            description =
                    "Let PyTorch's profiler in the process, and in those that it started, record for so long, and add its"
                            + " traces. Only where it was started by `hourglass run --torch-on-demand` or with KINETO_USE_DAEMON=1.")
    private @Nullable Double torchTrace;

    @Mixin
    private WatchOptions watch = new WatchOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ProcessHandle process = ProcessHandle.of(pid)
                .orElseThrow(() -> new UserException("no process " + pid + "; `ps` lists those that run"));
        Optional<Duration> limit = Moment.seconds("--duration", duration);
        Optional<Duration> trace = Moment.seconds("--torch-trace", torchTrace);
        if (trace.isPresent() && !ProcessRecorder.takesOrders(process)) {
            throw new UserException(NO_TRACE);
        }
        Path place = (output == null ? SessionPlace.fresh("attach-" + pid) : output).toAbsolutePath();
        KilledRuns.finish(place.resolveSibling(""), Console.standardError()::warn);
        try (SessionDirectory directory = SessionDirectory.claim(place, force)) {
            directory.finishedByUser();
            ProcessRecorder recorder = new ProcessRecorder(
                    process,
                    limit,
                    trace,
                    typed(),
                    watch.watching(Watching.usual().readyLimit(), line -> {}));
            System.err.println("hourglass: session " + Terminal.plain(RecordedSession.shown(directory)));
            try (Interruption.Lasting _ = Interruption.during(recorder::stop)) {
                int traces = recorder.record(directory.growing());
                if (trace.isPresent() && traces == 0) {
                    Console.standardError().warn(NO_TRACE);
                }
                System.err.println("hourglass: " + SamplerCost.line(recorder.costs()));
                RecordedSession.explain(directory, System.out);
            }
        }
        return 0;
    }

    private String typed() {
        return "hourglass attach "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }
}
