package dev.hourglass.core.document;

import dev.hourglass.core.stat.Quantile;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.Arrays;
import java.util.List;

/// Every sample as a dot in a swarm, with the quartiles as a box below it.
final class StripsPlot {
    private static final double TALLEST = 92;
    private static final double STEP = 7;
    private static final double BOX = 14;
    private static final int MAX_BINS = 160;

    private final Chart.Strips chart;
    private final Svg svg;

    StripsPlot(Chart.Strips chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
    }

    Svg draw() {
        var all = chart.strips().stream()
                .flatMap(s -> s.samples().stream())
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        Axis axis = Axis.around(all.getMin(), all.getMax(), 12, svg.width() - 12);
        int tallest = 1;
        for (Chart.Strip s : chart.strips()) {
            tallest = Math.max(
                    tallest, Arrays.stream(heights(s.samples(), axis)).max().orElse(1));
        }
        double swarm = Math.clamp(tallest * STEP, 28, TALLEST);
        double row = swarm + BOX + 48;
        double bottom = chart.strips().size() * row - 8;
        Ticks.below(svg, axis, chart.unit(), 24, bottom, svg.width() > Plots.NARROW ? 7 : 3);
        double top = 0;
        for (Chart.Strip s : chart.strips()) {
            strip(s, axis, top, swarm, Math.min(STEP, swarm / tallest));
            top += row;
        }
        return svg.height(bottom + 24);
    }

    private void strip(Chart.Strip strip, Axis axis, double top, double swarm, double step) {
        List<Double> sorted = strip.samples().stream().sorted().toList();
        svg.text("lab", 0, top + 14, strip.label());
        svg.text("axis end", svg.width(), top + 14, sorted.size() + " steps");
        swarm(strip, sorted, axis, top + 24 + swarm, step);
        box(strip, sorted, axis, top + 28 + swarm);
    }

    private static int bins(Axis axis) {
        return (int) Math.clamp((axis.to() - axis.from()) / 7, 20, MAX_BINS);
    }

    private static int bin(double value, Axis axis) {
        double at = (axis.at(value) - axis.from()) / (axis.to() - axis.from());
        return (int) Math.clamp(at * bins(axis), 0, bins(axis) - 1);
    }

    private static int[] heights(List<Double> samples, Axis axis) {
        int[] heights = new int[bins(axis)];
        samples.forEach(v -> heights[bin(v, axis)]++);
        return heights;
    }

    /// Dots in columns: a histogram whose every sample can be pointed at.
    private void swarm(Chart.Strip strip, List<Double> sorted, Axis axis, double base, double step) {
        int[] filled = new int[bins(axis)];
        double radius = Math.clamp(step * 0.46, 0.8, 3);
        for (double value : sorted) {
            int bin = bin(value, axis);
            double x = axis.from() + (bin + 0.5) * (axis.to() - axis.from()) / filled.length;
            double y = base - 3 - filled[bin]++ * step;
            svg.circle(Plots.mark(strip.hue()), x, y, radius, Format.value(value, chart.unit()));
        }
    }

    private void box(Chart.Strip strip, List<Double> sorted, Axis axis, double top) {
        double[] quartiles = Quantile.of(array(sorted), 0.25, 0.5, 0.75);
        double low = quartiles[0];
        double mid = quartiles[1];
        double high = quartiles[2];
        double y = top + BOX / 2;
        svg.line("whisker", axis.at(sorted.getFirst()), y, axis.at(sorted.getLast()), y);
        svg.rect(
                Plots.mark(strip.hue()) + " soft",
                axis.at(low),
                top,
                axis.at(high) - axis.at(low),
                BOX,
                "middle half: " + value(low) + " to " + value(high));
        svg.rect("ink", axis.at(mid) - 1, top - 2, 2, BOX + 4, "median " + value(mid));
    }

    private static double[] array(List<Double> samples) {
        return samples.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private String value(double v) {
        Unit unit = chart.unit();
        return Format.value(v, unit);
    }
}
