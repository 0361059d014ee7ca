package dev.hourglass.core.report;

import dev.hourglass.core.unit.Format;

/// Stacked columns, one per category.
final class StacksPlot {
    private static final double LEFT = 62;
    private static final double PLOT = 240;

    private final Chart.Stacks chart;
    private final Svg svg;

    StacksPlot(Chart.Stacks chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
    }

    Svg draw() {
        double top = Legend.draw(
                        svg,
                        0,
                        chart.stacks().stream()
                                .map(s -> new Legend.Entry(s.label(), s.hue()))
                                .toList())
                + 12;
        int n = chart.categories().size();
        Axis y = Axis.fromZero(tallest() * 1.04, top + PLOT, top);
        Ticks.left(svg, y, chart.unit(), LEFT, svg.width(), 4);
        double slot = (svg.width() - LEFT) / n;
        for (int c = 0; c < n; c++) {
            column(c, LEFT + c * slot, Math.min(64, slot), slot, y);
        }
        names(slot, top + PLOT + 18);
        svg.text("axis end", svg.width(), top + PLOT + 36, chart.categoryLabel());
        return svg.height(top + PLOT + 42);
    }

    private double tallest() {
        double max = 0;
        for (int c = 0; c < chart.categories().size(); c++) {
            double sum = 0;
            for (Chart.Stack s : chart.stacks()) {
                sum += s.values().get(c);
            }
            max = Math.max(max, sum);
        }
        return max;
    }

    private void column(int c, double left, double wide, double slot, Axis y) {
        double gap = Math.min(10, wide * 0.22);
        double x = left + (slot - wide) / 2 + gap / 2;
        double at = 0;
        for (Chart.Stack s : chart.stacks()) {
            double value = s.values().get(c);
            if (value > 0) {
                double from = y.at(at);
                double to = y.at(at + value);
                svg.rect(
                        Plots.mark(s.hue()),
                        x,
                        to,
                        wide - gap,
                        Math.max(0.4, from - to - 0.8),
                        chart.categoryLabel() + " " + chart.categories().get(c) + ", " + s.label() + ": "
                                + Format.value(value, chart.unit()));
                at += value;
            }
        }
    }

    private void names(double slot, double y) {
        int every = (int) Math.max(1, Math.ceil(26 / slot));
        for (int c = 0; c < chart.categories().size(); c += every) {
            svg.text("axis mid", LEFT + (c + 0.5) * slot, y, chart.categories().get(c));
        }
    }
}
