package dev.hourglass.app.cli;

import dev.hourglass.app.record.GpuRecorder;
import dev.hourglass.app.record.KilledRuns;
import dev.hourglass.app.record.SamplerCost;
import dev.hourglass.app.record.SessionPlace;
import dev.hourglass.core.store.SessionDirectory;
import dev.hourglass.device.collect.GpuSampling;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `hourglass gpu-watch`: records the GPUs alone.
@Command(
        name = "gpu-watch",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Record what the GPUs of this machine do, whoever uses them: power, clocks and why they are held back,"
                    + " temperature, memory, PCIe, and, from Hopper on, what their units do (GPM). Every other recording"
                    + " has that too.",
            "On a terminal it shows a line per GPU meanwhile. Ctrl-C ends it; the report follows."
        },
        footer = {
            "",
            "Examples:",
            "  hourglass gpu-watch                                   until Ctrl-C",
            "  hourglass gpu-watch --duration 60 -o idle",
            "  hourglass gpu-watch --gpu 0,1 --interval 0.05         NVML of two GPUs, 20 times a second",
            "",
            "GPM wants its samples more than 100 ms apart and has a pace of its own. Exit code 2 where there is no GPU."
        })
final class GpuWatchCommand implements Callable<Integer> {
    private static final double SHORTEST_S = 0.02;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Session directory. Default: a new one below ./hourglass-sessions.")
    private @Nullable Path output;

    @Option(names = "--force", description = "Replace the session that stands in DIR.")
    private boolean force;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "Time between two samples of NVML, at least 0.02. Default: 0.09.")
    private @Nullable Double interval;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "How long to record. Default: until Ctrl-C.")
    private @Nullable Double duration;

    @Option(
            names = "--gpu",
            paramLabel = "N",
            split = ",",
            description = "Numbers of the GPUs, as nvidia-smi shows them. Default: all.")
    private List<Integer> gpus = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<Duration> limit = Seconds.of("--duration", duration);
        try (GpuRecorder recorder = new GpuRecorder(wishes(), typed())) {
            gpus.stream()
                    .filter(wanted -> !recorder.numbers().isEmpty() && !recorder.numbers().contains(wanted))
                    .findFirst()
                    .ifPresent(unknown -> {
                        throw new UserException("no GPU " + unknown + "; there are " + recorder.numbers());
                    });
            recorder.unavailable().ifPresent(why -> {
                throw new UserException("no GPU can be watched: " + why);
            });
            return record(recorder, limit);
        }
    }

    private int record(GpuRecorder recorder, Optional<Duration> limit) throws IOException, InterruptedException {
        Path place = (output == null ? SessionPlace.fresh("gpu-watch") : output).toAbsolutePath();
        KilledRuns.finish(place.resolveSibling(""), Console.standardError()::warn);
        try (SessionDirectory directory = SessionDirectory.claim(place, force)) {
            directory.finishedByUser();
            System.err.println("hourglass: session " + Terminal.plain(RecordedSession.shown(directory)));
            GpuTable table = new GpuTable(recorder.labels(), recorder.facts());
            GpuTable.Drawn drawn = table.on(Output.drawing(), Boolean.getBoolean("hourglass.terminal"));
            try (Interruption.Lasting _ = Interruption.during(recorder::stop)) {
                recorder.record(directory.growing(), limit, table, drawn::draw);
                System.err.println("hourglass: " + SamplerCost.line(recorder.costs()));
                RecordedSession.explain(directory, System.out);
            }
        }
        return 0;
    }

    private GpuSampling.Wishes wishes() {
        if (interval != null && interval < SHORTEST_S) {
            throw new UserException("--interval is at least " + SHORTEST_S + " seconds, not " + interval);
        }
        Duration pace = Seconds.of("--interval", interval).orElse(GpuSampling.PACE);
        return new GpuSampling.Wishes(new HashSet<>(gpus), Optional.empty(), pace);
    }

    private String typed() {
        return "hourglass gpu-watch "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }
}
