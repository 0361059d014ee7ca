package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Loss;
import dev.hourglass.core.analysis.Period;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Figure;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Quantity;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// What a person reads first of a recorded timeline: how long a step takes, what limits it, what to beware of.
final class TraceHeadline {
    /// Kinds of loss that are named.
    private static final int LOSSES = 4;

    private final Explanation explained;
    private final TraceCharts charts;

    private TraceHeadline(Explanation explained, TraceCharts charts) {
        this.explained = explained;
        this.charts = charts;
    }

    static Report.Headline of(Explanation explained, TraceCharts charts) {
        return new TraceHeadline(explained, charts).build();
    }

    private Report.Headline build() {
        Optional<StageTime> stage = explained.tokenStage();
        String statement = stage.map(s -> (s.isOfTokens() ? "From token to token it is " : s.opening() + " takes ")
                        + us(s.period().time().p50()) + ". What limits it: " + limit(s) + ".")
                .orElseGet(() -> HostHeadline.of(explained));
        return new Report.Headline(
                statement,
                stage.map(this::figures).orElse(List.of()),
                stage.map(charts::neck).orElse(new Chart.Neck("nothing to draw", Unit.MICROSECONDS, List.of())),
                notes());
    }

    private static String limit(StageTime s) {
        return s.devices() == 0 && s.bound() == Bound.DEVICE
                ? "the CPU that computes the operators"
                : s.bound().words();
    }

    private List<Figure> figures(StageTime s) {
        List<Figure> out = new ArrayList<>();
        out.addAll(times(s));
        s.gpuBusyRatio()
                .ifPresent(busy -> out.add(new Figure(
                        "GPU busy",
                        Quantity.exact(busy, Unit.RATIO),
                        "union over its streams, of the time from step to step")));
        explained.findings().stream()
                .filter(f -> f.gain().isPresent() && f.gain().getAsDouble() > 0)
                .findFirst()
                .ifPresent(f -> out.add(new Figure(
                        "To be won at most",
                        Quantity.exact(f.gain().getAsDouble(), Unit.RATIO),
                        "of the time, from " + f.bound().words() + "; how it was estimated stands with the finding")));
        if (s.devices() > 0) {
            out.add(new Figure(
                    "Kernels per step",
                    Quantity.exact(s.kernels(), Unit.COUNT),
                    "issued by " + Format.value(Math.rint(s.launches()), Unit.COUNT) + " calls"));
        }
        utilisation("MFU", s.mfu(), without(s.utilizationBasis(), "bytes against"))
                .ifPresent(out::add);
        utilisation("MBU", s.mbu(), without(s.utilizationBasis(), "arithmetic against"))
                .ifPresent(out::add);
        return out;
    }

    /// Latency, what of it is the step itself, and throughput beside it.
    private static List<Figure> times(StageTime s) {
        Period period = s.period();
        Distribution time = period.time();
        List<Figure> out = new ArrayList<>();
        out.add(new Figure(
                s.isOfTokens() ? "From token to token" : s.opening(),
                Quantity.exact(time.p50(), Unit.MICROSECONDS),
                time.n() == 1
                        ? period.told() == Period.Told.WALL ? "wall of its only step" : "from its only step to the next"
                        : "median of " + time.n() + (period.told() == Period.Told.WALL ? " walls" : " periods")
                                + "; mean " + us(time.mean()) + " ± " + us(time.stddev())));
        if (period.told() != Period.Told.WALL) {
            out.add(new Figure(
                    "The step alone",
                    Quantity.exact(s.wall().p50(), Unit.MICROSECONDS),
                    "its wall, from its start on the host to the end of its work; median"));
        }
        period.tokensPerSecond()
                .ifPresent(rate -> out.add(new Figure(
                        "Throughput",
                        Quantity.exact(rate, Unit.TOKENS_PER_SECOND),
                        "over the whole batch, " + Format.significant(s.tokens().orElse(0)) + " tokens per step")));
        return out;
    }

    /// Only what bears on one of the two figures.
    private static String without(String basis, String part) {
        return Arrays.stream(basis.split("; ", -1))
                .filter(piece -> !piece.startsWith(part))
                .collect(Collectors.joining("; "));
    }

    private static Optional<Figure> utilisation(String label, OptionalDouble value, String basis) {
        return value.isEmpty()
                ? Optional.empty()
                : Optional.of(new Figure(
                        label,
                        Quantity.exact(value.getAsDouble(), Unit.RATIO),
                        "over the time from step to step, per GPU; " + basis));
    }

    private List<Block.Note> notes() {
        List<Block.Note> out = new ArrayList<>();
        List<Loss> bad = explained.losses().stream()
                .filter(l -> l.severity().equals("data_loss") || l.severity().equals("error"))
                // What may have cost the most, and what there is most of, comes first.
                .sorted(Comparator.comparing((Loss l) -> !l.kind().equals("truncated"))
                        .thenComparing(Loss::count, Comparator.reverseOrder()))
                .toList();
        if (!bad.isEmpty()) {
            String kinds = bad.stream()
                    .limit(LOSSES)
                    .map(l -> l.count() + " × " + l.kind() + " in " + l.source() + " (" + l.place() + ")")
                    .collect(Collectors.joining("; "));
            String others = bad.size() > LOSSES ? "; and " + (bad.size() - LOSSES) + " more, see import_stat" : "";
            out.add(new Block.Note(
                    Block.Note.Tone.CAUTION,
                    "Part of the recording is missing",
                    kinds + others + ". Figures cover what was read."));
        }
        if (explained.stages().stream().anyMatch(s -> s.devices() == 0 && s.bound() == Bound.UNCLEAR)) {
            out.add(
                    new Block.Note(
                            Block.Note.Tone.CAUTION,
                            "The GPU's work is missing",
                            "The host launched work on a GPU and the recording has none of it, or it is cut off before that part."
                                    + " Record the GPU's activity too, to the end:"
                                    + " activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], and no other profiler beside."));
        }
        explained
                .tokenStage()
                .filter(s -> s.devices() > 0 && s.bound() == Bound.UNCLEAR)
                .ifPresent(s -> out.add(unclear(s)));
        if (explained.stages().stream().anyMatch(StageTime::firstOnly)) {
            out.add(new Block.Note(
                    Block.Note.Tone.PLAIN,
                    "The first recorded step stands apart",
                    "The recorder itself starts in it. A stage that has no other step is shown, but judged mildly."));
        }
        return out;
    }

    /// What would tell why the GPU is idle.
    private static Block.Note unclear(StageTime s) {
        return s.launches() == 0
                ? new Block.Note(
                        Block.Note.Tone.CAUTION,
                        "Why the GPU is idle cannot be told",
                        "The recording has none of the host's calls. Record them too:"
                                + " activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], or nsys profile -t cuda,nvtx.")
                : new Block.Note(
                        Block.Note.Tone.CAUTION,
                        "Why the GPU is idle cannot be told",
                        "For most of the idle time work was issued that the GPU had not begun, or calls are missing:"
                                + " another process on the same GPU, or a part of the host's work that was not recorded."
                                + " Record again alone on the GPU, and with nsys profile -t cuda,nvtx,osrt.");
    }

    private static String us(double value) {
        return Format.value(value, Unit.MICROSECONDS);
    }
}
