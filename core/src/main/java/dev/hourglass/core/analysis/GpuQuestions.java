package dev.hourglass.core.analysis;

import dev.hourglass.core.analysis.DecodeProfile.Answer;
import dev.hourglass.core.analysis.DecodeProfile.Answer.Status;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Answers the seven questions from a recorded timeline with GPU work.
final class GpuQuestions {
    private static final Map<String, String> LABELS = Map.of(
            "t_cpu_computation", "T_cpu_computation",
            "t_gpu_computation", "T_gpu_computation",
            "t_communication", "T_communication",
            "t_pcie_transfer", "T_pcie_transfer",
            "t_gpu_kernel_launch", "T_gpu_kernel_launch",
            "t_sync", "T_sync",
            "t_scheduling", "T_scheduling (other code on the host)",
            "remainder", "Remainder");

    private final Session session;
    private final Optional<StageTime> stage;
    private final Map<String, Outcome> outcomes;

    private GpuQuestions(Session session, Optional<StageTime> stage, Map<String, Outcome> outcomes) {
        this.session = session;
        this.stage = stage;
        this.outcomes = outcomes;
    }

    static List<Answer> answer(Session session, Optional<StageTime> stage, Map<String, Outcome> outcomes) {
        GpuQuestions q = new GpuQuestions(session, stage, outcomes);
        return List.of(
                q.latency(), q.biggest(), q.expertCopy(), q.gpuIdle(), q.cpuAgainstGpu(), q.saturation(), q.overlap());
    }

    private Answer latency() {
        String question = "What is the mean latency per token, and its variance?";
        return stage.map(s -> new Answer(
                        "q1",
                        question,
                        s.opening() + " takes " + us(s.wall().mean())
                                + " on average with a standard deviation of "
                                + us(s.wall().stddev()) + " (variance "
                                + Format.significant(
                                        s.wall().stddev() * s.wall().stddev() / 1e6)
                                + " ms²) over " + s.steps() + (s.steps() == 1 ? " step" : " steps") + "; median "
                                + us(s.wall().p50()) + ", p99 "
                                + us(s.wall().p99()) + perToken(s) + ".",
                        Status.ANSWERED,
                        List.of(
                                "A step's wall runs from the later of its host start and the previous step's last device"
                                        + " work, to the later of its host end and its own last device work.",
                                "The first recorded step is left out where the stage has others. The recording itself"
                                        + " makes steps longer.",
                                "Analysis steps/stages.")))
                .orElseGet(() -> absent("q1", question, "the session has no steps with device work", "stage"));
    }

    private static String perToken(StageTime s) {
        return s.tokens().isPresent() && s.tokens().getAsDouble() > 0
                ? ". Each step serves " + Format.significant(s.tokens().getAsDouble()) + " tokens"
                : "";
    }

    private Answer biggest() {
        String question = "What is the single biggest contributor?";
        return stage.map(s -> {
                    List<Map.Entry<String, Double>> parts = s.componentsUs().entrySet().stream()
                            .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                            .toList();
                    return new Answer(
                            "q2",
                            question,
                            part(parts.get(0), s, " of " + s.one()) + "; next is " + part(parts.get(1), s, "") + ".",
                            Status.ANSWERED,
                            List.of(
                                    "Parts do not overlap and add up to the wall: kernels first, then communication and"
                                            + " copies that nothing hides, then idle time by its cause.",
                                    "Analyses steps/stages, gpu/idle."));
                })
                .orElseGet(() -> absent("q2", question, "the session has no steps with device work", "stage"));
    }

    private static String part(Map.Entry<String, Double> part, StageTime s, String whole) {
        return LABELS.getOrDefault(part.getKey(), part.getKey()) + " with "
                + percent(part.getValue() / s.wall().mean()) + whole + " (" + us(part.getValue())
                + ")";
    }

    private Answer expertCopy() {
        String question = "What is T_pcie_transfer of one expert, and does it match S_exp / B_pcie?";
        Rows rows = session.query(
                "SELECT bytes, count(*) AS n, avg(dur) AS mean, stddev_samp(dur) AS sd, max(best) AS best"
                        + " FROM (SELECT *, max(bytes * 1e9 / nullif(dur, 0)) FILTER (bytes >= 1000000) OVER () AS best"
                        + " FROM memcpy WHERE kind = 'HtoD') WHERE bytes >= 1000000 GROUP BY bytes ORDER BY count(*) * bytes DESC LIMIT 1");
        if (rows.size() == 0) {
            return absent(
                    "q3",
                    question,
                    session.query("SELECT 1 FROM memcpy WHERE kind = 'HtoD' LIMIT 1")
                                            .size()
                                    == 0
                            ? "nothing was copied from host to GPU"
                            : "no copy from host to GPU is as large as an expert (1 MB)",
                    "memcpy");
        }
        double bytes = rows.real(0, "bytes").orElse(0);
        double mean = rows.real(0, "mean").orElse(0);
        double best = rows.real(0, "best").orElse(0);
        double predicted = bytes / best * 1e9;
        return new Answer(
                "q3",
                question,
                "The copies from host to GPU that move most are of " + Format.value(bytes, Unit.BYTES)
                        + " each and take "
                        + Format.value(mean, Unit.NANOSECONDS) + " ± "
                        + Format.value(rows.real(0, "sd").orElse(0), Unit.NANOSECONDS) + " (n = "
                        + rows.integer(0, "n").orElse(0) + "). At the link's best rate seen here, "
                        + Format.value(best, Unit.BYTES_PER_SECOND) + ", S / B_pcie is "
                        + Format.value(predicted, Unit.NANOSECONDS) + ": the copy takes "
                        + Format.significant(mean / predicted) + " times that.",
                Status.ANSWERED,
                List.of(
                        "The recording does not say what a copy holds: the size with most bytes in all stands for one"
                                + " expert.",
                        "B_pcie is the fastest copy of at least 1 MB in the recording, not the link's data sheet.",
                        "Analysis gpu/memcpy."));
    }

    /// Only what there is: a part of no length is not told.
    private static String idle(StageTime s) {
        double idle = 1 - s.gpuBusyRatio().orElse(1);
        String parts = Stream.of(
                        part("waiting for launches ", s.componentUs("t_gpu_kernel_launch")),
                        part("for other code on the host ", s.componentUs("t_scheduling")),
                        part("after waits of the host ", s.componentUs("t_sync")),
                        part("with work queued, through the recording, or unknown ", s.componentUs("remainder")))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        double copied = s.componentUs("t_pcie_transfer");
        return "The GPU is idle " + percent(idle) + " of " + s.one() + " ("
                + us(idle * s.wall().mean()) + ")" + (parts.isEmpty() ? "" : ": " + parts)
                + (copied > 0
                        ? "; it computes nothing while data is copied for " + us(copied)
                        : "; no copy between host and GPU stands alone")
                + ".";
    }

    private static String part(String label, double us) {
        return us > 0 ? label + us(us) : "";
    }

    private Answer gpuIdle() {
        String question = "How long is the GPU idle while waiting for data?";
        return stage.filter(s -> s.gpuBusyRatio().isPresent())
                .map(s -> new Answer(
                        "q4",
                        question,
                        idle(s),
                        Status.ANSWERED,
                        List.of(
                                "Idle is the step's wall less the union of everything that ran on the GPU, over its"
                                        + " streams.",
                                "Analyses gpu/idle, gpu/gaps.")))
                .orElseGet(() -> absent("q4", question, "no GPU work was recorded", "kernel"));
    }

    /// Microseconds of the outermost operators that compute experts, in the stage's judged steps.
    private OptionalDouble expertsOnCpu(StageTime s) {
        String expert = "(category = 'cpu_op' AND regexp_matches(name, '(?i)cpu.*(moe|expert|ffn)|kt_|cpuinfer'))";
        return real(
                "WITH expert AS (SELECT id, parent_id, ts, dur FROM slice WHERE " + expert
                        + "), judged AS (SELECT step, min(ts) AS ts, max(end_ts) AS end_ts FROM step_time"
                        + " WHERE judged AND stage = '" + s.name().replace("'", "''") + "' GROUP BY step)"
                        + " SELECT sum(e.dur) / 1000.0 AS us FROM expert e WHERE (e.parent_id IS NULL OR e.parent_id NOT IN"
                        + " (SELECT id FROM expert)) AND EXISTS (SELECT 1 FROM judged j WHERE e.ts >= j.ts AND e.ts < j.end_ts)",
                "us");
    }

    private Answer cpuAgainstGpu() {
        String question = "How do T_cpu_comp and T_gpu_comp compare?";
        OptionalDouble experts = stage.isPresent() ? expertsOnCpu(stage.get()) : OptionalDouble.empty();
        if (stage.filter(s -> s.devices() == 0).isPresent()) {
            StageTime s = stage.get();
            return new Answer(
                    "q5",
                    question,
                    "T_cpu_comp is " + us(s.componentUs("t_cpu_computation")) + " inside operators per "
                            + StageTime.stepOf(s.name())
                            + ". No GPU takes part in this recording, so there is no T_gpu_comp beside it.",
                    Status.NOT_APPLICABLE,
                    List.of("Union of operators on the annotating thread, within the annotation."));
        }
        return stage.map(s -> new Answer(
                        "q5",
                        question,
                        "T_gpu_comp is " + us(s.componentUs("t_gpu_computation")) + " per " + StageTime.stepOf(s.name())
                                + ". "
                                + (experts.isPresent()
                                        ? "Operators that compute experts on the CPU take "
                                                + us(experts.getAsDouble() / Math.max(1, s.steps())) + " per step."
                                        : "No operator computes experts on the CPU: the host only issues work, for "
                                                + us(s.componentUs("t_gpu_kernel_launch"))
                                                + " per step in which the GPU"
                                                + " waits for it."),
                        Status.ANSWERED,
                        List.of("T_gpu_comp is the union of kernels over streams, within the step's wall.")))
                .orElseGet(() -> absent("q5", question, "no GPU work was recorded", "kernel"));
    }

    private Answer saturation() {
        String question = "Are the CPU cores saturated during expert computation, or waiting on memory?";
        OptionalDouble busy = real("SELECT avg(busy_ratio) AS busy FROM core_sample", "busy");
        return busy.isPresent()
                ? new Answer(
                        "q6",
                        question,
                        "The CPU cores are busy " + percent(busy.getAsDouble()) + " of the time on average.",
                        Status.ANSWERED,
                        List.of("Table core_sample, all cores, the whole recording."))
                : absent("q6", question, "the use of CPU cores was not sampled beside this recording", "core_sample");
    }

    private Answer overlap() {
        String question = "Is there any overlap of CPU computation, GPU computation and PCIe transfers?";
        if (!(outcomes.get("gpu/overlap") instanceof Outcome.Clean answer)
                || answer.rows().size() == 0) {
            return absent("q7", question, "no GPU work was recorded", "kernel");
        }
        Rows rows = answer.rows();
        int row = 0;
        for (int r = 0; r < rows.size(); r++) {
            if (stage.isPresent()
                    && rows.text(r, "stage", "").equals(stage.get().name())) {
                row = r;
            }
        }
        double copy = rows.real(row, "copy").orElse(0);
        String copies = copy == 0
                ? "There are no copies between host and GPU in " + StageTime.oneOf(rows.text(row, "stage", "")) + ". "
                : percent(rows.real(row, "copy_hidden_ratio").orElse(0)) + " of the copy time ("
                        + Format.value(rows.real(row, "hidden_copy").orElse(0), Unit.NANOSECONDS) + " of "
                        + Format.value(copy, Unit.NANOSECONDS) + " per step) runs beside GPU computation. ";
        return new Answer(
                "q7",
                question,
                copies + "The host is inside operators and launch calls for "
                        + percent(rows.real(row, "cpu_beside_gpu").orElse(0))
                        + " of the step while the GPU is busy.",
                Status.ANSWERED,
                List.of("Overlap is that of unions over streams, within the steps' walls.", "Analysis gpu/overlap."));
    }

    private OptionalDouble real(String sql, String column) {
        Rows rows = session.query(sql);
        return rows.size() == 0 ? OptionalDouble.empty() : rows.real(0, column);
    }

    private static Answer absent(String id, String question, String reason, String table) {
        return new Answer(
                id,
                question,
                "Not measured, because " + reason + ".",
                Status.NOT_MEASURED,
                List.of("To record it: " + HowToRecord.of(List.of(table)) + "."));
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }

    private static String percent(double ratio) {
        return Format.value(ratio, Unit.RATIO);
    }
}
