package dev.hourglass.core.report;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.List;

/// Every sample as a dot in a swarm, with the quartiles as a box below it.
final class StripsPlot {
    private static final double SWARM = 92;
    private static final double BOX = 14;
    private static final double ROW = SWARM + BOX + 46;
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
        double bottom = chart.strips().size() * ROW;
        Ticks.below(svg, axis, chart.unit(), 24, bottom, svg.width() > 500 ? 7 : 3);
        double top = 0;
        for (Chart.Strip s : chart.strips()) {
            strip(s, axis, top);
            top += ROW;
        }
        return svg.height(bottom + 24);
    }

    private void strip(Chart.Strip strip, Axis axis, double top) {
        List<Double> sorted = strip.samples().stream().sorted().toList();
        svg.text("lab", 0, top + 14, strip.label());
        svg.text("axis end", svg.width(), top + 14, sorted.size() + " steps");
        swarm(strip, sorted, axis, top + 28 + SWARM);
        box(strip, sorted, axis, top + 28 + SWARM + 4);
    }

    /// Dots in columns: a histogram whose every sample can be pointed at.
    private void swarm(Chart.Strip strip, List<Double> sorted, Axis axis, double base) {
        int bins = (int) Math.clamp((axis.to() - axis.from()) / 7, 20, MAX_BINS);
        int[] heights = new int[bins];
        int[] bin = new int[sorted.size()];
        for (int i = 0; i < bin.length; i++) {
            double at = (axis.at(sorted.get(i)) - axis.from()) / (axis.to() - axis.from());
            bin[i] = (int) Math.clamp(at * bins, 0, bins - 1);
            heights[bin[i]]++;
        }
        int tallest = java.util.Arrays.stream(heights).max().orElse(1);
        double step = Math.min(7, SWARM / tallest);
        double radius = Math.min(3, Math.max(0.8, step * 0.46));
        int[] filled = new int[bins];
        for (int i = 0; i < bin.length; i++) {
            double x = axis.from() + (bin[i] + 0.5) * (axis.to() - axis.from()) / bins;
            double y = base - 4 - filled[bin[i]]++ * step;
            svg.circle(Plots.mark(strip.hue()), x, y, radius, Format.value(sorted.get(i), chart.unit()));
        }
    }

    private void box(Chart.Strip strip, List<Double> sorted, Axis axis, double top) {
        double low = quantile(sorted, 0.25);
        double mid = quantile(sorted, 0.5);
        double high = quantile(sorted, 0.75);
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

    private String value(double v) {
        Unit unit = chart.unit();
        return Format.value(v, unit);
    }

    static double quantile(List<Double> sorted, double q) {
        double at = q * (sorted.size() - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) + (at - below) * (sorted.get(above) - sorted.get(below));
    }
}
