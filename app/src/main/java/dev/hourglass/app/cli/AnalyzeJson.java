package dev.hourglass.app.cli;

import dev.hourglass.core.analysis.Analysis.ColumnDoc;
import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.text.Json;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// Outcomes of analyses as JSON: a list of objects, one per analysis.
final class AnalyzeJson {
    private final JsonGenerator json;

    private AnalyzeJson(JsonGenerator json) {
        this.json = json;
    }

    /// The rows of an outcome; empty where the session cannot answer.
    static Optional<Rows> rows(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Findings f -> Optional.of(f.rows());
            case Outcome.Clean c -> Optional.of(c.rows());
            case Outcome.NotApplicable n -> Optional.empty();
        };
    }

    static String of(List<Outcome> outcomes) {
        return Json.text(json -> {
            json.writeStartArray();
            outcomes.forEach(new AnalyzeJson(json)::outcome);
            json.writeEndArray();
        });
    }

    private void outcome(Outcome outcome) {
        json.writeStartObject();
        json.writeStringProperty("id", outcome.analysis().id());
        json.writeStringProperty("question", outcome.analysis().question());
        switch (outcome) {
            case Outcome.Findings f -> {
                json.writeStringProperty("outcome", "findings");
                Json.list(json, "findings", f.findings(), this::finding);
                answer(outcome, f.rows());
            }
            case Outcome.Clean c -> {
                json.writeStringProperty("outcome", "clean");
                answer(outcome, c.rows());
            }
            case Outcome.NotApplicable n -> {
                json.writeStringProperty("outcome", "not_applicable");
                Json.list(json, "missing", n.missing(), json::writeString);
                json.writeStringProperty("because", n.because());
                json.writeStringProperty("how_to_record", n.howToRecord());
            }
        }
        json.writeEndObject();
    }

    private void finding(Finding f) {
        json.writeStartObject();
        json.writeStringProperty("severity", f.severity().key());
        json.writeStringProperty("bound", f.bound().key());
        json.writeStringProperty("stage", f.stage());
        json.writeStringProperty("title", f.title());
        json.writeStringProperty("remedy", f.remedy());
        json.writeStringProperty("remedy_spellings", f.spellings());
        json.writeEndObject();
    }

    private void answer(Outcome outcome, Rows rows) {
        Json.list(json, "columns", rows.columns(), name -> {
            json.writeStartObject();
            json.writeStringProperty("name", name);
            json.writeStringProperty("unit", unit(outcome, name));
            json.writeEndObject();
        });
        Json.list(json, "rows", rows.rows(), row -> row(rows.columns(), row));
        json.writeStringProperty("sql", AnalysisLibrary.query(outcome.analysis()));
    }

    private static String unit(Outcome outcome, String column) {
        return outcome.analysis().columns().stream()
                .filter(c -> c.name().equals(column))
                .findFirst()
                .map(ColumnDoc::unit)
                .map(unit -> unit.symbol())
                .orElse("");
    }

    private void row(List<String> columns, List<@Nullable Object> row) {
        json.writeStartObject();
        for (int i = 0; i < row.size(); i++) {
            json.writeName(columns.get(i));
            Json.value(json, row.get(i));
        }
        json.writeEndObject();
    }
}
