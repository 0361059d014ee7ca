package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;

/// The same small area chart per member, from 0 to 100 %.
final class MultiplesPlot {
    private static final double PLOT = 52;
    private static final double ROW = PLOT + 40;
    private static final double GAP = 20;

    /// More panels than this are drawn half as wide.
    private static final int MOST_WIDE_PANELS = 16;

    private final Chart.Multiples chart;
    private final Svg svg;

    MultiplesPlot(Chart.Multiples chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
    }

    Svg draw() {
        int n = chart.panels().size();
        double narrowest = n > MOST_WIDE_PANELS ? 110 : 220;
        int across = (int) Math.clamp((svg.width() + GAP) / (narrowest + GAP), 1, Math.max(1, n));
        double w = (svg.width() - (across - 1) * GAP) / across;
        for (int i = 0; i < n; i++) {
            panel(chart.panels().get(i), i % across * (w + GAP), Math.floorDiv(i, across) * ROW, w);
        }
        return svg.height(Math.ceilDiv(n, across) * ROW);
    }

    private void panel(Chart.Line line, double x, double y, double w) {
        double mean =
                line.y().stream().mapToDouble(Double::doubleValue).average().orElse(0);
        svg.text("lab", x, y + 13, Plots.fitted(line.label(), w - 80));
        svg.text("axis end", x + w, y + 13, Format.value(mean, Unit.RATIO) + " mean");
        Axis v = new Axis(0, 1, y + 22 + PLOT, y + 22);
        int n = line.y().size();
        StringBuilder top = new StringBuilder();
        for (int i = 0; i < n; i++) {
            point(top, x + w * i / n, v.at(line.y().get(i)));
            point(top, x + w * (i + 1) / n, v.at(line.y().get(i)));
        }
        String edge = top.isEmpty() ? "" : "M" + top.substring(1);
        StringBuilder area = new StringBuilder(edge);
        point(area, x + w, v.at(0));
        point(area, x, v.at(0));
        svg.rect("track", x, y + 22, w, PLOT, "");
        if (n > 0) {
            String title = line.label() + ": " + Format.value(mean, Unit.RATIO) + " on average";
            svg.path(Plots.mark(line.hue()) + " soft", area.append('Z'), title);
            svg.path(Plots.stroke(line.hue()), edge, "");
        }
    }

    private static void point(StringBuilder d, double x, double y) {
        d.append('L');
        Svg.number(d, x).append(' ');
        Svg.number(d, y);
    }
}
