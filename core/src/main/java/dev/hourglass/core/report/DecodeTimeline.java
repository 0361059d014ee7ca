package dev.hourglass.core.report;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.document.Chart;
import dev.hourglass.core.document.Hue;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/// One step as a timeline of three rows: its layers, its parts, its pieces.
final class DecodeTimeline {
    private final DecodeCharts charts;

    DecodeTimeline(DecodeCharts charts) {
        this.charts = charts;
    }

    Chart.Timeline of(DecodeProfile.Example example) {
        List<DecodeProfile.Piece> pieces = example.pieces();
        List<Chart.Span> layers = runs(pieces, DecodeTimeline::layerName, "").stream()
                .map(s -> new Chart.Span(s.name(), s.detail(), Hue.LAYER, s.startNs(), s.durNs(), s.bytes()))
                .toList();
        List<Chart.Span> parts = runs(pieces, p -> layerName(p) + "\0" + p.component(), "\0").stream()
                .map(this::partSpan)
                .toList();
        List<Chart.Span> leaves = pieces.stream().map(DecodeTimeline::span).toList();
        return new Chart.Timeline(
                "Step " + example.token() + " of the run as a timeline of layers, parts and pieces.",
                Math.round(example.us() * 1000),
                List.of(
                        new Chart.Row("layers", layers),
                        new Chart.Row("parts", parts),
                        new Chart.Row("pieces", leaves)));
    }

    private static String layerName(DecodeProfile.Piece p) {
        Integer layer = p.layer();
        return layer == null ? "" : "layer " + layer;
    }

    /// Spans of neighbouring pieces that have the same name; pieces of the name `skip` have none.
    private static List<Chart.Span> runs(
            List<DecodeProfile.Piece> pieces, Function<DecodeProfile.Piece, String> name, String skip) {
        List<Chart.Span> out = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= pieces.size(); i++) {
            if (i == pieces.size() || !name.apply(pieces.get(i)).equals(name.apply(pieces.get(from)))) {
                String run = name.apply(pieces.get(from));
                if (!run.equals(skip)) {
                    out.add(run(run, pieces.subList(from, i)));
                }
                from = i;
            }
        }
        return out;
    }

    private static Chart.Span run(String name, List<DecodeProfile.Piece> pieces) {
        long start = pieces.getFirst().startNs();
        long end = pieces.getLast().startNs() + pieces.getLast().durNs();
        long bytes = pieces.stream().mapToLong(DecodeTimeline::bytes).sum();
        String detail = pieces.size() + (pieces.size() == 1 ? " piece" : " pieces");
        return new Chart.Span(
                name,
                detail,
                PartHue.of(pieces.getFirst().component()),
                start,
                end - start,
                bytes > 0 ? OptionalDouble.of((double) bytes) : OptionalDouble.empty());
    }

    /// A run is named by layer and component key, so that neighbours of different layers stay apart.
    private Chart.Span partSpan(Chart.Span s) {
        int cut = s.name().indexOf('\0');
        String key = s.name().substring(cut + 1);
        String layer = s.name().substring(0, cut);
        String detail = layer.isEmpty() ? s.detail() : layer + ", " + s.detail();
        return new Chart.Span(charts.name(key), detail, s.hue(), s.startNs(), s.durNs(), s.bytes());
    }

    private static Chart.Span span(DecodeProfile.Piece p) {
        Long bytes = p.weightBytes();
        String layer = layerName(p);
        return new Chart.Span(
                p.name(),
                layer.isEmpty() ? p.kind() : p.kind() + ", " + layer,
                PartHue.of(p.component()),
                p.startNs(),
                p.durNs(),
                bytes == null || bytes == 0 ? OptionalDouble.empty() : OptionalDouble.of(bytes));
    }

    private static long bytes(DecodeProfile.Piece p) {
        Long bytes = p.weightBytes();
        return bytes == null ? 0 : bytes;
    }
}
