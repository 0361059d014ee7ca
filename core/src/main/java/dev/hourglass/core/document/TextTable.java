package dev.hourglass.core.document;

import dev.hourglass.core.text.Escape;
import dev.hourglass.core.text.TerminalWidth;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.List;

/// A table laid out for a terminal. Where it is too wide, its widest text column is cut.
final class TextTable {
    private static final int GAP = 2;
    private static final int NARROWEST = 8;

    private final Block.Table table;
    private final TerminalWidth width;
    private final int columns;
    private final boolean[] numeric;

    TextTable(Block.Table table, TerminalWidth width) {
        this.table = table;
        this.width = width;
        this.columns = width.columns();
        this.numeric = numeric(table);
    }

    List<String> lines() {
        int[] widths = widths();
        List<String> out = new ArrayList<>();
        out.add(row(table.columns(), widths));
        out.add("─".repeat(Math.min(columns, total(widths))));
        table.rows().forEach(r -> out.add(row(r.stream().map(TextTable::text).toList(), widths)));
        return out;
    }

    /// What a cell says.
    static String text(Cell cell) {
        return switch (cell) {
            case Cell.Text c -> Escape.clean(c.text());
            case Cell.Named c -> Escape.clean(c.text());
            case Cell.Value c -> Format.value(c.value(), c.unit());
            case Cell.Share c -> Format.value(c.ratio(), Unit.RATIO);
            case Cell.Absent c -> "not measured: " + Escape.clean(c.reason());
        };
    }

    /// Which columns hold numbers; these are aligned on the right.
    static boolean[] numeric(Block.Table table) {
        boolean[] numeric = new boolean[table.columns().size()];
        for (List<Cell> row : table.rows()) {
            for (int c = 0; c < numeric.length; c++) {
                numeric[c] |= row.get(c) instanceof Cell.Value || row.get(c) instanceof Cell.Share;
            }
        }
        return numeric;
    }

    private int[] widths() {
        int[] widths = new int[table.columns().size()];
        for (int c = 0; c < widths.length; c++) {
            int column = c;
            widths[c] = Math.max(
                    width.of(table.columns().get(c)),
                    table.rows().stream()
                            .mapToInt(r -> width.of(text(r.get(column))))
                            .max()
                            .orElse(0));
        }
        while (total(widths) > columns && widths[widest(widths)] > NARROWEST) {
            widths[widest(widths)]--;
        }
        return widths;
    }

    private static int widest(int[] widths) {
        int widest = 0;
        for (int c = 1; c < widths.length; c++) {
            widest = widths[c] > widths[widest] ? c : widest;
        }
        return widest;
    }

    private static int total(int[] widths) {
        int sum = -GAP;
        for (int w : widths) {
            sum += w + GAP;
        }
        return sum;
    }

    private String row(List<String> texts, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int c = 0; c < widths.length; c++) {
            String text = width.cut(texts.get(c), widths[c]);
            line.append(numeric[c] ? width.padLeft(text, widths[c]) : width.pad(text, widths[c]));
            line.append(" ".repeat(GAP));
        }
        return line.toString().stripTrailing();
    }
}
