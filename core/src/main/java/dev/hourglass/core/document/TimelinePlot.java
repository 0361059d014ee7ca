package dev.hourglass.core.document;

import dev.hourglass.core.unit.Unit;
import java.util.EnumMap;
import java.util.Map;

/// Spans as rows of bars over the whole time. Nothing can be pointed at here; the page draws over it
/// what can be zoomed.
final class TimelinePlot {
    private static final double ROW = 40;
    private static final double BAR = 24;
    /// What parts two bars.
    private static final double SEAM = 0.3;
    /// The smallest width that a drawing writes down.
    private static final double THINNEST = 0.01;

    private final Chart.Timeline chart;
    private final Svg svg;

    TimelinePlot(Chart.Timeline chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
    }

    Svg draw() {
        Axis axis = Axis.fromZero((double) chart.totalNs(), 0, svg.width());
        double bottom = chart.rows().size() * ROW + 4;
        Ticks.below(svg, axis, Unit.NANOSECONDS, 0, bottom, svg.width() > Plots.NARROW ? 6 : 3);
        for (int r = 0; r < chart.rows().size(); r++) {
            svg.text("axis", 0, r * ROW + 11, chart.rows().get(r).label());
            row(chart.rows().get(r), r * ROW + 15);
        }
        return svg.height(bottom + 24);
    }

    /// What is narrower than a pixel is gathered into one bar of the pixel, as wide as all of it together: work that
    /// takes a fifteenth of the time is a shade, not a full row.
    private void row(Chart.Row row, double top) {
        Map<Hue, StringBuilder> paths = new EnumMap<>(Hue.class);
        Map<Hue, double[]> narrow = new EnumMap<>(Hue.class);
        double scale = svg.width() / chart.totalNs();
        for (Chart.Span s : row.spans()) {
            double left = Math.max(0, s.startNs() * scale);
            double right = Math.min(svg.width(), (s.startNs() + s.durNs()) * scale);
            if (right < left) {
                continue;
            }
            if (right - left < 1) {
                narrow.computeIfAbsent(s.hue(), h -> new double[(int) svg.width() + 1])[(int) left] += right - left;
            } else {
                bar(paths, s.hue(), left, top, right - left - SEAM);
            }
        }
        narrow.forEach((hue, pixels) -> {
            for (int x = 0; x < pixels.length; x++) {
                if (pixels[x] > 0) {
                    bar(paths, hue, x, top, Math.clamp(pixels[x], THINNEST, 1));
                }
            }
        });
        paths.forEach((hue, d) -> svg.path(Plots.mark(hue), d, ""));
    }

    private static void bar(Map<Hue, StringBuilder> paths, Hue hue, double left, double top, double width) {
        StringBuilder d = paths.computeIfAbsent(hue, h -> new StringBuilder());
        Svg.number(d.append('M'), left).append(' ');
        Svg.number(d, top).append('h');
        Svg.number(d, width).append('v');
        Svg.number(d, BAR).append('h');
        Svg.number(d, -width).append('z');
    }
}
