package dev.hourglass.app.cli;

import dev.hourglass.app.live.MetricsServer;
import dev.hourglass.app.record.CommandRecorder;
import dev.hourglass.app.record.CommandRequest;
import dev.hourglass.app.record.ForwardedSignals;
import dev.hourglass.app.record.KilledRuns;
import dev.hourglass.app.record.LiveFigures;
import dev.hourglass.app.record.ProbeEnvironment;
import dev.hourglass.app.record.RefusedCommandException;
import dev.hourglass.app.record.SamplerCost;
import dev.hourglass.app.record.SessionPlace;
import dev.hourglass.app.record.Watching;
import dev.hourglass.core.store.SessionDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `hourglass run`: records any command.
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Record a command without changing its code: what its processes do to the machine and its GPUs, what its engine"
                    + " tells as metrics, and, in Python engines, what a probe inside them sees.",
            "",
            "Input, outputs, signals and the terminal are the command's, and so is the exit code. What Hourglass says"
                    + " goes to standard error.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  hourglass run -- vllm serve Qwen/Qwen3-30B-A3B        until Ctrl-C, then the report",
            "  hourglass run --duration 60 -- python serve.py",
            "  hourglass run -o before -- python offline.py",
            "  hourglass run --metrics-port 9400 -- vllm serve MODEL --port 8001     scrapes :8001, serves :9400/metrics",
            "  hourglass run --scrape http://127.0.0.1:9000/metrics -- ./start-engine.sh",
            "",
            "Ctrl-C is the command's; the third one ends all of its processes. Exit codes: the command's own;"
                    + " 127 where it is not found, 126 where it cannot be executed, 2 for a mistake before it starts."
        })
final class RunCommand implements Callable<Integer> {
    private static final int MOST_PORT = 65_535;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "Program and arguments, as typed alone.")
    private List<String> command = new ArrayList<>();

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
            description = "Ask the command to end after this time, as if by Ctrl-C. Default: its own end.")
    private @Nullable Double duration;

    @Option(names = "--no-probe", description = "Load nothing into the command's processes.")
    private boolean noProbe;

    @Option(
            names = "--torch-on-demand",
            description =
                    "Let PyTorch in the command's processes take orders for traces (`hourglass attach PID --torch-trace 1`);"
                            + " for as long as they live this recording must. Not with --gpu-timeline.")
    private boolean torchOnDemand;

    @Option(
            names = "--ready-timeout",
            paramLabel = "SECONDS",
            description =
                    "Say so when an engine has made no step, taken no request and opened no port for so long; it is"
                            + " recorded on. Default: 900.")
    private @Nullable Double readyTimeout;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            description = "Serve what is being recorded as Prometheus text at http://127.0.0.1:PORT/metrics; 0 for any"
                    + " free port.")
    private @Nullable Integer metricsPort;

    @Mixin
    private WatchOptions watch = new WatchOptions();

    @Mixin
    private ProbeOptions probe = new ProbeOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (command.isEmpty()) {
            throw new UserException("which command? For example: hourglass run -- vllm serve MODEL");
        }
        if (torchOnDemand && probe.wantsTimeline()) {
            throw new UserException("--torch-on-demand and --gpu-timeline both want CUPTI; take one");
        }
        Console console = Console.standardError();
        Path place = (output == null ? SessionPlace.fresh(subject()) : output).toAbsolutePath();
        KilledRuns.finish(place.resolveSibling(""), console::warn);
        try (SessionDirectory directory = SessionDirectory.claim(place, force)) {
            directory.finishedByUser();
            return record(directory);
        }
    }

    private int record(SessionDirectory directory) throws IOException, InterruptedException {
        LiveFigures figures = new LiveFigures(directory.growing().probe());
        CommandRecorder recorder =
                new CommandRecorder(request(directory.growing().probe(), figures));
        System.err.println("hourglass: session " + Terminal.plain(RecordedSession.shown(directory)));
        int exitCode;
        try (ForwardedSignals _ = ForwardedSignals.to(recorder);
                Closeable _ = served(figures)) {
            exitCode = recorder.record(directory.growing());
        } catch (RefusedCommandException e) {
            System.err.println("hourglass: " + Terminal.plain(String.valueOf(e.getMessage())));
            return e.exitCode();
        }
        System.err.println("hourglass: " + SamplerCost.line(recorder.costs()));
        CommandRecorder.complete(directory.growing(), exitCode);
        RecordedSession.explain(directory, System.err);
        return exitCode;
    }

    /// Serves the figures as they are recorded, where somebody asked for it.
    private Closeable served(LiveFigures figures) {
        if (metricsPort == null) {
            return () -> {};
        }
        if (metricsPort < 0 || metricsPort > MOST_PORT) {
            throw new UserException("--metrics-port is a port from 0 to " + MOST_PORT + ", not " + metricsPort);
        }
        try {
            MetricsServer server = MetricsServer.start(metricsPort, figures::text);
            System.err.println("hourglass: metrics at " + server.address());
            return server::close;
        } catch (IOException e) {
            throw new UserException("cannot serve metrics on port " + metricsPort + ": " + e.getMessage());
        }
    }

    private CommandRequest request(Path records, LiveFigures figures) {
        Map<String, String> environment = new HashMap<>(
                noProbe ? Map.of() : ProbeEnvironment.of(Home.probe(), records, probe.wishes(), System.getenv()));
        if (torchOnDemand) {
            environment.put(CommandRequest.TAKES_ORDERS, "1");
        }
        Duration limit = Moment.seconds("--ready-timeout", readyTimeout)
                .orElse(Watching.usual().readyLimit());
        Watching watching = watch.watching(limit, line -> System.err.println("hourglass: warning: " + line));
        return new CommandRequest(
                command,
                Moment.seconds("--duration", duration),
                environment,
                typed(),
                metricsPort == null ? watching : watching.with(figures));
    }

    /// The program, or the module or script that an interpreter runs.
    private String subject() {
        String program = name(command.getFirst());
        if (!program.startsWith("python")) {
            return program;
        }
        List<String> behind = command.stream()
                .skip(1)
                .dropWhile(argument -> argument.startsWith("-") && !argument.startsWith("-c") && !argument.equals("-m"))
                .toList();
        return behind.isEmpty() || behind.getFirst().startsWith("-c")
                ? program
                : name(behind.get(behind.getFirst().equals("-m") && behind.size() > 1 ? 1 : 0));
    }

    private static String name(String path) {
        return String.valueOf(Path.of(path).getFileName());
    }

    private String typed() {
        return "hourglass run "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }
}
