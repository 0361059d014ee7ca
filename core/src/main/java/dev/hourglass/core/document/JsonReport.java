package dev.hourglass.core.document;

import dev.hourglass.core.text.Json;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Quantity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/// A report as `report.json`: the document, with what programs look for (questions, findings, unknowns)
/// gathered at the top. Charts are left to the formats that draw; their description is here.
public final class JsonReport {
    private final JsonGenerator json;

    private JsonReport(JsonGenerator json) {
        this.json = json;
    }

    public static void write(Report report, Path file) throws IOException {
        Json.write(file, json -> new JsonReport(json).all(report));
    }

    /// The document as an object, in a file that holds more.
    public static void object(JsonGenerator json, Report report) {
        new JsonReport(json).all(report);
    }

    private void all(Report report) {
        json.writeStartObject();
        json.writeStringProperty("title", report.title());
        texts("context", report.context());
        json.writeStringProperty("headline", report.headline().statement());
        list("figures", report.headline().figures(), this::figure);
        list("notes", report.headline().notes(), this::block);
        list("questions", report.blocks(Block.Question.class).toList(), this::block);
        list("findings", report.blocks(Block.Finding.class).toList(), this::block);
        list(
                "not_measured",
                report.blocks(Block.Unknowns.class)
                        .flatMap(u -> u.items().stream())
                        .toList(),
                this::unknown);
        list("sections", report.sections(), this::section);
        json.writeEndObject();
    }

    private <T> void list(String name, List<T> items, Consumer<T> each) {
        json.writeArrayPropertyStart(name);
        items.forEach(each);
        json.writeEndArray();
    }

    private void texts(String name, List<String> texts) {
        list(name, texts, json::writeString);
    }

    private void section(Section section) {
        json.writeStartObject();
        json.writeStringProperty("id", section.id());
        json.writeStringProperty("title", section.title());
        list("blocks", section.blocks(), this::block);
        json.writeEndObject();
    }

    private void block(Block block) {
        json.writeStartObject();
        switch (block) {
            case Block.Prose b -> typed("prose").writeStringProperty("text", b.text());
            case Block.Figures b -> {
                typed("figures");
                list("figures", b.figures(), this::figure);
            }
            case Block.Question b -> question(b);
            case Block.Finding b -> finding(b);
            case Block.Table b -> table(b);
            case Block.Plot b ->
                typed("plot")
                        .writeStringProperty("id", b.id())
                        .writeStringProperty("caption", b.caption())
                        .writeStringProperty("description", b.chart().description());
            case Block.Note b ->
                typed("note")
                        .writeStringProperty("tone", b.tone().name().toLowerCase(Locale.ROOT))
                        .writeStringProperty("title", b.title())
                        .writeStringProperty("text", b.text());
            case Block.Unknowns b -> {
                typed("unknowns");
                list("items", b.items(), this::unknown);
            }
            case Block.Query b ->
                typed("query").writeStringProperty("title", b.title()).writeStringProperty("sql", b.sql());
            case Block.Facts b -> {
                typed("facts").writeStringProperty("title", b.title());
                json.writeObjectPropertyStart("facts");
                b.facts().forEach(f -> Json.fact(json, f.name(), f.value()));
                json.writeEndObject();
            }
        }
        json.writeEndObject();
    }

    private JsonGenerator typed(String type) {
        return json.writeStringProperty("type", type);
    }

    private void question(Block.Question q) {
        typed("question")
                .writeStringProperty("id", q.id())
                .writeStringProperty("question", q.question())
                .writeStringProperty("answer", q.answer())
                .writeStringProperty("status", q.status().key());
        texts("evidence", q.evidence());
        evidence(q.query());
    }

    private void finding(Block.Finding f) {
        typed("finding")
                .writeStringProperty("id", f.id())
                .writeStringProperty("severity", f.severity().key())
                .writeStringProperty("title", f.title())
                .writeStringProperty("where", f.where())
                .writeStringProperty("remedy", f.remedy())
                .writeStringProperty("remedy_spellings", f.spellings())
                .writeStringProperty("gain", f.gain());
        evidence(f.evidence());
    }

    private void evidence(Optional<Block.Query> query) {
        query.ifPresent(q -> json.writeStringProperty("evidence_sql", q.sql()));
    }

    private void table(Block.Table table) {
        typed("table").writeStringProperty("caption", table.caption());
        texts("columns", table.columns());
        list("rows", table.rows(), this::row);
    }

    private void row(List<Cell> row) {
        json.writeStartArray();
        row.forEach(this::cell);
        json.writeEndArray();
    }

    private void cell(Cell cell) {
        switch (cell) {
            case Cell.Text c when c.equals(Cell.NONE) -> json.writeNull();
            case Cell.Text c -> json.writeString(c.text());
            case Cell.Named c -> json.writeString(c.text());
            case Cell.Share c -> Json.number(json, c.ratio());
            case Cell.Value c -> {
                json.writeStartObject();
                Json.number(json, "value", c.value());
                json.writeStringProperty("unit", c.unit().symbol());
                json.writeEndObject();
            }
            case Cell.Absent c -> {
                json.writeStartObject();
                json.writeStringProperty("status", "not_measured");
                json.writeStringProperty("reason", c.reason());
                json.writeEndObject();
            }
        }
    }

    private void figure(Figure figure) {
        json.writeStartObject();
        json.writeStringProperty("label", figure.label());
        Json.number(json, "value", figure.quantity().value());
        json.writeStringProperty("unit", figure.quantity().unit().symbol());
        spread(figure.quantity());
        json.writeStringProperty("text", Format.quantity(figure.quantity()));
        json.writeStringProperty("detail", figure.detail());
        json.writeEndObject();
    }

    private void spread(Quantity quantity) {
        switch (quantity.spread()) {
            case null -> {}
            case Quantity.Spread.StdDev s -> {
                Json.number(json, "stddev", s.value());
                json.writeNumberProperty("n", s.n());
            }
            case Quantity.Spread.Interval i -> {
                json.writeArrayPropertyStart("ci" + Math.round(i.level() * 100));
                Json.number(json, i.low());
                Json.number(json, i.high());
                json.writeEndArray();
            }
        }
    }

    private void unknown(Block.Unknown unknown) {
        json.writeStartObject();
        json.writeStringProperty("item", unknown.item());
        json.writeStringProperty("status", unknown.status());
        json.writeStringProperty("reason", unknown.reason());
        unknown.how().ifPresent(how -> json.writeStringProperty("how_to_record", how));
        json.writeEndObject();
    }
}
