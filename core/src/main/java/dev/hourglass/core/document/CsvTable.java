package dev.hourglass.core.document;

import dev.hourglass.core.text.CsvLines;
import dev.hourglass.core.unit.Unit;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A table as comma-separated values: a heading line, then numbers without their unit, which stands
/// in the heading.
public final class CsvTable {
    private CsvTable() {}

    /// @param formulas what becomes of names that a spreadsheet would compute
    public static String of(Block.Table table, CsvLines.Formulas formulas) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CsvLines lines = new CsvLines(new PrintStream(out, false, StandardCharsets.UTF_8), String::valueOf, formulas);
        @Nullable Object[] headings = new @Nullable Object[table.columns().size()];
        Arrays.setAll(headings, c -> text(heading(table, c)));
        lines.line(headings);
        table.rows().forEach(row -> lines.line(values(row)));
        lines.flush();
        return out.toString(StandardCharsets.UTF_8);
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

    private static @Nullable Object[] values(List<Cell> row) {
        @Nullable Object[] values = new @Nullable Object[row.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(row.get(i));
        }
        return values;
    }

    /// What is not there and what says nothing are the same here: an empty field.
    private static @Nullable Object value(Cell cell) {
        return switch (cell) {
            case Cell.Text c -> text(c.text());
            case Cell.Named c -> text(c.text());
            case Cell.Value c -> number(c.value());
            case Cell.Share c -> number(c.ratio());
            case Cell.Absent _ -> null;
        };
    }

    private static @Nullable String text(String text) {
        return text.isEmpty() ? null : text;
    }

    private static @Nullable String number(double value) {
        return Double.isFinite(value)
                ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString()
                : null;
    }
}
