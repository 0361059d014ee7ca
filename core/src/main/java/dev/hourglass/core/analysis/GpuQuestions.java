package dev.hourglass.core.analysis;

import static dev.hourglass.core.analysis.SevenQuestions.percent;
import static dev.hourglass.core.analysis.SevenQuestions.us;

import dev.hourglass.core.analysis.Answer.Status;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What the seven answers say of GPUs and copies; empty wherever none of their work was recorded.
final class GpuQuestions {
    private final SevenQuestions.Evidence evidence;

    GpuQuestions(SevenQuestions.Evidence evidence) {
        this.evidence = evidence;
    }

    /// How long a copy of an expert's size takes.
    ///
    /// @param size how large an expert is, as a sentence; empty where that is not known
    Optional<Answer> expertCopy(String size) {
        return evidence.rows("gpu/expert_copy")
                .filter(rows ->
                        rows.with("bytes", "mean", "predicted", "n", "best").size() > 0)
                .map(rows -> expertCopy(size, rows));
    }

    private static Answer expertCopy(String size, Rows rows) {
        double mean = rows.real(0, "mean").orElseThrow();
        double predicted = rows.real(0, "predicted").orElseThrow();
        return new Answer(
                "q3",
                SevenQuestions.EXPERT_COPY,
                size + "The copies from host to GPU that move most are of "
                        + Format.value(rows.real(0, "bytes").orElseThrow(), Unit.BYTES) + " each and take "
                        + ns(mean) + " ± " + ns(rows.real(0, "stddev").orElse(0)) + " (n = "
                        + rows.integer(0, "n").orElseThrow() + "). At the link's best rate seen here, "
                        + Format.value(rows.real(0, "best").orElseThrow(), Unit.BYTES_PER_SECOND)
                        + memory(rows.text(0, "memory", "unknown")) + ", S / B_pcie is " + ns(predicted)
                        + ": the copy takes "
                        + Format.significant(mean / predicted) + " times that.",
                Status.ANSWERED,
                List.of(
                        "The recording does not say what a copy holds: the size with most bytes in all stands for one"
                                + " expert.",
                        "B_pcie is the fastest copy of at least 1 MB in the recording, not the link's data sheet.",
                        "Analysis gpu/memcpy."),
                Optional.empty());
    }

    /// What the rate is of: only pinned memory lets a copy run at the link's own rate.
    private static String memory(String kind) {
        return switch (kind) {
            case "pinned" -> " from pinned memory";
            case "pageable" -> " from pageable memory, which is copied twice: the link itself is faster";
            default -> ", from memory of which the recording does not tell whether it is pinned";
        };
    }

    String whyNoExpertCopy() {
        boolean copied = evidence.rows("gpu/expert_copy")
                .filter(rows -> rows.integer(0, "copied").orElse(0) > 0)
                .isPresent();
        return copied
                ? "no copy from host to GPU is as large as an expert (1 MB)"
                : "nothing was copied from host to GPU";
    }

    Optional<Answer> idle(StageTime stage) {
        return stage.gpuBusyRatio().isEmpty()
                ? Optional.empty()
                : Optional.of(new Answer(
                        "q4",
                        SevenQuestions.GPU_IDLE,
                        idle(stage, stage.gpuBusyRatio().getAsDouble()),
                        Status.ANSWERED,
                        List.of(
                                "Idle is the time from step to step less the union of everything that ran on the GPU, over its"
                                        + " streams.",
                                "Analyses gpu/idle, gpu/gaps."),
                        Optional.empty()));
    }

    /// Only what there is: a part of no length is not told.
    private String idle(StageTime s, double busy) {
        String parts = Stream.of(
                        part("waiting for launches ", s.componentUs("t_gpu_kernel_launch")),
                        part(
                                evidence.rows("decode/computed_on_cpu").isPresent()
                                        ? "for what the CPU computes of the token, and other code on the host "
                                        : "for other code on the host ",
                                s.componentUs("t_scheduling")),
                        part("after waits of the host ", s.componentUs("t_sync")),
                        part("waiting for other GPUs ", s.componentUs("t_peer")),
                        part("with work queued, through the recording, or unknown ", s.componentUs("remainder")))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        double copied = s.componentUs("t_pcie_transfer");
        return "The GPU is idle " + percent(1 - busy) + " of "
                + (s.isOfTokens() ? "the time from token to token" : s.one()) + " ("
                + us((1 - busy) * s.period().usualUs()) + ")" + (parts.isEmpty() ? "" : ": " + parts)
                + (copied > 0
                        ? "; it computes nothing while data is copied for " + us(copied)
                        : "; no copy between host and GPU stands alone")
                + ".";
    }

    private static String part(String label, double us) {
        return us > 0 ? label + us(us) : "";
    }

    /// @param experts how long experts take on the CPU, as a sentence; empty where the engine does not tell
    Optional<Answer> computation(StageTime s, Optional<String> experts) {
        return s.devices() == 0
                ? Optional.empty()
                : Optional.of(new Answer(
                        "q5",
                        SevenQuestions.CPU_AGAINST_GPU,
                        experts.orElse("") + "T_gpu_comp is " + us(s.componentUs("t_gpu_computation")) + " per "
                                + StageTime.stepOf(s.name()) + ". " + (experts.isPresent() ? "" : host(s)),
                        Status.ANSWERED,
                        List.of(
                                "T_gpu_comp is the union over streams of kernels, copies inside the GPU and memsets, from step to"
                                        + " step."),
                        Optional.empty()));
    }

    /// What the host computes where only names of operators tell.
    private String host(StageTime s) {
        return evidence.rows("op/experts_on_cpu").map(rows -> rows.with("time")).stream()
                .flatMap(rows -> ofStage(rows, s.name())
                        .mapToObj(r -> "Operators that compute experts on the CPU take "
                                + ns(rows.real(r, "time").orElseThrow()) + " per step."))
                .findFirst()
                .orElseGet(() -> "No operator computes experts on the CPU: the host only issues work, for "
                        + us(s.componentUs("t_gpu_kernel_launch")) + " per step in which the GPU waits for it.");
    }

    Optional<Answer> overlap(StageTime stage) {
        return evidence.rows("gpu/overlap")
                .map(rows -> overlap(rows, ofStage(rows, stage.name()).max().orElse(0)));
    }

    private static Answer overlap(Rows rows, int row) {
        double copy = rows.real(row, "copy").orElse(0);
        String copies = copy == 0
                ? "There are no copies between host and GPU in " + StageTime.oneOf(rows.text(row, "stage", "")) + ". "
                : percent(rows.real(row, "copy_hidden_ratio").orElse(0)) + " of the copy time ("
                        + ns(rows.real(row, "hidden_copy").orElse(0)) + " of " + ns(copy)
                        + " per step) runs beside GPU computation. ";
        return new Answer(
                "q7",
                SevenQuestions.OVERLAP,
                copies + "The host is inside operators and launch calls for "
                        + percent(rows.real(row, "cpu_beside_gpu").orElse(0))
                        + " of the step while the GPU is busy.",
                Status.ANSWERED,
                List.of("Overlap is that of unions over streams, within the steps' walls.", "Analysis gpu/overlap."),
                Optional.empty());
    }

    private static IntStream ofStage(Rows rows, String stage) {
        return IntStream.range(0, rows.size())
                .filter(r -> rows.text(r, "stage", "").equals(stage));
    }

    private static String ns(double value) {
        return Format.value(value, Unit.NANOSECONDS);
    }
}
