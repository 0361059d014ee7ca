package dev.hourglass.app.cli;

import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.text.Json;
import java.util.OptionalLong;
import tools.jackson.core.JsonGenerator;

/// The summary of an import as JSON.
final class ImportJson {
    private final JsonGenerator json;

    private ImportJson(JsonGenerator json) {
        this.json = json;
    }

    static String of(TraceImport.Summary summary, double seconds) {
        return Json.text(json -> new ImportJson(json).all(summary, seconds));
    }

    private void all(TraceImport.Summary summary, double seconds) {
        json.writeStartObject();
        json.writeObjectPropertyStart("events");
        summary.events().forEach(json::writeNumberProperty);
        json.writeEndObject();
        json.writeName("span_ns");
        nanoseconds(summary.spanNs());
        Json.list(json, "lost", summary.losses(), this::loss);
        Json.list(json, "alignment", summary.sources(), this::alignment);
        json.writeNumberProperty("seconds", Math.round(seconds * 1e3) / 1e3);
        json.writeEndObject();
    }

    private void loss(TraceImport.Loss loss) {
        json.writeStartObject();
        json.writeStringProperty("source", loss.source());
        json.writeStringProperty("kind", loss.what().kind());
        json.writeStringProperty("severity", loss.what().severity().word());
        json.writeNumberProperty("count", loss.what().count());
        json.writeStringProperty("place", loss.what().place());
        json.writeEndObject();
    }

    private void alignment(TraceImport.ReadSource source) {
        json.writeStartObject();
        json.writeStringProperty("source", source.name());
        json.writeStringProperty("method", source.clock().method().word());
        json.writeNumberProperty("offset_ns", source.clock().offsetNs());
        json.writeName("residual_ns");
        nanoseconds(source.clock().residualNs());
        json.writeName("because");
        Json.value(json, source.alignment().isEmpty() ? null : source.alignment());
        json.writeEndObject();
    }

    /// null where it is not known.
    private void nanoseconds(OptionalLong ns) {
        if (ns.isPresent()) {
            json.writeNumber(ns.getAsLong());
        } else {
            json.writeNull();
        }
    }
}
