package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;

/// An estimate with its confidence interval against zero.
final class EstimatePlot {
    private static final double Y = 40;

    private final Chart.Estimate chart;
    private final Svg svg;

    EstimatePlot(Chart.Estimate chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
    }

    Svg draw() {
        double reach = Math.max(Math.abs(chart.low()), Math.abs(chart.high()));
        Axis axis = new Axis(
                Math.min(0, chart.low()) - reach * 0.15,
                Math.max(0, chart.high()) + reach * 0.15 + 1e-12,
                8,
                svg.width() - 8);
        Ticks.below(svg, axis, chart.unit(), 20, 64, svg.width() > Plots.NARROW ? 6 : 3);
        svg.line("zero", axis.at(0), 16, axis.at(0), 64);
        svg.rect(
                Plots.mark(Hue.PROFILED) + " soft",
                axis.at(chart.low()),
                Y - 7,
                axis.at(chart.high()) - axis.at(chart.low()),
                14,
                "95 % confidence interval: " + value(chart.low()) + " to " + value(chart.high()));
        svg.circle(Plots.mark(Hue.PROFILED), axis.at(chart.value()), Y, 6, chart.label() + ": " + value(chart.value()));
        svg.text("lab mid", Math.clamp(axis.at(chart.value()), 30, svg.width() - 30), 14, value(chart.value()));
        return svg.height(88);
    }

    private String value(double v) {
        return Format.value(v, chart.unit());
    }
}
