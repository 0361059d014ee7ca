package dev.hourglass.core.report;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Hue;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// The charts of a decode run.
final class DecodeCharts {
    /// Share of T_token below which a part is drawn with others: less is no more than a pixel.
    private static final double OWN_COLOUR_FROM_SHARE = 0.01;

    private final DecodeProfile profile;

    DecodeCharts(DecodeProfile profile) {
        this.profile = profile;
    }

    /// A component as it is called in charts and tables. Its key stands beside it where it is listed.
    String name(Component component) {
        return switch (component) {
            case T_ROUTING -> "Routing";
            case T_CPU_COMPUTATION -> profile.experts().isPresent() ? "Experts" : "Feed-forward";
            case ATTENTION -> "Attention";
            case NORM -> "Norms";
            case LM_HEAD -> "LM head";
            case EMBEDDING -> "Embedding";
            case SAMPLING -> "Sampling";
            case T_SCHEDULING -> "Scheduling";
            case T_SYNC -> waitsForGpu() ? "Waiting for the GPU" : "Barrier wait";
            case T_PCIE_TRANSFER -> "PCIe copies";
            case T_GPU_KERNEL_LAUNCH -> "Kernel launch";
            case T_GPU_COMPUTATION -> "GPU kernels";
            case REMAINDER -> "Remainder";
        };
    }

    private boolean waitsForGpu() {
        return profile.components().stream().anyMatch(c -> c.component() == Component.T_SYNC && c.exclusive());
    }

    String name(String key) {
        return Component.find(key).map(this::name).orElse(key);
    }

    /// A component as it is called in a sentence.
    String plain(Component component) {
        return switch (component) {
            case T_ROUTING -> "routing";
            case T_CPU_COMPUTATION -> profile.experts().isPresent() ? "the experts" : "the feed-forward part";
            case ATTENTION -> "attention";
            case NORM -> "norms";
            case LM_HEAD -> "the LM head";
            case EMBEDDING -> "the embedding";
            case SAMPLING -> "sampling";
            case T_SCHEDULING -> "the engine's own planning";
            case T_SYNC -> "waiting in barriers";
            case T_PCIE_TRANSFER -> "copies over PCIe";
            case T_GPU_KERNEL_LAUNCH -> "launching kernels";
            case T_GPU_COMPUTATION -> "the GPU's kernels";
            case REMAINDER -> "what could not be attributed";
        };
    }

    static double layerUs(DecodeProfile.LayerTime layer) {
        return layer.componentUs().values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    Chart.Neck neck() {
        List<Chart.Part> parts = measuredParts();
        return new Chart.Neck(
                "T_token as an hourglass: the height of a part is its share of the time, the narrowest is the largest. "
                        + inWords(parts),
                Unit.MICROSECONDS,
                parts);
    }

    Chart.Parts parts() {
        List<Chart.Part> parts = measuredParts();
        return new Chart.Parts("T_token by part. " + inWords(parts), Unit.MICROSECONDS, parts);
    }

    private List<Chart.Part> measuredParts() {
        List<Chart.Part> out = new ArrayList<>();
        for (DecodeProfile.ComponentTime c : profile.components()) {
            c.time()
                    .filter(t -> c.exclusive())
                    .ifPresent(t -> out.add(new Chart.Part(name(c.component()), PartHue.of(c.component()), t.mean())));
        }
        out.sort((a, b) -> Double.compare(b.value(), a.value()));
        return out;
    }

    private static String inWords(List<Chart.Part> parts) {
        double sum = parts.stream().mapToDouble(Chart.Part::value).sum();
        List<String> words = parts.stream()
                .map(p -> p.label() + " " + Format.value(p.value() / sum, Unit.RATIO))
                .toList();
        return String.join(", ", words) + ".";
    }

    Chart.Strips latency() {
        List<Double> with =
                profile.tokens().stream().map(DecodeProfile.TokenTime::us).toList();
        List<Double> without = profile.tokens().stream()
                .map(DecodeProfile.TokenTime::unprofiledUs)
                .filter(OptionalDouble::isPresent)
                .map(OptionalDouble::getAsDouble)
                .toList();
        List<Chart.Strip> strips = new ArrayList<>();
        strips.add(new Chart.Strip("With per-node timing", Hue.PROFILED, with));
        if (!without.isEmpty()) {
            strips.add(new Chart.Strip("Without", Hue.UNPROFILED, without));
        }
        return new Chart.Strips(
                "Distribution of T_token with and without per-node timing. Median "
                        + us(profile.tToken().p50()) + " and "
                        + us(profile.tTokenUnprofiled().p50()) + ".",
                Unit.MICROSECONDS,
                strips);
    }

    Chart.Series overTokens() {
        List<Chart.Line> lines = new ArrayList<>();
        List<DecodeProfile.TokenTime> tokens = profile.tokens();
        lines.add(new Chart.Line(
                "With per-node timing",
                Hue.PROFILED,
                tokens.stream().map(t -> (double) t.token()).toList(),
                tokens.stream().map(DecodeProfile.TokenTime::us).toList()));
        List<DecodeProfile.TokenTime> paired =
                tokens.stream().filter(t -> t.unprofiledUs().isPresent()).toList();
        lines.add(new Chart.Line(
                "Without",
                Hue.UNPROFILED,
                paired.stream().map(t -> (double) t.token()).toList(),
                paired.stream().map(t -> t.unprofiledUs().getAsDouble()).toList()));
        return new Chart.Series(
                "T_token of each step in order.",
                Unit.MICROSECONDS,
                "token",
                Unit.NONE,
                lines,
                Optional.of(new Chart.Level("median", profile.tToken().p50())));
    }

    /// Each step by part; parts below one percent of the whole are joined.
    Chart.Stacks tokenParts() {
        List<DecodeProfile.TokenTime> tokens = profile.tokens();
        List<Chart.Stack> stacks = new ArrayList<>();
        double[] rest = new double[tokens.size()];
        for (Component component : Component.values()) {
            List<Double> values = tokens.stream()
                    .map(t -> t.componentUs().getOrDefault(component.key(), 0.0))
                    .toList();
            Chart.Stack stack = new Chart.Stack(name(component), PartHue.of(component), values);
            if (sum(stack) >= OWN_COLOUR_FROM_SHARE * profile.tToken().mean() * tokens.size()) {
                stacks.add(stack);
            } else {
                Arrays.setAll(rest, i -> rest[i] + values.get(i));
            }
        }
        stacks.sort((a, b) -> Double.compare(sum(b), sum(a)));
        stacks.add(new Chart.Stack(
                "All others", Hue.REMAINDER, Arrays.stream(rest).boxed().toList()));
        return new Chart.Stacks(
                "T_token of each step by part.",
                Unit.MICROSECONDS,
                "token",
                tokens.stream().map(t -> Integer.toString(t.token())).toList(),
                stacks);
    }

    Chart.Stacks layers() {
        List<String> names =
                profile.layers().stream().map(l -> Integer.toString(l.layer())).toList();
        Set<String> keys = new LinkedHashSet<>();
        Arrays.stream(Component.values()).map(Component::key).forEach(keys::add);
        profile.layers().forEach(l -> keys.addAll(l.componentUs().keySet()));
        List<Chart.Stack> stacks = new ArrayList<>();
        for (String key : keys) {
            List<Double> values = profile.layers().stream()
                    .map(l -> l.componentUs().getOrDefault(key, 0.0))
                    .toList();
            if (values.stream().anyMatch(v -> v > 0)) {
                stacks.add(new Chart.Stack(name(key), PartHue.of(key), values));
            }
        }
        stacks.sort((a, b) -> Double.compare(sum(b), sum(a)));
        return new Chart.Stacks(
                "Mean time per token of each layer by part.", Unit.MICROSECONDS, "layer", names, stacks);
    }

    private static double sum(Chart.Stack stack) {
        return stack.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    Chart.HeatMap experts(DecodeProfile.ExpertActivity e) {
        double expected = (double) profile.tToken().n() * e.topK() / e.experts();
        return new Chart.HeatMap(
                "Tokens by layer and expert. An even spread would give " + Format.significant(expected)
                        + " tokens to each expert.",
                Unit.TOKENS,
                "layer",
                e.layers().stream().map(l -> Integer.toString(l.layer())).toList(),
                "expert",
                e.layers().stream().map(DecodeProfile.LayerChoices::counts).toList(),
                expected);
    }

    Chart.Limit bandwidth(DecodeProfile.MemoryBound b) {
        return new Chart.Limit(
                "Achieved read bandwidth against the measured ceiling of "
                        + Format.value(b.ceilingBytesPerSecond(), Unit.BYTES_PER_SECOND) + ".",
                Unit.BYTES_PER_SECOND,
                new Chart.Level("measured ceiling", b.ceilingBytesPerSecond()),
                List.of(
                        new Chart.Part(name(Component.T_CPU_COMPUTATION), Hue.EXPERTS, b.expertBytesPerSecond()),
                        new Chart.Part("Whole token", Hue.PROFILED, b.tokenBytesPerSecond())));
    }

    Chart.Multiples cores() {
        return new Chart.Multiples(
                "Busy share of each logical CPU over the measured phase.",
                profile.cores().stream()
                        .map(c -> new Chart.Line(
                                "CPU " + c.core(), Hue.BUSY, indices(c.series().size()), c.series()))
                        .toList());
    }

    private static List<Double> indices(int n) {
        List<Double> out = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            out.add((double) i);
        }
        return out;
    }

    Chart.Estimate overhead(DecodeProfile.Overhead o) {
        return new Chart.Estimate(
                "Cost of per-node timing with its 95 % confidence interval.",
                Unit.RATIO, "per-node timing", o.percent() / 100, o.low() / 100, o.high() / 100);
    }

    Chart.Timeline timeline() {
        return new DecodeTimeline(this).of(profile.example());
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }
}
