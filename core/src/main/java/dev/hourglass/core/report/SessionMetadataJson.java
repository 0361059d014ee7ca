package dev.hourglass.core.report;

import dev.hourglass.core.analysis.DecodeProfile;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.text.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/// Writes `metadata.json`: how a session came to be, what it captured, what it did not and why, and
/// what recording it cost. It is written last; where it is missing, the session is not whole.
public final class SessionMetadataJson {
    private SessionMetadataJson() {}

    /// @param profile what the run's tokens amount to
    public static void write(Explanation explained, DecodeProfile profile, Path file) throws IOException {
        Json.write(file, json -> {
            json.writeStartObject();
            facts(json, explained.facts());
            captured(json, profile);
            notCaptured(json, explained, profile);
            profile.overhead().ifPresent(o -> overhead(json, o));
            json.writeEndObject();
        });
    }

    /// Dotted names become objects: `engine.version` stands as `version` in `engine`.
    private static void facts(JsonGenerator json, Map<String, String> facts) {
        Map<String, Map<String, String>> groups = new LinkedHashMap<>();
        facts.forEach((name, value) -> {
            int dot = name.indexOf('.');
            if (dot < 0) {
                Json.fact(json, name, value);
            } else {
                groups.computeIfAbsent(name.substring(0, dot), g -> new LinkedHashMap<>())
                        .put(name.substring(dot + 1), value);
            }
        });
        groups.forEach((group, members) -> {
            json.writeObjectPropertyStart(group);
            members.forEach((name, value) -> Json.fact(json, name, value));
            json.writeEndObject();
        });
    }

    private static void captured(JsonGenerator json, DecodeProfile profile) {
        json.writeArrayPropertyStart("captured");
        profile.components().stream()
                .filter(c -> c.time().isPresent())
                .forEach(c -> json.writeString(c.component().key()));
        profile.counters().stream().filter(c -> c.value() != null).forEach(c -> json.writeString("perf " + c.event()));
        profile.ceilings().forEach(c -> json.writeString("ceiling " + c.name() + " of " + c.device()));
        json.writeEndArray();
    }

    private static void notCaptured(JsonGenerator json, Explanation explained, DecodeProfile profile) {
        json.writeArrayPropertyStart("not_captured");
        explained.notMeasured().forEach(absent -> absence(json, absent.item(), absent.status(), absent.reason()));
        for (DecodeProfile.Counter counter : profile.counters()) {
            if (counter.value() == null) {
                String reason = counter.reason() == null ? "no reason was recorded" : counter.reason();
                absence(json, "perf " + counter.event(), "not_measured", reason);
            }
        }
        json.writeEndArray();
    }

    private static void absence(JsonGenerator json, String item, String status, String reason) {
        json.writeStartObject();
        json.writeStringProperty("item", item);
        json.writeStringProperty("status", status);
        json.writeStringProperty("reason", reason);
        json.writeEndObject();
    }

    private static void overhead(JsonGenerator json, DecodeProfile.Overhead overhead) {
        json.writeObjectPropertyStart("overhead");
        Json.number(json, "percent", overhead.percent());
        json.writeArrayPropertyStart("ci95");
        Json.number(json, overhead.low());
        Json.number(json, overhead.high());
        json.writeEndArray();
        json.writeStringProperty("method", overhead.method());
        json.writeEndObject();
    }
}
