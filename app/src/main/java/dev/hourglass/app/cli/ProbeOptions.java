package dev.hourglass.app.cli;

import dev.hourglass.app.record.ProbeEnvironment;
import dev.hourglass.core.text.Nearest;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/// What the probe inside Python engines is to record.
final class ProbeOptions {
    private static final String ALWAYS = "always";
    private static final Pattern WINDOW = Pattern.compile("steps=[1-9]\\d{0,8}(,after=\\d{1,9})?");
    private static final Pattern TIMELINE =
            Pattern.compile("always(,graphs=(nodes|whole))?|" + WINDOW.pattern() + "(,graphs=nodes)?");

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

    @Option(
            names = "--gpu-timeline",
            arity = "0..1",
            fallbackValue = ALWAYS,
            paramLabel = "WHEN",
            description =
                    "Record every kernel, copy and launch of the processes that use CUDA, by CUPTI and without another"
                            + " tool: always (also without a value), or steps=N[,after=M] of an engine. With always, graphs=whole"
                            + " records a CUDA graph as one span: cheaper, without its kernels.")
    private String gpuTimeline = "";

    @Option(
            names = "--torch-profile",
            paramLabel = "WHEN",
            description =
                    "Let PyTorch's profiler record steps=N[,after=M] of each worker of an engine, with operators and"
                            + " shapes; its traces join the session.")
    private String torchProfile = "";

    @Option(names = "--verbose", description = "Let the probe say on standard error what it hooks.")
    private boolean verbose;

    boolean wantsTimeline() {
        return !gpuTimeline.isEmpty();
    }

    ProbeEnvironment.Wishes wishes() {
        check("--enable", enable);
        check("--disable", disable);
        check("--gpu-timeline", gpuTimeline, TIMELINE, "always or steps=N[,after=M], with graphs=whole only always");
        check("--torch-profile", torchProfile, WINDOW, "steps=N[,after=M]");
        return new ProbeEnvironment.Wishes(enable, disable, verbose, gpuTimeline, torchProfile);
    }

    private static void check(String option, String value, Pattern form, String known) {
        if (!value.isEmpty() && !form.matcher(value).matches()) {
            throw new UserException(
                    option + " takes " + known + ", not " + Terminal.plain(value) + " (a command stands behind --)");
        }
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
