package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import java.util.Arrays;
import java.util.List;

/// Stacked columns, one per category. Pointing at a column shows all its parts.
final class StacksPlot {
    private static final double LEFT = 62;
    private static final double PLOT = 240;

    /// Width that the name of a category takes.
    private static final double ROOM_FOR_NAME = 30;

    private final Chart.Stacks chart;
    private final Svg svg;
    private final double slot;

    StacksPlot(Chart.Stacks chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
        this.slot = (svg.width() - LEFT) / Math.max(1, chart.categories().size());
    }

    Svg draw() {
        List<Legend.Entry> entries = chart.stacks().stream()
                .map(s -> new Legend.Entry(s.label(), s.hue()))
                .toList();
        double top = Legend.draw(svg, 0, entries) + 12;
        int n = chart.categories().size();
        double[] sums = new double[n];
        chart.stacks()
                .forEach(s -> Arrays.setAll(sums, c -> sums[c] + s.values().get(c)));
        Axis y = Axis.fromZero(Arrays.stream(sums).max().orElse(1) * 1.04, top + PLOT, top);
        Ticks.left(svg, y, chart.unit(), LEFT, svg.width(), 4);
        double[] base = new double[n];
        for (Chart.Stack s : chart.stacks()) {
            svg.path(Plots.mark(s.hue()), layer(s, base, y), "");
        }
        for (int c = 0; c < n; c++) {
            svg.rect("hit", LEFT + c * slot, top, slot, PLOT, title(c, sums[c]));
        }
        names(top + PLOT + 18);
        svg.text("axis end", svg.width(), top + PLOT + 36, chart.categoryLabel());
        return svg.height(top + PLOT + 42);
    }

    /// The segments of one colour over all columns; `base` is where each begins, and is raised by it.
    private StringBuilder layer(Chart.Stack stack, double[] base, Axis y) {
        double wide = Math.min(64, slot);
        double gap = Math.min(10, wide * 0.22);
        StringBuilder d = new StringBuilder();
        for (int c = 0; c < base.length; c++) {
            double value = stack.values().get(c);
            if (value > 0) {
                double from = y.at(base[c]);
                double height = Math.max(0.4, from - y.at(base[c] + value) - 0.8);
                Svg.number(d.append('M'), LEFT + c * slot + (slot - wide) / 2 + gap / 2);
                Svg.number(d.append(' '), from);
                Svg.number(d.append('v'), -height);
                Svg.number(d.append('h'), wide - gap);
                Svg.number(d.append('v'), height).append('z');
                base[c] += value;
            }
        }
        return d;
    }

    private String title(int c, double sum) {
        StringBuilder text = new StringBuilder(
                chart.categoryLabel() + " " + chart.categories().get(c) + ": " + Format.value(sum, chart.unit()));
        for (Chart.Stack s : chart.stacks()) {
            double value = s.values().get(c);
            if (value > 0) {
                text.append('\n').append(s.label()).append(": ").append(Format.value(value, chart.unit()));
            }
        }
        return text.toString();
    }

    private void names(double y) {
        int[] steps = {1, 2, 4, 5, 8, 10, 16, 20, 25, 50, 100, 200, 500, 1000};
        int every = 1;
        for (int step : steps) {
            every = step;
            if (step * slot >= ROOM_FOR_NAME) {
                break;
            }
        }
        for (int c = 0; c < chart.categories().size(); c += every) {
            svg.text("axis mid", LEFT + (c + 0.5) * slot, y, chart.categories().get(c));
        }
    }
}
