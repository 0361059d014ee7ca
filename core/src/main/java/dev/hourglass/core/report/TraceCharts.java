package dev.hourglass.core.report;

import dev.hourglass.core.analysis.ExampleStep;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.analysis.Roof;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Hue;
import dev.hourglass.core.document.Section;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// The charts of a recorded timeline.
final class TraceCharts {
    private static final Map<String, Hue> HUES = Map.ofEntries(
            Map.entry("attention", Hue.ATTENTION),
            Map.entry("gemm", Hue.GPU),
            Map.entry("convolution", Hue.GPU),
            Map.entry("moe", Hue.EXPERTS),
            Map.entry("routing", Hue.ROUTING),
            Map.entry("recurrent", Hue.ATTENTION),
            Map.entry("rotary", Hue.ATTENTION),
            Map.entry("kv_cache", Hue.ATTENTION),
            Map.entry("norm", Hue.NORM),
            Map.entry("sampling", Hue.SAMPLING),
            Map.entry("embedding", Hue.EMBEDDING),
            Map.entry("communication", Hue.ROUTING),
            Map.entry("copy", Hue.REMAINDER),
            Map.entry("memcpy", Hue.TRANSFER),
            Map.entry("elementwise", Hue.HEAD),
            Map.entry("activation", Hue.HEAD),
            Map.entry("quantization", Hue.HEAD),
            Map.entry("reduction", Hue.SAMPLING),
            Map.entry("memset", Hue.REMAINDER),
            Map.entry("step", Hue.LAYER),
            Map.entry("kernel", Hue.LAUNCH),
            Map.entry("graph", Hue.LAUNCH),
            Map.entry("sync", Hue.SYNC),
            Map.entry("operator", Hue.SCHEDULING));

    private final Explanation explained;

    TraceCharts(Explanation explained) {
        this.explained = explained;
    }

    Chart.Neck neck(StageTime s) {
        return new Chart.Neck(
                "Parts of " + s.one() + ", the largest at the neck",
                Unit.MICROSECONDS,
                StepPart.ALL.stream()
                        .filter(p -> s.componentUs(p.key()) > 0)
                        .map(p -> new Chart.Part(p.brief(), p.hue(), s.componentUs(p.key())))
                        .sorted(Comparator.comparingDouble(Chart.Part::value).reversed())
                        .toList());
    }

    List<Chart.Part> parts(StageTime s) {
        return StepPart.ALL.stream()
                .filter(p -> s.componentUs(p.key()) > 0)
                .map(p -> new Chart.Part(p.label(), p.hue(), s.componentUs(p.key())))
                .toList();
    }

    Optional<Section> example() {
        return explained.example().filter(e -> !e.lanes().isEmpty()).map(e -> {
            List<Chart.Row> rows = e.lanes().stream()
                    .map(lane -> new Chart.Row(
                            lane.label(),
                            lane.bars().stream().map(TraceCharts::span).toList()))
                    .toList();
            String dropped = e.dropped() == 0 ? "" : " " + e.dropped() + " of the shortest spans are left out.";
            String shown = e.whole()
                    ? "The whole recording. Operators that run inside others are left out; " + perfetto()
                    : "The " + StageTime.stepOf(e.stage()) + " whose wall is nearest to the median (step " + e.step()
                            + " in host_step): the whole recording is too long for a page; " + perfetto();
            return new Section(
                    "timeline",
                    e.whole() ? "Timeline" : "One step, span by span",
                    List.of(new Block.Plot(
                            "step",
                            new Chart.Timeline(
                                    e.whole() ? "The whole recording" : "A typical " + StageTime.stepOf(e.stage()),
                                    e.wallNs(),
                                    rows),
                            shown + dropped)));
        });
    }

    private static String perfetto() {
        return "hourglass open offers everything in Perfetto's viewer.";
    }

    private static Chart.Span span(ExampleStep.Bar bar) {
        return new Chart.Span(
                bar.name(),
                bar.category(),
                HUES.getOrDefault(bar.category(), Hue.OTHER),
                bar.startNs(),
                bar.durNs(),
                OptionalDouble.empty());
    }

    Optional<Block> flame() {
        List<Chart.Path> paths = rows("op/call_paths").stream()
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .filter(r -> rows.text(r, "stage", "").equals(tokenStage()))
                        .mapToObj(r -> new Chart.Path(
                                List.of(rows.text(r, "path", "").split(" › ", -1)),
                                HUES.getOrDefault(rows.text(r, "category", ""), Hue.OTHER),
                                rows.real(r, "time").orElse(0))))
                .toList();
        return paths.isEmpty()
                ? Optional.empty()
                : Optional.of(new Block.Plot(
                        "flame",
                        new Chart.Flame(
                                "Device time of a typical step by call path",
                                Unit.NANOSECONDS,
                                StageTime.typicalOf(tokenStage()),
                                paths),
                        "Device time of " + StageTime.typicalOf(tokenStage())
                                + " by call path: modules and operators from the top down, at the end what ran on the GPU."
                                + " Width is time."));
    }

    Optional<Block> roofline() {
        List<Chart.Point> points = rows("op/gemm").stream()
                .flatMap(rows -> IntStream.range(0, rows.size())
                        .filter(r -> rows.text(r, "stage", "").equals(tokenStage()))
                        .filter(r -> rows.real(r, "intensity").orElse(0) > 0
                                && rows.real(r, "rate").orElse(0) > 0)
                        .mapToObj(r -> new Chart.Point(
                                rows.text(r, "operator", "") + " "
                                        + rows.integer(r, "m").orElse(0) + " × "
                                        + rows.integer(r, "n").orElse(0) + " × "
                                        + rows.integer(r, "k").orElse(0) + " " + rows.text(r, "dtype", ""),
                                Hue.GPU,
                                rows.real(r, "intensity").orElse(0),
                                rows.real(r, "rate").orElse(0),
                                rows.real(r, "total").orElse(0))))
                .toList();
        if (points.isEmpty() || explained.roof().isEmpty()) {
            return Optional.empty();
        }
        Roof roof = explained.roof().get();
        return Optional.of(new Block.Plot(
                "roofline",
                new Chart.Roofline(
                        "Matrix products of " + tokenStage() + " under the GPU's roof",
                        roof.flops(),
                        roof.bandwidth(),
                        Format.value(roof.flops(), Unit.FLOP_PER_SECOND) + ", "
                                + Format.value(roof.bandwidth(), Unit.BYTES_PER_SECOND),
                        points),
                "Matrix products of " + tokenStage() + " by shape, under what the GPU can do at most (" + roof.source()
                        + "). Left of the bend memory limits, right of it arithmetic. A point's area is its time; its bytes"
                        + " are both matrices and the result, each once."));
    }

    private String tokenStage() {
        return explained.tokenStage().map(StageTime::name).orElse("");
    }

    private Optional<Rows> rows(String analysis) {
        return Optional.ofNullable(explained.outcomes().get(analysis)).flatMap(Outcome::answered);
    }
}
