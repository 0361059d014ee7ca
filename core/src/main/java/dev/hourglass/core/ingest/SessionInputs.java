package dev.hourglass.core.ingest;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JsonGenerator;

/// The files of an imported session beside its database: `metadata.json`, and `raw/` with what is
/// known of each input.
public final class SessionInputs {
    private SessionInputs() {}

    /// Writes `raw/inputs.json`, copies the inputs where asked for, and writes `metadata.json` last.
    public static void write(TraceImport.Summary summary, Path session, boolean copy) throws IOException {
        Path raw = WholeFile.directory(session.resolve("raw"));
        for (TraceImport.ReadSource source : summary.sources()) {
            if (copy && Files.isRegularFile(source.path())) {
                WholeFile.write(
                        raw.resolve(source.id() + "-" + source.path().getFileName()),
                        out -> Files.copy(source.path(), out));
            }
        }
        Path list = raw.resolve(FileTree.isThere(raw.resolve("inputs.json")) ? nextName(raw) : "inputs.json");
        Json.write(list, json -> {
            json.writeStartArray();
            summary.sources().forEach(source -> input(source, json));
            json.writeEndArray();
        });
        Path metadata = session.resolve("metadata.json");
        if (!FileTree.isThere(metadata)) {
            Json.write(metadata, json -> {
                json.writeStartObject();
                json.writeStringProperty("command", "import");
                json.writeNumberProperty("session_version", TraceStore.VERSION);
                Json.list(json, "inputs", summary.sources(), source -> input(source, json));
                json.writeEndObject();
            });
        }
    }

    private static void input(TraceImport.ReadSource source, JsonGenerator json) {
        json.writeStartObject();
        json.writeNumberProperty("id", source.id());
        json.writeStringProperty("path", source.path().toString());
        json.writeStringProperty("format", source.format());
        json.writeNumberProperty("size_bytes", source.size());
        json.writeStringProperty("hash", source.hash());
        json.writeEndObject();
    }

    private static String nextName(Path raw) {
        int n = 2;
        while (FileTree.isThere(raw.resolve("inputs-" + n + ".json"))) {
            n++;
        }
        return "inputs-" + n + ".json";
    }
}
