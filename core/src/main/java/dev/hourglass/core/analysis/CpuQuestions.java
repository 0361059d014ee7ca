package dev.hourglass.core.analysis;

import static dev.hourglass.core.analysis.SevenQuestions.percent;
import static dev.hourglass.core.analysis.SevenQuestions.us;

import dev.hourglass.core.analysis.Answer.Status;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What the seven answers say of processors, experts and the engine's own pieces.
final class CpuQuestions {
    static final String APPORTIONED =
            "The per-expert figure is an apportionment: one node computes all chosen experts of a layer, and"
                    + " its time is divided equally among them.";
    /// Share of time from which compute threads count as always busy; the rest is what a sampling interval
    /// holds of start and end.
    private static final double ALWAYS_BUSY = 0.9;

    private final SevenQuestions.Evidence evidence;

    CpuQuestions(SevenQuestions.Evidence evidence) {
        this.evidence = evidence;
    }

    /// How large one expert is, as a sentence; empty where the recording does not tell.
    String expertSize() {
        long bytes = evidence.facts().number("model.expert_bytes");
        return bytes == 0
                ? ""
                : "One expert is S_exp = " + Format.value((double) bytes, Unit.BYTES) + " in "
                        + evidence.facts().fact("model.quantization", "its format") + ". ";
    }

    /// How long experts take on the CPU, as a sentence; empty where they do not run there.
    Optional<String> computation(DecodeProfile profile) {
        return profile.time(Component.T_CPU_COMPUTATION)
                .map(t ->
                        "T_cpu_comp is " + us(t.mean()) + " ± " + us(t.stddev()) + " per token" + perExpert(t) + ". ");
    }

    private String perExpert(Distribution cpu) {
        long used =
                evidence.facts().number("model.experts_used") * evidence.facts().number("model.moe_layers");
        return used == 0 ? "" : ", " + us(cpu.mean() / used) + " per chosen expert (apportioned equally)";
    }

    /// What operators take in a recording without GPU work.
    Answer operators(StageTime s) {
        return new Answer(
                "q5",
                SevenQuestions.CPU_AGAINST_GPU,
                "T_cpu_comp is " + us(s.componentUs("t_cpu_computation")) + " inside " + calls(s) + "operators per "
                        + StageTime.stepOf(s.name())
                        + "." + top(s) + " No GPU work was recorded, so there is no T_gpu_comp beside it.",
                Status.NOT_APPLICABLE,
                List.of("Union of operators on the annotating thread, within the annotation."),
                Optional.empty());
    }

    /// Which operator takes most of a step itself, as a sentence; empty where GPUs work or there are no operators.
    String top(StageTime s) {
        return ofStage(s, "top_self")
                .map(at -> " Of the operators " + at.rows().text(at.row(), "top", "") + " takes most itself: "
                        + us(at.rows().real(at.row(), "top_self").orElse(0) / 1000) + ", "
                        + percent(at.rows().real(at.row(), "top_ratio").orElse(0)) + " of "
                        + StageTime.oneOf(s.name()) + ".")
                .orElse("");
    }

    private String calls(StageTime s) {
        return ofStage(s, "calls")
                .map(at -> Format.value(at.rows().real(at.row(), "calls").orElse(0), Unit.COUNT) + " ")
                .orElse("");
    }

    /// A row of an answer.
    private record At(Rows rows, int row) {}

    private Optional<At> ofStage(StageTime s, String column) {
        return evidence.rows("cpu/steps").map(rows -> rows.with(column)).stream()
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .filter(r ->
                                s.devices() == 0 && rows.text(r, "stage", "").equals(s.name()))
                        .mapToObj(r -> new At(rows, r)))
                .findFirst();
    }

    /// Whether cores compute or wait for memory; empty where no ceiling was measured.
    Optional<Answer> saturation(DecodeProfile profile) {
        return profile.bound()
                .map(b -> new Answer(
                        "q6",
                        SevenQuestions.SATURATION,
                        running(profile) + " " + sentence(b) + contentionNote(profile),
                        Status.ANSWERED,
                        List.of(
                                "Achieved: bytes of the weights that the feed-forward operators must read, divided by their time"
                                        + " (analysis decode/bound).",
                                "Ceiling: read bandwidth of as many threads, measured beside the run (table ceiling).",
                                "A thread that spins in a barrier counts as running."),
                        Optional.of(Queries.reading())));
    }

    private String running(DecodeProfile profile) {
        long threads = evidence.facts().number("engine.threads");
        double busy = profile.threads().stream()
                .limit(Math.max(1, threads))
                .mapToDouble(DecodeProfile.ThreadActivity::running)
                .average()
                .orElse(Double.NaN);
        if (Double.isNaN(busy)) {
            return "Use of the engine's threads was not sampled.";
        }
        return (busy >= ALWAYS_BUSY ? "The cores are busy: the " : "The cores are not always busy: the ") + threads
                + " compute threads run " + percent(busy) + " of the time.";
    }

    private String sentence(DecodeProfile.MemoryBound b) {
        String readers = evidence.facts().number("model.experts_used") > 0 ? "experts" : "feed-forward layers";
        String rate = "The " + readers + " read weights at " + rate(b.expertBytesPerSecond()) + ", " + percent(b.ratio())
                + " of the " + rate(b.ceilingBytesPerSecond()) + " that memory delivers to these threads: ";
        return switch (b.verdict()) {
            case "memory" -> rate + "they wait for memory; fewer bytes per weight would help, more cores would not.";
            case "compute" -> rate + "memory keeps up, the cores' own work is the limit.";
            case "cache" -> rate + "the weights come from cache, so memory is not the limit.";
            default -> rate + "both the cores' work and memory limit them.";
        };
    }

    private static String contentionNote(DecodeProfile profile) {
        return profile.contention()
                .filter(c -> !c.level().equals("none"))
                .map(c -> " Caution: " + c.reason())
                .orElse("");
    }

    /// How busy the cores were, where that alone was sampled.
    Optional<Answer> busy() {
        return evidence.rows("cpu/cores")
                .filter(rows -> rows.with("busy").size() > 0)
                .map(rows -> new Answer(
                        "q6",
                        SevenQuestions.SATURATION,
                        "The CPU cores are busy " + percent(rows.real(0, "busy").orElseThrow())
                                + " of the time on average.",
                        Status.ANSWERED,
                        List.of("Table core_sample, all cores, the whole recording."),
                        Optional.empty()));
    }

    /// Whether the engine's pieces run one after the other; empty where they were not timed.
    Optional<Answer> sequence(DecodeProfile profile) {
        return evidence.rows("decode/overlap")
                .filter(rows -> rows.with("overlapping", "overlap").size() > 0)
                .map(rows -> {
                    double outside = profile.share(Component.REMAINDER);
                    boolean apart = rows.integer(0, "overlapping").orElseThrow() == 0;
                    String sentence = apart
                            ? "No. Every operator runs on the CPU and one after the other: " + percent(1 - outside)
                                    + " of T_token is CPU work in sequence, and " + besides() + "."
                            : "Operators overlap each other for "
                                    + Format.value(rows.real(0, "overlap").orElseThrow(), Unit.NANOSECONDS)
                                    + " of each token on the CPU, and " + besides() + ".";
                    return new Answer(
                            "q7",
                            SevenQuestions.OVERLAP,
                            sentence,
                            Status.ANSWERED,
                            List.of(
                                    "The engine computes one graph node at a time, with all threads inside it.",
                                    "Table op: its rows of a step do not overlap."),
                            Optional.of(Queries.library("decode/overlap")));
                });
    }

    /// Whether nothing else ran, or nothing else was seen.
    private String besides() {
        return evidence.facts().absence(Component.T_GPU_COMPUTATION.key()).isPresent()
                ? "there is no GPU or PCIe work beside it that could overlap"
                : "no GPU or PCIe work was recorded beside it";
    }

    private static String rate(double value) {
        return Format.value(value, Unit.BYTES_PER_SECOND);
    }
}
