package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;

/// What was achieved, as bars on the way to a limit.
final class LimitPlot {
    private static final double ROW = 58;
    private static final double BAR = 22;

    private final Chart.Limit chart;
    private final Svg svg;

    LimitPlot(Chart.Limit chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
    }

    Svg draw() {
        double limit = chart.limit().value();
        double most =
                chart.achieved().stream().mapToDouble(Chart.Part::value).max().orElse(0);
        Axis axis = Axis.fromZero(Math.max(limit, most) * 1.04, 0, svg.width());
        double bottom = 30 + chart.achieved().size() * ROW;
        double at = axis.at(limit);
        double top = 30;
        for (Chart.Part p : chart.achieved()) {
            row(p, axis, top, at);
            top += ROW;
        }
        svg.line("limit", at, 22, at, bottom - 6);
        svg.text("lab end", at, 14, chart.limit().label() + " " + Format.value(limit, chart.unit()));
        Ticks.below(svg, axis, chart.unit(), bottom - 6, bottom, svg.width() > Plots.NARROW ? 6 : 3);
        return svg.height(bottom + 24);
    }

    private void row(Chart.Part p, Axis axis, double top, double limit) {
        String value = Format.value(p.value(), chart.unit());
        String share = Format.value(p.value() / chart.limit().value(), Unit.RATIO);
        svg.text("lab", 0, top + 14, Plots.fitted(p.label(), 180) + "  " + value + ", " + share);
        svg.rect("track", 0, top + 22, limit, BAR, "");
        svg.rect(
                Plots.mark(p.hue()),
                0,
                top + 22,
                axis.at(p.value()),
                BAR,
                p.label() + ": " + value + ", " + share + " of the "
                        + chart.limit().label());
    }
}
