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
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The answer of an analysis as blocks: the table, with units from the declaration, and the SQL behind it.
public final class AnalysisTable {
    /// Rows that a table of a page shows; all of them are a query away.
    private static final int MOST_ROWS = 60;
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
                    .map(c -> cell(c, rows.value(row, c.name())))
                    .toList());
        }
        String more = rows.size() > MOST_ROWS ? " The first " + MOST_ROWS + " of " + rows.size() + " rows." : "";
        return new Block.Table(
                analysis.question() + more,
                shown.stream().map(c -> c.name().replace('_', ' ')).toList(),
                cells);
    }

    private static Cell cell(ColumnDoc column, @Nullable Object value) {
        return switch (value) {
            case null -> Cell.text("–");
            case Number n
            when column.unit() == Unit.RATIO && column.name().equals("share") ->
                new Cell.Share(n.doubleValue(), Hue.BUSY);
            case Number n -> Cell.number(n.doubleValue(), column.unit());
            default -> Cell.text(value.toString());
        };
    }
}
