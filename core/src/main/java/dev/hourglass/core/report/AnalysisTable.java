package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Analysis;
import dev.hourglass.core.analysis.Analysis.ColumnDoc;
import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.document.Block;
import dev.hourglass.core.document.Cell;
import dev.hourglass.core.document.Hue;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The answer of an analysis as blocks: the table, with units from the declaration, and the SQL behind it.
public final class AnalysisTable {
    /// Rows that a table of a page shows; all of them are a query away.
    private static final int MOST_ROWS = 60;
    /// How a column says that few samples tell it not.
    private static final Pattern PERCENTILE = Pattern.compile("NULL below (\\d+) samples");
    /// Columns that say how a row becomes a finding.
    private static final Set<String> INNER = Set.of("severity", "stake", "advice");

    private AnalysisTable() {}

    /// The blocks for an outcome, whatever it is.
    public static List<Block> of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Findings(Analysis analysis, Rows rows, var found) -> answered(analysis, rows);
            case Outcome.Clean(Analysis analysis, Rows rows) -> answered(analysis, rows);
            case Outcome.NotApplicable absent ->
                List.of(new Block.Note(
                        Block.Note.Tone.PLAIN,
                        absent.analysis().question(),
                        "Not measured, because " + absent.because() + ". To record it: " + absent.howToRecord() + "."));
        };
    }

    private static List<Block> answered(Analysis analysis, Rows rows) {
        Block.Query query = new Block.Query(analysis.question(), AnalysisLibrary.query(analysis));
        return rows.size() == 0
                ? List.of(new Block.Note(Block.Note.Tone.PLAIN, analysis.question(), "Nothing of the kind."), query)
                : List.of(table(analysis, rows), query);
    }

    static Block.Table table(Analysis analysis, Rows rows) {
        List<ColumnDoc> shown = analysis.columns().stream()
                .filter(c -> rows.columns().contains(c.name()))
                .filter(c -> !INNER.contains(c.name()))
                .toList();
        List<List<Cell>> cells = new ArrayList<>();
        for (int r = 0; r < Math.min(MOST_ROWS, rows.size()); r++) {
            int row = r;
            cells.add(shown.stream()
                    .map(c -> cell(c, unit(c, rows, row), rows.value(row, c.name())))
                    .toList());
        }
        String more = rows.size() > MOST_ROWS ? " The first " + MOST_ROWS + " of " + rows.size() + " rows." : "";
        return new Block.Table(
                analysis.question() + more + tooFew(shown, rows),
                shown.stream().map(c -> c.name().replace('_', ' ')).toList(),
                cells);
    }

    /// Why percentiles are missing, as the declarations of their columns say it.
    private static String tooFew(List<ColumnDoc> shown, Rows rows) {
        Map<String, List<String>> without = new LinkedHashMap<>();
        for (ColumnDoc column : shown) {
            Matcher below = PERCENTILE.matcher(column.doc());
            if (below.find() && rows.rows().stream().anyMatch(row -> row.get(at(rows, column)) == null)) {
                without.computeIfAbsent(below.group(1), n -> new ArrayList<>())
                        .add(column.name().replace('_', ' '));
            }
        }
        return without.entrySet().stream()
                .map(e -> " A dash below " + String.join(", ", e.getValue()) + ": not measured, because of fewer than "
                        + e.getKey() + " samples.")
                .collect(Collectors.joining());
    }

    private static int at(Rows rows, ColumnDoc column) {
        return rows.columns().indexOf(column.name());
    }

    /// Where a column of the answer names the unit of each row, that of its numbers.
    private static Unit unit(ColumnDoc column, Rows rows, int row) {
        return column.unit() == Unit.NONE && rows.columns().contains("unit")
                ? UnitNames.of(rows.text(row, "unit", ""))
                : column.unit();
    }

    private static Cell cell(ColumnDoc column, Unit unit, @Nullable Object value) {
        return switch (value) {
            case null -> Cell.none();
            case Number n
            when column.unit() == Unit.RATIO && column.name().equals("share") ->
                new Cell.Share(n.doubleValue(), Hue.BUSY);
            case Number n -> Cell.number(n.doubleValue(), unit);
            default -> Cell.text(value.toString());
        };
    }
}
