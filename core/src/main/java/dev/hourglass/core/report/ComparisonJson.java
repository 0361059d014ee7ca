package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Comparison;
import dev.hourglass.core.analysis.KernelChanges;
import dev.hourglass.core.analysis.RunDifference;
import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.text.Json;
import java.io.IOException;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/// Writes a comparison as JSON. Each metric says its unit.
public final class ComparisonJson {
    private ComparisonJson() {}

    public static String render(Comparison comparison) throws IOException {
        return Json.text(json -> all(json, comparison));
    }

    private static void all(JsonGenerator json, Comparison c) {
        json.writeStartObject();
        json.writeStringProperty("base", c.base());
        json.writeStringProperty("candidate", c.candidate());
        json.writeStringProperty("stage", c.stage());
        json.writeStringProperty("base_stage", c.baseStage());
        json.writeObjectPropertyStart("steps");
        json.writeNumberProperty("base", c.steps().base());
        json.writeNumberProperty("candidate", c.steps().candidate());
        json.writeEndObject();
        json.writeObjectPropertyStart("runs");
        json.writeNumberProperty("base", c.runs().base());
        json.writeNumberProperty("candidate", c.runs().candidate());
        json.writeEndObject();
        Json.number(json, "tolerance", c.tolerance());
        differences(json, c);
        unsteady(json, c);
        json.writeArrayPropertyStart("metrics");
        c.metrics().forEach(m -> metric(json, c.tells(m) ? m : m.untold()));
        json.writeEndArray();
        json.writeArrayPropertyStart("attribution");
        for (Comparison.Share share : c.attribution()) {
            json.writeStartObject();
            json.writeStringProperty("component", share.component());
            Json.number(json, "delta_us", share.deltaUs());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectPropertyStart("kernels");
        changes(json, "appeared", c.kernels().appeared());
        changes(json, "vanished", c.kernels().vanished());
        changes(json, "changed", c.kernels().changed());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void metric(JsonGenerator json, Comparison.Metric m) {
        json.writeStartObject();
        json.writeStringProperty("name", m.name());
        Json.number(json, "base", m.base());
        Json.number(json, "candidate", m.candidate());
        Json.number(json, "delta", m.delta());
        json.writeArrayPropertyStart("ci95");
        Json.number(json, m.shift().low());
        Json.number(json, m.shift().high());
        json.writeEndArray();
        json.writeStringProperty("verdict", m.shift().verdict().name());
        if (m.shift().doubt() != Shift.Doubt.NONE) {
            json.writeStringProperty("doubt", m.shift().doubt().why());
        }
        json.writeStringProperty("test", Shift.TEST);
        json.writeStringProperty("unit", m.unit().symbol());
        json.writeEndObject();
    }

    private static void differences(JsonGenerator json, Comparison c) {
        json.writeArrayPropertyStart("differences");
        for (RunDifference difference : c.differences()) {
            json.writeStartObject();
            json.writeStringProperty("kind", difference.kind().key());
            json.writeStringProperty("what", difference.what());
            json.writeStringProperty("base", difference.base());
            json.writeStringProperty("candidate", difference.candidate());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void unsteady(JsonGenerator json, Comparison c) {
        json.writeArrayPropertyStart("unsteady");
        for (Comparison.Unsteady run : c.unsteady()) {
            json.writeStartObject();
            json.writeStringProperty("run", run.run());
            json.writeStringProperty("kind", run.drift().kind().name());
            json.writeNumberProperty("from_step", run.drift().from());
            Json.number(json, "change_us", run.drift().change());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void changes(JsonGenerator json, String name, List<KernelChanges.Change> changes) {
        json.writeArrayPropertyStart(name);
        for (KernelChanges.Change change : changes) {
            json.writeStartObject();
            json.writeStringProperty("name", change.name());
            Json.number(json, "base_calls", change.base().callsPerStep());
            Json.number(json, "candidate_calls", change.candidate().callsPerStep());
            Json.number(json, "base_us", change.base().usPerStep());
            Json.number(json, "candidate_us", change.candidate().usPerStep());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
