package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.Answer.Status;
import dev.hourglass.core.analysis.DecodeProfile.ComponentTime;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers the seven questions from what a session holds, each in a sentence or two with numbers and the
/// way in which they were obtained: from the tokens of a recorded decode run where there are some, from
/// the steps of a timeline else, from the GPU's work wherever it was recorded. What is not there is
/// "not measured", with the recorder's own reason where it gave one.
final class SevenQuestions {
    static final String LATENCY = "What is the mean latency per token, and its variance?";
    static final String BIGGEST = "What is the single biggest contributor?";
    static final String EXPERT_COPY = "What is T_pcie_transfer of one expert, and does it match S_exp / B_pcie?";
    static final String GPU_IDLE = "How long is the GPU idle while waiting for data?";
    static final String CPU_AGAINST_GPU = "How do T_cpu_comp and T_gpu_comp compare?";
    static final String SATURATION = "Are the CPU cores saturated during expert computation, or waiting on memory?";
    static final String OVERLAP = "Is there any overlap of CPU computation, GPU computation and PCIe transfers?";

    private static final Map<String, String> LABELS = Map.of(
            "t_communication", "T_communication",
            "t_peer", "T_peer (waiting for other GPUs)",
            "t_scheduling", "T_scheduling (other code on the host)",
            "remainder", "Remainder");

    private final Optional<DecodeProfile> decode;
    private final Optional<StageTime> stage;
    private final Evidence evidence;
    private final GpuQuestions gpu;
    private final CpuQuestions cpu;
    private final EngineQuestions engine;

    private SevenQuestions(Optional<DecodeProfile> decode, Optional<StageTime> stage, Evidence evidence) {
        this.decode = decode;
        this.stage = stage;
        this.evidence = evidence;
        this.gpu = new GpuQuestions(evidence);
        this.cpu = new CpuQuestions(evidence);
        this.engine = new EngineQuestions(evidence);
    }

    /// What the questions are answered from, beside steps and tokens.
    ///
    /// @param facts what the session says of itself
    /// @param outcomes how each analysis came out, by its id
    record Evidence(SessionFacts facts, Map<String, Outcome> outcomes) {
        Optional<Rows> rows(String analysis) {
            return Optional.ofNullable(outcomes.get(analysis)).flatMap(Outcome::answered);
        }

        /// Not measured, for the reason that the recorder gave.
        ///
        /// @param known what can be said all the same
        Optional<Answer> recordedAbsence(String id, String question, String known, String item, String remark) {
            return facts.absence(item).map(why -> {
                List<String> all = new ArrayList<>(List.of(remark));
                if (why.howToRecord() != null) {
                    all.add("To record it: " + why.howToRecord());
                }
                return new Answer(
                        id,
                        question,
                        known + (why.isInapplicable() ? "Not applicable: " : "Not measured, because ") + why.reason()
                                + ".",
                        why.isInapplicable() ? Status.NOT_APPLICABLE : Status.NOT_MEASURED,
                        all,
                        Optional.of(Queries.absence(item)));
            });
        }
    }

    static List<Answer> answer(Optional<DecodeProfile> decode, Optional<StageTime> stage, Evidence evidence) {
        SevenQuestions q = new SevenQuestions(decode, stage, evidence);
        return List.of(
                q.latency(), q.biggest(), q.expertCopy(), q.gpuIdle(), q.cpuAgainstGpu(), q.saturation(), q.overlap());
    }

    private Answer latency() {
        return decode.map(profile -> latency(profile.tToken()))
                .or(() -> stage.map(this::latency))
                .or(engine::latency)
                .orElseGet(() -> absent("q1", LATENCY, "the session has no steps with device work", "stage"));
    }

    private Answer latency(Distribution t) {
        return new Answer(
                "q1",
                LATENCY,
                "T_token is " + us(t.mean()) + " on average with a standard deviation of " + us(t.stddev())
                        + " (variance " + varianceMs2(t) + " ms², coefficient of variation "
                        + percent(t.cv()) + ") over " + t.n() + " steps; median " + us(t.p50()) + ", " + tail(t)
                        + "; " + Format.value(1e6 / t.mean(), Unit.TOKENS_PER_SECOND) + ".",
                Status.ANSWERED,
                List.of(
                        "Each step is timed from before the engine's decode call until the next token is chosen, on the monotonic clock.",
                        "Table token, analysis decode/latency."),
                Optional.of(Queries.library("decode/latency")));
    }

    private Answer latency(StageTime s) {
        return new Answer(
                "q1",
                LATENCY,
                period(s) + wall(s) + throughput(s) + ".",
                Status.ANSWERED,
                List.of(
                        switch (s.period().told()) {
                            case WALL ->
                                "A step's wall runs from the later of its host start and the previous step's last"
                                        + " device work, to the later of its host end and its own last device work.";
                            default ->
                                "From the end of a step's work to that of the next, sampling, scheduling and whatever"
                                        + " else lies between the two included; spans in which no step was pending"
                                        + " are not.";
                        },
                        "The first recorded step is left out where the stage has others. The recording itself"
                                + " makes steps longer.",
                        s.devices() == 0 ? "Analysis steps/host_stages." : "Analysis steps/stages."),
                Optional.empty());
    }

    /// What passes from token to token, or from step to step.
    private static String period(StageTime s) {
        Distribution t = s.period().time();
        String n = t.n() == 1 ? "1 step" : t.n() + " steps";
        String opening = s.isOfTokens() ? "From token to token it is " : s.opening() + " takes ";
        String spread = t.n() == 1
                ? " (" + n + ")"
                : " at the median of " + n + " (mean " + us(t.mean()) + ", standard deviation " + us(t.stddev())
                        + ", variance " + varianceMs2(t) + " ms²; " + tail(t) + ")";
        return opening + us(t.p50()) + spread + outliers(s.period()) + interrupted(s.period());
    }

    private static String outliers(Period period) {
        return period.hasOutliers()
                ? ". " + (period.time().n() - period.usual())
                        + " of them longer than three medians: what limits the others is judged without these"
                : "";
    }

    private static String interrupted(Period period) {
        return period.interruptedUs().isPresent()
                ? ". Where a step of another stage comes between two, " + period.interrupted() + " times, it is "
                        + us(period.interruptedUs().getAsDouble()) + " on average"
                : "";
    }

    private static String wall(StageTime s) {
        return s.period().told() == Period.Told.WALL
                ? ""
                : ". The step alone, its wall, takes " + us(s.wall().p50());
    }

    /// A percentile of few steps is the slowest of them.
    static String tail(Distribution t) {
        return Double.isFinite(t.p99()) ? "p99 " + us(t.p99()) : "slowest " + us(t.max());
    }

    private static String varianceMs2(Distribution t) {
        return Format.significant(t.stddev() * t.stddev() / 1e6);
    }

    private static String throughput(StageTime s) {
        return s.period().tokensPerSecond().isPresent()
                ? ". A step serves " + Format.significant(s.tokens().orElse(0)) + " tokens: "
                        + Format.value(s.period().tokensPerSecond().getAsDouble(), Unit.TOKENS_PER_SECOND)
                        + " over the whole batch"
                : "";
    }

    private Answer biggest() {
        return decode.map(this::biggest)
                .or(() -> stage.map(this::biggest))
                .or(engine::biggest)
                .orElseGet(() -> absent("q2", BIGGEST, "the session has no steps with device work", "stage"));
    }

    private Answer biggest(DecodeProfile profile) {
        List<ComponentTime> parts = profile.components().stream()
                .filter(c -> c.component().exclusive() && c.share().isPresent())
                .sorted(Comparator.comparingDouble(c -> -c.share().getAsDouble()))
                .toList();
        ComponentTime first = parts.getFirst();
        String next = parts.size() > 1
                ? "; next is " + parts.get(1).component().label() + " with " + share(parts.get(1))
                : "";
        Distribution time = first.time().orElseThrow();
        return new Answer(
                "q2",
                BIGGEST,
                first.component().label() + " with " + share(first) + " of T_token (" + us(time.mean()) + " ± "
                        + us(time.stddev()) + " per token)" + next + ".",
                Status.ANSWERED,
                List.of(
                        "Exclusive components do not overlap; with the remainder they add up to T_token.",
                        "View token_component, analysis decode/components."),
                Optional.of(Queries.library("decode/components")));
    }

    private Answer biggest(StageTime s) {
        List<Map.Entry<String, Double>> parts = s.componentsUs().entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .toList();
        return new Answer(
                "q2",
                BIGGEST,
                part(parts.get(0), s, s.isOfTokens() ? " of the time from token to token" : " of " + s.one())
                        + "; next is " + part(parts.get(1), s, "") + "." + cpu.top(s),
                Status.ANSWERED,
                List.of(
                        "Parts do not overlap and add up to the time from step to step: kernels first, then communication and"
                                + " copies that nothing hides, then idle time by its cause.",
                        "Analyses steps/stages, gpu/idle."),
                Optional.empty());
    }

    private static String part(Map.Entry<String, Double> part, StageTime s, String whole) {
        String label = Optional.ofNullable(LABELS.get(part.getKey()))
                .or(() -> Component.find(part.getKey()).map(Component::label))
                .orElse(part.getKey());
        return label + " with "
                + percent(
                        s.period().usualUs() == 0
                                ? 0
                                : part.getValue() / s.period().usualUs()) + whole + " ("
                + us(part.getValue()) + ")";
    }

    private Answer expertCopy() {
        String size = cpu.expertSize();
        return gpu.expertCopy(size)
                .or(() -> evidence.recordedAbsence(
                        "q3",
                        EXPERT_COPY,
                        size,
                        Component.T_PCIE_TRANSFER.key(),
                        "No copy over PCIe was recorded, so neither side of the comparison exists."))
                .orElseGet(() -> absent("q3", EXPERT_COPY, gpu.whyNoExpertCopy(), "memcpy"));
    }

    private Answer gpuIdle() {
        return stage.flatMap(gpu::idle)
                .or(() -> evidence.recordedAbsence(
                        "q4",
                        GPU_IDLE,
                        "",
                        Component.T_GPU_COMPUTATION.key(),
                        "GPU idle time is the step less the union of kernels and copies; none were recorded."))
                .orElseGet(() -> absent("q4", GPU_IDLE, "no GPU work was recorded", "kernel"));
    }

    private Answer cpuAgainstGpu() {
        Optional<String> experts = decode.flatMap(cpu::computation);
        return stage.flatMap(s -> gpu.computation(s, experts))
                .or(() -> evidence.recordedAbsence(
                        "q5",
                        CPU_AGAINST_GPU,
                        experts.orElse(""),
                        Component.T_GPU_COMPUTATION.key(),
                        CpuQuestions.APPORTIONED))
                .or(() -> stage.map(cpu::operators))
                .orElseGet(() -> absent("q5", CPU_AGAINST_GPU, "no GPU work was recorded", "kernel"));
    }

    private Answer saturation() {
        return decode.flatMap(cpu::saturation)
                .or(() -> evidence.recordedAbsence(
                        "q6", SATURATION, "", "dram_read", "No bandwidth ceiling was measured."))
                .or(cpu::busy)
                .orElseGet(() -> absent(
                        "q6", SATURATION, "the use of CPU cores was not sampled beside this recording", "core_sample"));
    }

    private Answer overlap() {
        return stage.flatMap(gpu::overlap)
                .or(() -> decode.flatMap(cpu::sequence))
                .orElseGet(() -> absent("q7", OVERLAP, "no GPU work was recorded", "kernel"));
    }

    private static Answer absent(String id, String question, String reason, String table) {
        return new Answer(
                id,
                question,
                "Not measured, because " + reason + ".",
                Status.NOT_MEASURED,
                List.of("To record it: " + HowToRecord.of(List.of(table)) + "."),
                Optional.empty());
    }

    private static String share(ComponentTime c) {
        return percent(c.share().orElse(0));
    }

    static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }

    static String percent(double ratio) {
        return Format.value(ratio, Unit.RATIO);
    }
}
