package dev.hourglass.core.document;

import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.List;

/// A table in HTML. Pointing at a number shows it unrounded.
final class HtmlTable {
    private static final int LONG_TEXT = 40;
    private static final int NARROW_COLUMNS = 5;
    private static final int CROWDED = 14;

    private final Block.Table table;
    private final Html out;
    private final boolean[] numeric;

    HtmlTable(Block.Table table, Html out) {
        this.table = table;
        this.out = out;
        this.numeric = TextTable.numeric(table);
    }

    void write() {
        int columns = table.columns().size();
        out.raw("<div class=\"scroll\" tabindex=\"0\"><table")
                .raw(
                        columns > CROWDED
                                ? " class=\"wide crowded\">"
                                : columns > NARROW_COLUMNS ? " class=\"wide\">" : ">");
        if (!table.caption().isEmpty()) {
            out.raw("<caption>").prose(table.caption()).raw("</caption>");
        }
        out.raw("<thead><tr>");
        for (int c = 0; c < table.columns().size(); c++) {
            out.raw(numeric[c] ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
            out.text(table.columns().get(c)).raw("</th>");
        }
        out.raw("</tr></thead><tbody>");
        table.rows().forEach(this::row);
        out.raw("</tbody></table></div>\n");
    }

    private void row(List<Cell> row) {
        out.raw(
                row.getFirst() instanceof Cell.Named n
                        ? "<tr data-hue=\"" + n.hue().css() + "\">"
                        : "<tr>");
        for (int c = 0; c < row.size(); c++) {
            cell(row.get(c), numeric[c]);
        }
        out.raw("</tr>");
    }

    private void cell(Cell cell, boolean number) {
        switch (cell) {
            case Cell.Text c ->
                out.raw(number ? "<td class=\"n\">" : c.text().length() > LONG_TEXT ? "<td class=\"doc\">" : "<td>")
                        .prose(c.text());
            case Cell.Named c -> named(c);
            case Cell.Value c ->
                out.raw("<td class=\"n\" title=\"")
                        .text(exact(c.value(), c.unit()))
                        .raw("\">")
                        .text(Format.value(c.value(), c.unit()));
            case Cell.Share c -> share(c);
            case Cell.Absent c -> out.raw("<td class=\"absent\">not measured: ").text(c.reason());
        }
        out.raw("</td>");
    }

    private void named(Cell.Named cell) {
        out.raw("<td class=\"name\">").raw(dot(cell.hue())).text(cell.text());
        if (!cell.note().isEmpty()) {
            out.raw("<small>").prose(cell.note()).raw("</small>");
        }
    }

    private static String dot(Hue hue) {
        return "<span class=\"dot\" style=\"background:var(--" + hue.css() + ")\"></span>";
    }

    private void share(Cell.Share share) {
        String width = Svg.number(new StringBuilder(), Math.clamp(share.ratio() * 100, 0, 100))
                .toString();
        out.raw("<td class=\"n\" title=\"")
                .text(exact(share.ratio(), Unit.RATIO))
                .raw("\"><span class=\"share\"><i>");
        out.raw("<i style=\"height:8px;width:" + width + "%;background:var(--"
                + share.hue().css() + ")\"></i></i>");
        out.raw("<b>").text(Format.value(share.ratio(), Unit.RATIO)).raw("</b></span>");
    }

    /// The number without rounding for reading.
    private static String exact(double value, Unit unit) {
        String number = value == Math.rint(value) && Math.abs(value) < Format.EXACT_BELOW
                ? Long.toString((long) value)
                : Double.toString(Math.round(value * 1e6) / 1e6);
        return (number + " " + unit.symbol()).strip();
    }
}
