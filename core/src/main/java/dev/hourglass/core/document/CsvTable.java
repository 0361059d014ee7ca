package dev.hourglass.core.document;

import dev.hourglass.core.unit.Unit;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/// A table as comma-separated values: a heading line, then numbers without their unit, which stands
/// in the heading.
public final class CsvTable {
    private CsvTable() {}

    public static String of(Block.Table table) {
        StringBuilder out = new StringBuilder();
        for (int c = 0; c < table.columns().size(); c++) {
            out.append(c == 0 ? "" : ",").append(quoted(heading(table, c)));
        }
        out.append('\n');
        for (List<Cell> row : table.rows()) {
            out.append(row.stream().map(CsvTable::value).collect(Collectors.joining(",")))
                    .append('\n');
        }
        return out.toString();
    }

    private static String heading(Block.Table table, int column) {
        String name = table.columns().get(column);
        return table.rows().stream()
                .map(row -> row.get(column))
                .filter(Cell.Value.class::isInstance)
                .map(cell -> ((Cell.Value) cell).unit())
                .filter(unit -> !unit.symbol().isEmpty() && unit != Unit.COUNT && !name.endsWith(unit.symbol()))
                .findFirst()
                .map(unit -> name + " [" + unit.symbol() + "]")
                .orElse(name);
    }

    private static String value(Cell cell) {
        return switch (cell) {
            case Cell.Text c -> quoted(c.text());
            case Cell.Named c -> quoted(c.text());
            case Cell.Value c -> number(c.value());
            case Cell.Share c -> number(c.ratio());
            case Cell.Absent c -> "";
        };
    }

    private static String number(double value) {
        return Double.isFinite(value)
                ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString()
                : "";
    }

    private static String quoted(String text) {
        return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
