package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Answer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.NotMeasured;
import dev.hourglass.core.analysis.Period;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.JsonReport;
import dev.hourglass.core.document.Report;
import dev.hourglass.core.text.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/// Writes `report.json`, the stable interface for programs: what limits each stage, what was found, in
/// the order of the time at stake, where the time goes, the seven answers, and what is unknown.
///
/// What was not measured is an object with `status` and `reason`, never a number.
public final class ExplanationJson {
    private final Explanation explained;
    private final JsonGenerator json;

    private ExplanationJson(Explanation explained, JsonGenerator json) {
        this.explained = explained;
        this.json = json;
    }

    /// @param document the same as a document, which stands under `document`
    public static void write(Explanation explained, Report document, Path file) throws IOException {
        Json.write(file, json -> new ExplanationJson(explained, json).all(document));
    }

    /// The same as text.
    public static String render(Explanation explained, Report document) throws IOException {
        return Json.text(json -> new ExplanationJson(explained, json).all(document));
    }

    private void all(Report document) {
        json.writeStartObject();
        json.writeObjectPropertyStart("bound");
        json.writeStringProperty("overall", explained.overall().key());
        json.writeObjectPropertyStart("stages");
        explained
                .stages()
                .forEach(s -> json.writeStringProperty(s.name(), s.bound().key()));
        json.writeEndObject();
        json.writeEndObject();
        list("findings", explained.findings(), this::finding);
        list("stages", explained.stages(), this::stage);
        list("questions", explained.questions(), this::question);
        list("not_measured", explained.notMeasured(), this::unknown);
        json.writeName("document");
        JsonReport.object(json, document);
        json.writeEndObject();
    }

    private <T> void list(String name, List<T> items, Consumer<T> each) {
        json.writeArrayPropertyStart(name);
        for (T item : items) {
            json.writeStartObject();
            each.accept(item);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void finding(Finding f) {
        json.writeStringProperty("id", f.id());
        json.writeStringProperty("severity", f.severity().key());
        json.writeStringProperty("title", f.title());
        json.writeStringProperty("bound", f.bound().key());
        json.writeStringProperty("stage", f.stage());
        if (f.device() >= 0) {
            json.writeNumberProperty("device", f.device());
        }
        Json.number(json, "share_of_time", f.share());
        json.writeStringProperty("evidence_sql", f.evidenceSql());
        json.writeStringProperty("remedy", f.remedy());
        json.writeStringProperty("remedy_spellings", f.spellings());
        if (f.gain().isPresent()) {
            Json.number(json, "gain", f.gain().getAsDouble());
        } else {
            json.writeName("gain");
            json.writeNull();
        }
        json.writeStringProperty("gain_method", f.gainMethod());
    }

    private void stage(StageTime s) {
        json.writeStringProperty("name", s.name());
        json.writeNumberProperty("steps", s.steps());
        period(s.period());
        Json.number(json, "wall_us", s.wall().mean());
        known("gpu_busy_ratio", s.gpuBusyRatio(), "no GPU work was recorded");
        json.writeObjectPropertyStart("components_us");
        s.componentsUs().forEach((key, us) -> Json.number(json, key, us));
        json.writeEndObject();
        known("mfu", s.mfu(), s.utilizationBasis());
        known("mbu", s.mbu(), s.utilizationBasis());
        known(
                "pcie_bytes_per_token",
                s.pcieBytesPerToken(),
                s.devices() == 0 ? "no GPU work was recorded" : "the recording does not tell the tokens of a step");
        json.writeStringProperty("utilization_basis", s.utilizationBasis());
        Json.number(json, "between_us", s.betweenUs());
        json.writeBooleanProperty("first_only", s.firstOnly());
        json.writeObjectPropertyStart("wall_us_distribution");
        Json.distribution(json, s.wall());
        json.writeEndObject();
    }

    /// From step to step, and what the batch makes of it.
    private void period(Period period) {
        Json.number(json, "period_us", period.time().p50());
        json.writeStringProperty(
                "period_from",
                switch (period.told()) {
                    case NEXT -> "step to step of the stage";
                    case OTHER -> "the step before it, of another stage";
                    case WALL -> "wall";
                });
        json.writeObjectPropertyStart("period_us_distribution");
        Json.distribution(json, period.time());
        json.writeEndObject();
        known("tokens_per_second", period.tokensPerSecond(), "the recording does not tell the tokens of a step");
    }

    private void known(String name, OptionalDouble value, String reason) {
        if (value.isPresent()) {
            Json.number(json, name, value.getAsDouble());
        } else {
            json.writeObjectPropertyStart(name);
            json.writeStringProperty("status", "not_measured");
            json.writeStringProperty("reason", reason);
            json.writeEndObject();
        }
    }

    private void question(Answer a) {
        json.writeStringProperty("id", a.id());
        json.writeStringProperty("question", a.question());
        json.writeStringProperty("answer", a.answer());
        json.writeStringProperty("status", a.status().key());
        json.writeArrayPropertyStart("evidence");
        a.evidence().forEach(json::writeString);
        json.writeEndArray();
    }

    private void unknown(NotMeasured n) {
        json.writeStringProperty("item", n.item());
        json.writeStringProperty("status", n.status());
        json.writeStringProperty("reason", n.reason());
        if (n.howToRecord() != null) {
            json.writeStringProperty("how_to_record", n.howToRecord());
        }
    }
}
