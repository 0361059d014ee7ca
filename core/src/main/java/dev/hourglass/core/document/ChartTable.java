package dev.hourglass.core.document;

import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The numbers of a chart as a table, for those who do not see it and for those who want them.
final class ChartTable {
    private static final int MOST_ROWS = 512;

    private ChartTable() {}

    /// Empty where another table of the report has the numbers, or where there are too many for a page.
    static Optional<Block.Table> of(Chart chart) {
        return switch (chart) {
            case Chart.Stacks c -> Optional.of(stacks(c)).filter(ChartTable::fits);
            case Chart.Series c -> Optional.of(series(c)).filter(ChartTable::fits);
            case Chart.HeatMap c -> Optional.of(heatMap(c)).filter(ChartTable::fits);
            case Chart.Limit c -> Optional.of(limit(c));
            case Chart.Neck _,
                    Chart.Parts _,
                    Chart.Strips _,
                    Chart.Multiples _,
                    Chart.Estimate _,
                    Chart.Timeline _,
                    Chart.Flame _,
                    Chart.Roofline _ -> Optional.empty();
        };
    }

    private static boolean fits(Block.Table table) {
        return table.rows().size() <= MOST_ROWS;
    }

    private static Block.Table stacks(Chart.Stacks chart) {
        List<String> columns = new ArrayList<>();
        columns.add(chart.categoryLabel());
        chart.stacks().forEach(s -> columns.add(s.label()));
        List<List<Cell>> rows = new ArrayList<>();
        for (int c = 0; c < chart.categories().size(); c++) {
            int category = c;
            List<Cell> row = new ArrayList<>();
            row.add(Cell.text(chart.categories().get(c)));
            chart.stacks().forEach(s -> row.add(Cell.number(s.values().get(category), chart.unit())));
            rows.add(row);
        }
        return new Block.Table("", columns, rows);
    }

    private static Block.Table series(Chart.Series chart) {
        List<List<Cell>> rows = new ArrayList<>();
        for (Chart.Line line : chart.lines()) {
            for (int i = 0; i < line.x().size(); i++) {
                rows.add(List.of(
                        Cell.named(line.label(), line.hue()),
                        Cell.number(line.x().get(i), chart.xUnit()),
                        Cell.number(line.y().get(i), chart.unit())));
            }
        }
        return new Block.Table("", List.of("Series", chart.xLabel(), "Value"), rows);
    }

    private static Block.Table heatMap(Chart.HeatMap chart) {
        List<List<Cell>> rows = new ArrayList<>();
        for (int r = 0; r < chart.rows().size(); r++) {
            List<Long> counts = chart.cells().get(r);
            long max = counts.stream().mapToLong(Long::longValue).max().orElse(0);
            rows.add(List.of(
                    Cell.text(chart.rows().get(r)),
                    Cell.number(counts.stream().filter(n -> n > 0).count(), Unit.COUNT),
                    Cell.number(counts.indexOf(max), Unit.NONE),
                    Cell.number(max, chart.unit()),
                    Cell.number(chart.expected(), chart.unit())));
        }
        return new Block.Table(
                "",
                List.of(
                        chart.rowLabel(),
                        chart.columnLabel() + "s chosen",
                        "most chosen " + chart.columnLabel(),
                        "its count",
                        "even spread"),
                rows);
    }

    private static Block.Table limit(Chart.Limit chart) {
        List<List<Cell>> rows = new ArrayList<>();
        chart.achieved()
                .forEach(p -> rows.add(List.of(
                        Cell.named(p.label(), p.hue()),
                        Cell.number(p.value(), chart.unit()),
                        new Cell.Share(p.value() / chart.limit().value(), p.hue()))));
        return new Block.Table("", List.of("", "Achieved", "of " + chart.limit().label()), rows);
    }
}
