package dev.hourglass.app.cli;

import dev.hourglass.core.analysis.Analysis.ColumnDoc;
import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.query.Rows;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Outcomes of analyses as JSON: a list of objects, one per analysis.
final class AnalyzeJson {
    private AnalyzeJson() {}

    /// The rows of an outcome; empty where the session cannot answer.
    static Optional<Rows> rows(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Findings f -> Optional.of(f.rows());
            case Outcome.Clean c -> Optional.of(c.rows());
            case Outcome.NotApplicable n -> Optional.empty();
        };
    }

    static String of(List<Outcome> outcomes) {
        return outcomes.stream().map(AnalyzeJson::one).collect(Collectors.joining(",\n", "[\n", "\n]"));
    }

    private static String one(Outcome outcome) {
        String head = "{\"id\": " + text(outcome.analysis().id()) + ", \"question\": "
                + text(outcome.analysis().question()) + ", ";
        return head
                + switch (outcome) {
                    case Outcome.Findings f ->
                        "\"outcome\": \"findings\", \"findings\": "
                                + f.findings().stream()
                                        .map(AnalyzeJson::finding)
                                        .collect(Collectors.joining(", ", "[", "]"))
                                + ", " + answer(outcome, f.rows());
                    case Outcome.Clean c -> "\"outcome\": \"clean\", " + answer(outcome, c.rows());
                    case Outcome.NotApplicable n ->
                        "\"outcome\": \"not_applicable\", \"missing\": "
                                + n.missing().stream()
                                        .map(AnalyzeJson::text)
                                        .collect(Collectors.joining(", ", "[", "]"))
                                + ", \"how_to_record\": " + text(n.howToRecord());
                }
                + "}";
    }

    private static String finding(Finding f) {
        return "{\"severity\": " + text(f.severity().key()) + ", \"bound\": "
                + text(f.bound().key()) + ", \"stage\": " + text(f.stage()) + ", \"title\": " + text(f.title())
                + ", \"remedy\": " + text(f.remedy()) + "}";
    }

    private static String answer(Outcome outcome, Rows rows) {
        String columns = rows.columns().stream()
                .map(name -> "{\"name\": " + text(name) + ", \"unit\": "
                        + text(outcome.analysis().columns().stream()
                                .filter(c -> c.name().equals(name))
                                .findFirst()
                                .map(ColumnDoc::unit)
                                .map(unit -> unit.symbol())
                                .orElse(""))
                        + "}")
                .collect(Collectors.joining(", ", "[", "]"));
        String values = rows.rows().stream()
                .map(row -> IntStream.range(0, row.size())
                        .mapToObj(i -> text(rows.columns().get(i)) + ": " + Cells.json(row.get(i)))
                        .collect(Collectors.joining(", ", "{", "}")))
                .collect(Collectors.joining(",\n  ", "[", "]"));
        return "\"columns\": " + columns + ", \"rows\": " + values + ", \"sql\": "
                + text(AnalysisLibrary.query(outcome.analysis()));
    }

    private static String text(String value) {
        return Cells.jsonText(value);
    }
}
