package dev.hourglass.app.record;

import dev.hourglass.core.trace.BatchSink;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What sampling itself took.
///
/// @param name of the group of collectors
/// @param cpuNs CPU time of their thread
/// @param spanNs for which they sampled
/// @param samples how often
/// @param longestNs elapsed time of the longest sample
public record SamplerCost(String name, long cpuNs, long spanNs, long samples, long longestNs) {
    private static final double NS_PER_S = 1e9;
    private static final double NS_PER_MS = 1e6;
    private static final double PERCENT = 1e2;

    /// CPU time per elapsed time: the share of one core.
    double share() {
        return spanNs > 0 ? (double) cpuNs / spanNs : 0;
    }

    private double rate() {
        return spanNs > 0 ? samples * NS_PER_S / spanNs : 0;
    }

    void write(BatchSink sink) {
        String key = "sampler." + name + ".";
        MachineBeside.fact(sink, key + "cpu_share", number("%.6f", share()));
        MachineBeside.fact(sink, key + "cpu_s", number("%.3f", cpuNs / NS_PER_S));
        MachineBeside.fact(sink, key + "samples", Long.toString(samples));
        MachineBeside.fact(sink, key + "rate_hz", number("%.2f", rate()));
        MachineBeside.fact(sink, key + "longest_ms", number("%.1f", longestNs / NS_PER_MS));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    /// All of them in a line.
    public static String line(List<SamplerCost> costs) {
        if (costs.isEmpty()) {
            return "what sampling the machine took is not measured, because the kernel tells no times of threads";
        }
        double all = costs.stream().mapToDouble(SamplerCost::share).sum();
        return costs.stream()
                .map(cost -> number(cost.name + " %.2f %%", PERCENT * cost.share()) + number(" at %.1f Hz", cost.rate()))
                .collect(Collectors.joining(
                        ", ",
                        number("sampling the machine took %.2f %% of one core while it recorded (", PERCENT * all),
                        ")"));
    }
}
