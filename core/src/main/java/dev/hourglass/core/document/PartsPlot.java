package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;

/// A whole divided into parts: one bar, the parts that have room labelled on it.
final class PartsPlot {
    private static final double TOP = 40;
    private static final double BAR = 52;
    private static final double GAP = 2;

    /// Nearer to an edge than this the label of a tick would be cut.
    private static final double ROOM_AT_START = 20;

    private static final double ROOM_AT_END = 30;

    private final Chart.Parts chart;
    private final Svg svg;

    PartsPlot(Chart.Parts chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
    }

    Svg draw() {
        double sum = chart.parts().stream().mapToDouble(Chart.Part::value).sum();
        Axis axis = Axis.fromZero(sum, 0, svg.width());
        double at = 0;
        for (Chart.Part p : chart.parts()) {
            segment(p, axis.at(at), axis.at(at + p.value()), p.value() / sum);
            at += p.value();
        }
        for (double tick : axis.ticks(svg.width() > Plots.NARROW ? 6 : 3)) {
            double x = axis.at(tick);
            svg.line("tick", x, TOP + BAR + 4, x, TOP + BAR + 9);
            svg.text("axis " + anchor(x), x, TOP + BAR + 24, Ticks.label(tick, chart.unit()));
        }
        return svg.height(TOP + BAR + 32);
    }

    private String anchor(double x) {
        return x < ROOM_AT_START ? "" : x > svg.width() - ROOM_AT_END ? "end" : "mid";
    }

    private void segment(Chart.Part p, double from, double to, double share) {
        double w = Math.max(0.6, to - from - GAP);
        String percent = Format.value(share, Unit.RATIO);
        svg.rect(
                Plots.mark(p.hue()),
                from,
                TOP,
                w,
                BAR,
                p.label() + ": " + Format.value(p.value(), chart.unit()) + ", " + percent);
        if (w > Math.max(Plots.textWidth(p.label()), 46)) {
            svg.text("lab", from, TOP - 24, p.label());
            svg.text("num", from, TOP - 8, percent);
        }
    }
}
