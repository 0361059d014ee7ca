package dev.hourglass.app.cli;

import dev.hourglass.app.record.ProbeEnvironment;
import dev.hourglass.core.text.Nearest;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/// What the probe inside Python engines is to record.
final class ProbeOptions {
    /// What can be switched on and off.
    static final List<String> PROFILERS = List.of(
            "cuda-graph",
            "kv-cache",
            "moe",
            "forward",
            "cpu",
            "batch",
            "preemption",
            "encoder-decoder",
            "startup",
            "stalls",
            "gil",
            "all");

    @Option(
            names = "--enable",
            paramLabel = "LIST",
            description = "Profilers inside the engine to switch on, separated by commas: cuda-graph, kv-cache, moe,"
                    + " forward, cpu, batch, preemption, encoder-decoder, startup, stalls, gil, or all. Default: all but"
                    + " gil.")
    private String enable = "";

    @Option(names = "--disable", paramLabel = "LIST", description = "Profilers inside the engine to switch off.")
    private String disable = "";

    @Option(names = "--verbose", description = "Let the probe say on standard error what it hooks.")
    private boolean verbose;

    ProbeEnvironment.Wishes wishes() {
        check("--enable", enable);
        check("--disable", disable);
        return new ProbeEnvironment.Wishes(enable, disable, verbose);
    }

    private static void check(String option, String list) {
        Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(Predicate.not(String::isEmpty))
                .filter(name -> !PROFILERS.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    List<String> near = Nearest.of(name, PROFILERS);
                    throw new UserException(option + " knows no profiler " + Terminal.plain(name)
                            + (near.isEmpty()
                                    ? "; there are " + String.join(", ", PROFILERS)
                                    : "; did you mean " + String.join(", ", near) + "?"));
                });
    }
}
