package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.List;

/// Counts by row and column as colours, with a bar per row that says how uneven it is.
final class HeatPlot {
    /// Steps of the colour scale, from none to most.
    static final int LEVELS = 8;

    private static final double LEFT = 44;
    private static final double TOP = 8;
    private static final double RIGHT = 86;

    /// Up to so many columns each has its number, up to so many every eighth.
    private static final int MOST_EACH = 16;

    private static final int MOST_BY_EIGHT = 64;
    /// Rows below this height have no room for a number.
    private static final double LOWEST_NUMBERED = 12;

    private final Chart.HeatMap chart;
    private final Svg svg;
    private final int columns;
    private final double cellWidth;
    private final double cellHeight;
    private final long max;

    HeatPlot(Chart.HeatMap chart, int width) {
        this.chart = chart;
        this.svg = new Svg(width);
        this.columns = chart.cells().stream().mapToInt(List::size).max().orElse(1);
        double right = width > Plots.NARROW ? RIGHT : 0;
        this.cellWidth = (width - LEFT - right) / columns;
        this.cellHeight = Math.clamp(420.0 / Math.max(1, chart.rows().size()), 8, 22);
        this.max = chart.cells().stream()
                .flatMap(List::stream)
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    Svg draw() {
        double bottom = TOP + chart.rows().size() * cellHeight;
        svg.rect("heat-none", LEFT, TOP, columns * cellWidth, bottom - TOP, "");
        for (int level = 1; level < LEVELS; level++) {
            svg.path("heat h" + level, cells(level), LEFT, TOP, cellWidth, cellHeight);
        }
        svg.rect("hit cells", LEFT, TOP, columns * cellWidth, bottom - TOP, "");
        rowNames();
        columnNames(bottom + 16);
        if (svg.width() > Plots.NARROW) {
            unevenness();
        }
        double end = scale(bottom + 40);
        return svg.height(end);
    }

    /// Runs of cells of one level as horizontal strokes of a grid whose cells are 1 by 1.
    private StringBuilder cells(int level) {
        StringBuilder d = new StringBuilder();
        for (int r = 0; r < chart.cells().size(); r++) {
            List<Long> row = chart.cells().get(r);
            int from = 0;
            for (int c = 1; c <= row.size(); c++) {
                if (c == row.size() || level(row.get(c)) != level(row.get(from))) {
                    if (level(row.get(from)) == level) {
                        d.append('M')
                                .append(from)
                                .append(' ')
                                .append(r)
                                .append(".5h")
                                .append(c - from);
                    }
                    from = c;
                }
            }
        }
        return d;
    }

    /// 0 for none; else from 1 up to the last level for the largest count.
    private int level(long count) {
        return count == 0 ? 0 : (int) Math.clamp(Math.ceil((double) count * (LEVELS - 1) / max), 1, LEVELS - 1);
    }

    private void rowNames() {
        int every = (int) Math.max(1, Math.ceil(14 / cellHeight));
        for (int r = 0; r < chart.rows().size(); r += every) {
            svg.text(
                    "axis end",
                    LEFT - 8,
                    TOP + (r + 0.5) * cellHeight + 4,
                    chart.rows().get(r));
        }
    }

    private void columnNames(double y) {
        int every = columns > MOST_BY_EIGHT ? 16 : columns > MOST_EACH ? 8 : 1;
        for (int c = 0; c < columns; c += every) {
            svg.text("axis mid", LEFT + (c + 0.5) * cellWidth, y, Integer.toString(c));
        }
        svg.text("axis end", LEFT + columns * cellWidth, y + 18, chart.columnLabel());
        svg.text("axis end", LEFT - 8, y, chart.rowLabel());
    }

    private void unevenness() {
        double left = LEFT + columns * cellWidth + 12;
        double room = RIGHT - 12 - 34;
        double most = 1;
        for (List<Long> row : chart.cells()) {
            most = Math.max(most, maxOverMean(row));
        }
        for (int r = 0; r < chart.cells().size(); r++) {
            double ratio = maxOverMean(chart.cells().get(r));
            double y = TOP + r * cellHeight;
            String text = Format.significant(ratio);
            svg.rect(
                    "m busy",
                    left,
                    y + 1,
                    ratio / most * room,
                    cellHeight - 2,
                    chart.rowLabel() + " " + chart.rows().get(r) + ": the most chosen has " + text + " times the mean");
            if (cellHeight >= LOWEST_NUMBERED) {
                svg.text("axis", left + ratio / most * room + 4, y + cellHeight / 2 + 4, text);
            }
        }
        svg.text("axis", left, TOP + chart.rows().size() * cellHeight + 16, "max ÷ mean");
    }

    private static double maxOverMean(List<Long> row) {
        var s = row.stream().mapToLong(Long::longValue).summaryStatistics();
        return s.getSum() == 0 ? 0 : s.getMax() / s.getAverage();
    }

    private double scale(double top) {
        double x = LEFT;
        svg.text("axis end", x - 8, top + 10, "0");
        svg.rect("heat-none", x, top, 22, 12, "0");
        for (int level = 1; level < LEVELS; level++) {
            svg.rect("heatkey h" + level, x + level * 22, top, 22, 12, "");
        }
        svg.text("axis", x + LEVELS * 22 + 8, top + 10, Format.value((double) max, chart.unit()));
        double at = x + 22 + chart.expected() / Math.max(1, max) * (LEVELS - 1) * 22;
        svg.line("tick", at, top - 3, at, top + 16);
        svg.text("axis mid", at, top + 28, "even: " + Format.value(chart.expected(), Unit.NONE));
        return top + 34;
    }
}
