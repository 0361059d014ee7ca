package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Achieved arithmetic over arithmetic intensity, both by powers of ten, under the roof of the device.
/// A point's area is its time.
final class RooflinePlot {
    private static final double LEFT = 82;
    private static final double PLOT = 300;
    private static final double RIGHT = 16;
    private static final double LARGEST = 13;
    private static final int NAMED = 4;
    private static final double APART = 13;

    private final Chart.Roofline chart;
    private final Svg svg;
    private final double fromX;
    private final double toX;
    private final double fromY;
    private final double toY;
    /// Heights of the names that are written.
    private final List<Double> names = new ArrayList<>();

    RooflinePlot(Chart.Roofline chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
        double ridge = chart.peakFlops() / chart.peakBandwidth();
        double least = Math.min(
                ridge,
                chart.points().stream()
                        .mapToDouble(Chart.Point::intensity)
                        .min()
                        .orElse(1));
        double most = Math.max(
                ridge * 4,
                chart.points().stream()
                        .mapToDouble(Chart.Point::intensity)
                        .max()
                        .orElse(1));
        this.fromX = Math.floor(Math.log10(least) - 0.2);
        this.toX = Math.ceil(Math.log10(most) + 0.05);
        double slowest =
                chart.points().stream().mapToDouble(Chart.Point::rate).min().orElse(chart.peakFlops());
        this.fromY = Math.floor(Math.log10(Math.min(slowest, Math.pow(10, fromX) * chart.peakBandwidth())));
        this.toY = Math.ceil(Math.log10(chart.peakFlops()));
    }

    Svg draw() {
        grid();
        double ridge = chart.peakFlops() / chart.peakBandwidth();
        double start = Math.max(fromX, fromY - Math.log10(chart.peakBandwidth()));
        svg.line(
                "limit",
                x(Math.pow(10, start)),
                y(Math.pow(10, start) * chart.peakBandwidth()),
                x(ridge),
                y(chart.peakFlops()));
        svg.line("limit", x(ridge), y(chart.peakFlops()), svg.width() - RIGHT, y(chart.peakFlops()));
        svg.text("lab end", svg.width() - RIGHT, y(chart.peakFlops()) - 8, chart.label());
        double all =
                chart.points().stream().mapToDouble(Chart.Point::time).max().orElse(1);
        List<Chart.Point> points = chart.points().stream()
                .sorted(Comparator.comparingDouble(Chart.Point::time).reversed())
                .toList();
        points.forEach(p -> point(p, all));
        points.stream().limit(NAMED).forEach(p -> name(p, all));
        svg.text("axis mid", LEFT + (svg.width() - LEFT - RIGHT) / 2, PLOT + 50, "arithmetic intensity, FLOP per byte");
        svg.text("axis", 0, 10, "FLOP/s");
        return svg.height(PLOT + 58);
    }

    private void point(Chart.Point p, double longest) {
        double roof = Math.min(chart.peakFlops(), p.intensity() * chart.peakBandwidth());
        svg.circle(
                Plots.mark(p.hue()) + " soft",
                x(p.intensity()),
                y(p.rate()),
                radius(p, longest),
                p.label() + "\n" + Format.value(p.rate(), Unit.FLOP_PER_SECOND) + " at "
                        + Format.significant(p.intensity()) + " FLOP/B: "
                        + Format.value(p.rate() / roof, Unit.RATIO) + " of the roof there\n"
                        + Format.value(p.time(), Unit.NANOSECONDS) + " in all");
    }

    /// The name of a point that takes much time, where it hides no other name.
    private void name(Chart.Point p, double longest) {
        double away = radius(p, longest) + 5;
        boolean left = x(p.intensity()) > svg.width() * 0.6;
        String text = Plots.fitted(
                p.label(), left ? x(p.intensity()) - LEFT - away : svg.width() - RIGHT - x(p.intensity()) - away);
        double y = y(p.rate()) + 4;
        if (text.length() > 3 && names.stream().allMatch(other -> Math.abs(other - y) >= APART)) {
            names.add(y);
            svg.text(left ? "axis end" : "axis", x(p.intensity()) + (left ? -away : away), y, text);
        }
    }

    private static double radius(Chart.Point p, double longest) {
        return Math.max(3, LARGEST * Math.sqrt(p.time() / longest));
    }

    private void grid() {
        for (int e = (int) fromX; e <= toX; e++) {
            double at = x(Math.pow(10, e));
            svg.line("grid", at, 20, at, PLOT + 20);
            svg.text("axis mid", at, PLOT + 36, power(e));
        }
        for (int e = (int) fromY; e <= toY; e++) {
            double at = y(Math.pow(10, e));
            svg.line("grid", LEFT, at, svg.width() - RIGHT, at);
            svg.text("axis end", LEFT - 8, at + 4, Format.value(Math.pow(10, e), Unit.FLOP_PER_SECOND));
        }
    }

    private static String power(int exponent) {
        return exponent >= 0 && exponent < 7
                ? Long.toString(Math.round(Math.pow(10, exponent)))
                : Format.significant(Math.pow(10, exponent));
    }

    private double x(double intensity) {
        return LEFT + (Math.log10(intensity) - fromX) / (toX - fromX) * (svg.width() - LEFT - RIGHT);
    }

    private double y(double rate) {
        return 20 + PLOT - (Math.log10(rate) - fromY) / (toY - fromY) * PLOT;
    }
}
