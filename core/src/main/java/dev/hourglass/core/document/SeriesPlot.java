package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;

/// Values in order, a dot each, joined by a thin line.
final class SeriesPlot {
    private static final double TOP = 34;
    private static final double PLOT = 210;
    private static final double LEFT = 62;

    /// Points of a line from which on they are drawn smaller, and smaller still.
    private static final int CLOSE = 120;

    private static final int CROWDED = 400;

    private final Chart.Series chart;
    private final Svg svg;

    SeriesPlot(Chart.Series chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
    }

    Svg draw() {
        var xs = chart.lines().stream()
                .flatMap(l -> l.x().stream())
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        var ys = chart.lines().stream()
                .flatMap(l -> l.y().stream())
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        Axis x = Axis.around(xs.getMin(), xs.getMax(), LEFT, svg.width());
        Axis y = Axis.around(ys.getMin(), ys.getMax(), TOP + PLOT, TOP);
        Ticks.left(svg, y, chart.unit(), LEFT, svg.width(), 4);
        for (double tick : x.ticks(svg.width() > Plots.NARROW ? 8 : 4)) {
            if (tick == Math.rint(tick)) {
                svg.text("axis mid", x.at(tick), TOP + PLOT + 18, Ticks.label(tick, chart.xUnit()));
            }
        }
        svg.text("axis end", svg.width(), TOP + PLOT + 34, chart.xLabel());
        chart.reference().ifPresent(r -> reference(r, y));
        legend();
        chart.lines().forEach(l -> line(l, x, y));
        return svg.height(TOP + PLOT + 40);
    }

    private void legend() {
        double at = 0;
        for (Chart.Line l : chart.lines()) {
            svg.group("key " + l.hue().css());
            svg.circle(Plots.mark(l.hue()), at + 5, 10, 4, "");
            svg.text("lab", at + 14, 14, l.label());
            svg.end();
            at += 34 + Plots.textWidth(l.label());
        }
    }

    private void reference(Chart.Level level, Axis y) {
        svg.line("reference", LEFT, y.at(level.value()), svg.width(), y.at(level.value()));
        svg.text("axis end", svg.width(), y.at(level.value()) - 5, level.label());
    }

    private void line(Chart.Line line, Axis x, Axis y) {
        StringBuilder d = new StringBuilder();
        for (int i = 0; i < line.x().size(); i++) {
            d.append(i == 0 ? 'M' : 'L');
            Svg.number(d, x.at(line.x().get(i))).append(' ');
            Svg.number(d, y.at(line.y().get(i)));
        }
        svg.path(Plots.stroke(line.hue()) + " thin", d, "");
        double radius = line.x().size() > CROWDED ? 1.6 : line.x().size() > CLOSE ? 2.4 : 3.2;
        for (int i = 0; i < line.x().size(); i++) {
            String title = chart.xLabel() + " " + Ticks.label(line.x().get(i), chart.xUnit()) + ", " + line.label()
                    + ": " + Format.value(line.y().get(i), chart.unit());
            svg.circle(
                    Plots.mark(line.hue()), x.at(line.x().get(i)), y.at(line.y().get(i)), radius, title);
        }
    }
}
