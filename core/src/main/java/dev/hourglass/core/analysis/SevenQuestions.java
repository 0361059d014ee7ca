package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.DecodeProfile.Answer;
import dev.hourglass.core.analysis.DecodeProfile.Answer.Status;
import dev.hourglass.core.analysis.DecodeProfile.ComponentTime;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Answers the seven questions of a decode run, each in a sentence or two with numbers and the way
/// in which they were obtained.
final class SevenQuestions {
    private static final double SATURATED = 0.9;

    private final DecodeProfiler.Draft draft;

    private SevenQuestions(DecodeProfiler.Draft draft) {
        this.draft = draft;
    }

    static List<Answer> answer(DecodeProfiler.Draft draft) {
        SevenQuestions q = new SevenQuestions(draft);
        return List.of(
                q.latency(), q.biggest(), q.expertCopy(), q.gpuIdle(), q.cpuAgainstGpu(), q.saturation(), q.overlap());
    }

    private Answer latency() {
        Distribution t = draft.tToken();
        double varianceMs2 = t.stddev() * t.stddev() / 1e6;
        return new Answer(
                "q1",
                "What is the mean latency per token, and its variance?",
                "T_token is " + us(t.mean()) + " on average with a standard deviation of " + us(t.stddev())
                        + " (variance " + Format.significant(varianceMs2) + " ms², coefficient of variation "
                        + percent(t.cv()) + ") over " + t.n() + " steps; median " + us(t.p50()) + ", p99 " + us(t.p99())
                        + ".",
                Status.ANSWERED,
                List.of(
                        "Each step is timed from before the engine's decode call until the next token is chosen, on the monotonic clock.",
                        "Table token, analysis decode/latency."));
    }

    private Answer biggest() {
        List<ComponentTime> parts = draft.components().stream()
                .filter(c -> c.component().exclusive() && c.share().isPresent())
                .sorted(Comparator.comparingDouble(c -> -c.share().getAsDouble()))
                .toList();
        ComponentTime first = parts.getFirst();
        String next = parts.size() > 1
                ? "; next is " + parts.get(1).component().label() + " with " + share(parts.get(1))
                : "";
        return new Answer(
                "q2",
                "What is the single biggest contributor?",
                first.component().label() + " with " + share(first) + " of T_token ("
                        + us(first.time().orElseThrow().mean()) + " ± "
                        + us(first.time().orElseThrow().stddev()) + " per token)" + next + ".",
                Status.ANSWERED,
                List.of(
                        "Exclusive components do not overlap; with the remainder they add up to T_token.",
                        "View token_component, analysis decode/components."));
    }

    private Answer expertCopy() {
        String size = draft.facts().containsKey("model.expert_bytes")
                ? "One expert is S_exp = "
                        + Format.value(
                                Double.parseDouble(draft.facts().getOrDefault("model.expert_bytes", "0")), Unit.BYTES)
                        + " in " + draft.facts().getOrDefault("model.quantization", "its format") + ". "
                : "";
        return missing(
                "q3",
                "What is T_pcie_transfer of one expert, and does it match S_exp / B_pcie?",
                size,
                Component.T_PCIE_TRANSFER.key(),
                List.of("Nothing crosses PCIe in this run, so neither side of the comparison exists."));
    }

    private Answer gpuIdle() {
        return missing(
                "q4",
                "How long is the GPU idle while waiting for data?",
                "",
                Component.T_GPU_COMPUTATION.key(),
                List.of("GPU idle time is the step less the union of kernels and copies; there are none to unite."));
    }

    private Answer cpuAgainstGpu() {
        String cpu = time(Component.T_CPU_COMPUTATION)
                .map(t -> "T_cpu_comp is " + us(t.mean()) + " ± " + us(t.stddev()) + " per token" + perExpert(t) + ". ")
                .orElse("");
        return missing(
                "q5",
                "How do T_cpu_comp and T_gpu_comp compare?",
                cpu,
                Component.T_GPU_COMPUTATION.key(),
                List.of(
                        "The per-expert figure is an apportionment: one node computes all chosen experts of a layer, and"
                                + " its time is divided equally among them."));
    }

    private String perExpert(Distribution cpu) {
        long used = fact("model.experts_used") * fact("model.moe_layers");
        return used == 0 ? "" : ", " + us(cpu.mean() / used) + " per chosen expert (apportioned equally)";
    }

    private Answer saturation() {
        String question = "Are the CPU cores saturated during expert computation, or waiting on memory?";
        if (draft.bound().isEmpty()) {
            return missing("q6", question, "", "dram_read", List.of("No bandwidth ceiling was measured."));
        }
        DecodeProfile.MemoryBound b = draft.bound().orElseThrow();
        List<String> evidence = new ArrayList<>(List.of(
                "Achieved: bytes of the weights that the feed-forward operators must read, divided by their time"
                        + " (analysis decode/bound).",
                "Ceiling: read bandwidth of as many threads, measured beside the run (table ceiling).",
                "A thread that spins in a barrier counts as running."));
        return new Answer("q6", question, running() + " " + sentence(b) + contentionNote(), Status.ANSWERED, evidence);
    }

    private String running() {
        long threads = fact("engine.threads");
        double busy = draft.threads().stream()
                .limit(Math.max(1, threads))
                .mapToDouble(DecodeProfile.ThreadActivity::running)
                .average()
                .orElse(Double.NaN);
        if (Double.isNaN(busy)) {
            return "Use of the engine's threads was not sampled.";
        }
        return (busy >= SATURATED ? "The cores are busy: the " : "The cores are not always busy: the ") + threads
                + " compute threads run " + percent(busy) + " of the time.";
    }

    private static String sentence(DecodeProfile.MemoryBound b) {
        String rate = "The experts read weights at " + rate(b.expertBytesPerSecond()) + ", " + percent(b.ratio())
                + " of the " + rate(b.ceilingBytesPerSecond()) + " that memory delivers to these threads: ";
        return switch (b.verdict()) {
            case "memory" -> rate + "they wait for memory; fewer bytes per weight would help, more cores would not.";
            case "compute" -> rate + "memory keeps up, the cores' own work is the limit.";
            case "cache" -> rate + "the weights come from cache, so memory is not the limit.";
            default -> rate + "both the cores' work and memory limit them.";
        };
    }

    private String contentionNote() {
        return draft.contention()
                .filter(c -> !c.level().equals("none"))
                .map(c -> " Caution: " + c.reason())
                .orElse("");
    }

    private Answer overlap() {
        double outside = time(Component.REMAINDER).map(Distribution::mean).orElse(0.0)
                / draft.tToken().mean();
        return new Answer(
                "q7",
                "Is there any overlap of CPU computation, GPU computation and PCIe transfers?",
                "No. Every operator runs on the CPU and one after the other: " + percent(1 - outside)
                        + " of T_token is CPU work in sequence, and there is no GPU or PCIe work beside it that could"
                        + " overlap.",
                Status.ANSWERED,
                List.of(
                        "The engine computes one graph node at a time, with all threads inside it.",
                        "Table op: its rows of a step do not overlap."));
    }

    private Answer missing(String id, String question, String known, String item, List<String> evidence) {
        DecodeProfile.NotMeasured why = draft.absent()
                .getOrDefault(item, new DecodeProfile.NotMeasured(item, "not_measured", "nothing was recorded", null));
        boolean applicable = !why.status().equals("not_applicable");
        List<String> all = new ArrayList<>(evidence);
        if (why.howToRecord() != null) {
            all.add("To record it: " + why.howToRecord());
        }
        return new Answer(
                id,
                question,
                known + (applicable ? "Not measured, because " : "Not applicable: ") + why.reason() + ".",
                applicable ? Status.NOT_MEASURED : Status.NOT_APPLICABLE,
                all);
    }

    private Optional<Distribution> time(Component component) {
        return draft.components().stream()
                .filter(c -> c.component() == component)
                .findFirst()
                .flatMap(ComponentTime::time);
    }

    private long fact(String name) {
        return Long.parseLong(draft.facts().getOrDefault(name, "0"));
    }

    private static String share(ComponentTime c) {
        return percent(c.share().orElse(0));
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }

    private static String rate(double value) {
        return Format.value(value, Unit.BYTES_PER_SECOND);
    }

    private static String percent(double ratio) {
        return Format.value(ratio, Unit.RATIO);
    }
}
