package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Answer;
import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Loss;
import dev.hourglass.core.analysis.NotMeasured;
import dev.hourglass.core.text.Json;
import dev.hourglass.core.unit.Distribution;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/// Writes `summary.json`, the stable interface for programs: what a decode run amounts to, in
/// microseconds per token.
///
/// What was not measured is an object with `status` and `reason`, never a number. Facts of the engine,
/// the model and the machine stand under their names without the prefix that they have in the
/// session's metadata.
public final class DecodeSummaryJson {
    private final Explanation explained;
    private final DecodeProfile profile;
    private final JsonGenerator json;

    private DecodeSummaryJson(Explanation explained, DecodeProfile profile, JsonGenerator json) {
        this.explained = explained;
        this.profile = profile;
        this.json = json;
    }

    /// @param profile what the run's tokens amount to
    public static void write(Explanation explained, DecodeProfile profile, Path file) throws IOException {
        Json.write(file, json -> new DecodeSummaryJson(explained, profile, json).all());
    }

    private void all() {
        json.writeStartObject();
        distribution("t_token_us", profile.tToken());
        distribution("t_token_unprofiled_us", profile.tTokenUnprofiled());
        Json.number(json, "tokens_per_second", 1e6 / profile.tToken().mean());
        components();
        json.writeStringProperty("neck", profile.neck().component().key());
        questions();
        overhead();
        bandwidth();
        contention();
        fullDepth();
        experts();
        facts("machine", "host.", List.of());
        facts("engine", "engine.", List.of("name", "version", "library"));
        facts("model", "model.", List.of("shape", "layers", "layers_full", "params", "quantization"));
        facts("run", "run.", List.of());
        ceilings();
        notMeasured();
        losses();
        json.writeEndObject();
    }

    private void distribution(String name, Distribution d) {
        json.writeObjectPropertyStart(name);
        Json.distribution(json, d);
        json.writeEndObject();
    }

    private void components() {
        json.writeObjectPropertyStart("components_us");
        for (DecodeProfile.ComponentTime c : profile.components()) {
            json.writeObjectPropertyStart(c.component().key());
            c.time().ifPresentOrElse(t -> Json.distribution(json, t), () -> absence(c));
            c.share().ifPresent(s -> Json.number(json, "share", s));
            json.writeBooleanProperty("exclusive", c.exclusive());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void absence(DecodeProfile.ComponentTime c) {
        NotMeasured why = c.absence();
        json.writeStringProperty("status", why == null ? "not_measured" : why.status());
        json.writeStringProperty("reason", why == null ? "no reason was recorded" : why.reason());
    }

    private void questions() {
        json.writeArrayPropertyStart("questions");
        for (Answer a : explained.questions()) {
            json.writeStartObject();
            json.writeStringProperty("id", a.id());
            json.writeStringProperty("question", a.question());
            json.writeStringProperty("answer", a.answer());
            json.writeStringProperty("status", a.status().key());
            json.writeArrayPropertyStart("evidence");
            a.evidence().forEach(json::writeString);
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void overhead() {
        json.writeObjectPropertyStart("overhead");
        profile.overhead().ifPresentOrElse(this::overhead, () -> {
            json.writeStringProperty("status", "not_measured");
            json.writeStringProperty("reason", "no steps without per-node timing ran beside the profiled ones");
        });
        json.writeEndObject();
    }

    private void overhead(DecodeProfile.Overhead o) {
        Json.number(json, "percent", o.percent());
        json.writeArrayPropertyStart("ci95");
        Json.number(json, o.low());
        Json.number(json, o.high());
        json.writeEndArray();
        json.writeNumberProperty("pairs", o.pairs());
        json.writeStringProperty("method", o.method());
    }

    private void bandwidth() {
        profile.bound().ifPresent(b -> {
            json.writeObjectPropertyStart("memory_bandwidth");
            Json.number(json, "experts_bytes_per_second", b.expertBytesPerSecond());
            Json.number(json, "token_bytes_per_second", b.tokenBytesPerSecond());
            Json.number(json, "ceiling_bytes_per_second", b.ceilingBytesPerSecond());
            Json.number(json, "ratio", b.ratio());
            json.writeStringProperty("verdict", b.verdict());
            json.writeEndObject();
        });
    }

    private void contention() {
        profile.contention().ifPresent(c -> {
            json.writeObjectPropertyStart("contention");
            json.writeStringProperty("level", c.level());
            json.writeStringProperty("reason", c.reason());
            json.writeEndObject();
        });
    }

    private void fullDepth() {
        profile.fullDepth().ifPresent(d -> {
            json.writeObjectPropertyStart("full_depth_estimate");
            json.writeNumberProperty("layers", d.layers());
            json.writeNumberProperty("layers_full", d.layersFull());
            Json.number(json, "t_token_us", d.us());
            json.writeArrayPropertyStart("range_us");
            Json.number(json, d.lowUs());
            Json.number(json, d.highUs());
            json.writeEndArray();
            json.writeObjectPropertyStart("components_us");
            d.componentUs().forEach((key, us) -> Json.number(json, key, us));
            json.writeEndObject();
            json.writeStringProperty("method", d.method());
            json.writeEndObject();
        });
    }

    private void experts() {
        profile.experts().ifPresent(e -> {
            json.writeObjectPropertyStart("experts");
            json.writeNumberProperty("experts", e.experts());
            json.writeNumberProperty("top_k", e.topK());
            Json.number(json, "max_over_mean", e.imbalance());
            json.writeEndObject();
        });
    }

    /// The facts below a prefix; those that every reader may count on come first, null where unknown.
    private void facts(String object, String prefix, List<String> always) {
        json.writeObjectPropertyStart(object);
        for (String name : always) {
            Json.fact(json, name, explained.facts().get(prefix + name));
        }
        for (Map.Entry<String, String> fact : explained.facts().entrySet()) {
            if (fact.getKey().startsWith(prefix)) {
                String name = fact.getKey().substring(prefix.length());
                if (!always.contains(name)) {
                    Json.fact(json, name, fact.getValue());
                }
            }
        }
        json.writeEndObject();
    }

    private void ceilings() {
        json.writeArrayPropertyStart("ceilings");
        for (DecodeProfile.Ceiling c : profile.ceilings()) {
            json.writeStartObject();
            json.writeStringProperty("name", c.name());
            json.writeStringProperty("device", c.device());
            Json.number(json, "value", c.value());
            json.writeStringProperty("unit", c.unit());
            Json.number(json, "median", c.median());
            Json.number(json, "stddev", c.stddev());
            json.writeNumberProperty("n", c.n());
            json.writeStringProperty("method", c.method());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void notMeasured() {
        json.writeArrayPropertyStart("not_measured");
        for (NotMeasured n : explained.notMeasured()) {
            json.writeStartObject();
            json.writeStringProperty("item", n.item());
            json.writeStringProperty("status", n.status());
            json.writeStringProperty("reason", n.reason());
            json.writeStringProperty("how_to_record", n.howToRecord());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void losses() {
        json.writeArrayPropertyStart("losses");
        for (Loss l : explained.losses()) {
            json.writeStartObject();
            json.writeStringProperty("source", l.source());
            json.writeStringProperty("kind", l.kind());
            json.writeStringProperty("severity", l.severity());
            json.writeNumberProperty("count", l.count());
            json.writeStringProperty("place", l.place());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
