package dev.hourglass.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The files of an imported session beside its database: `metadata.json`, and `raw/` with what is
/// known of each input.
public final class SessionInputs {
    private SessionInputs() {}

    /// Writes `raw/inputs.json`, copies the inputs where asked for, and writes `metadata.json` last.
    public static void write(TraceImport.Summary summary, Path session, boolean copy) throws IOException {
        Path raw = Files.createDirectories(session.resolve("raw"));
        StringBuilder inputs = new StringBuilder("[");
        String comma = "\n";
        for (TraceImport.ReadSource source : summary.sources()) {
            inputs.append(comma)
                    .append("  {\"id\": ")
                    .append(source.id())
                    .append(", \"path\": ")
                    .append(text(source.path().toString()))
                    .append(", \"format\": ")
                    .append(text(source.format()))
                    .append(", \"size_bytes\": ")
                    .append(source.size())
                    .append(", \"hash\": ")
                    .append(text(source.hash()))
                    .append('}');
            comma = ",\n";
            if (copy && Files.isRegularFile(source.path())) {
                Files.copy(
                        source.path(),
                        raw.resolve(source.id() + "-" + source.path().getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path list = raw.resolve(Files.exists(raw.resolve("inputs.json")) ? nextName(raw) : "inputs.json");
        Files.writeString(list, inputs.append("\n]\n"));
        Path metadata = session.resolve("metadata.json");
        if (!Files.exists(metadata)) {
            Files.writeString(
                    metadata,
                    "{\n  \"command\": \"import\",\n  \"session_version\": "
                            + dev.hourglass.core.store.TraceStore.VERSION + ",\n  \"inputs\": "
                            + inputs.toString().strip().replace("\n", "\n  ") + "\n}\n");
        }
    }

    private static String nextName(Path raw) {
        int n = 2;
        while (Files.exists(raw.resolve("inputs-" + n + ".json"))) {
            n++;
        }
        return "inputs-" + n + ".json";
    }

    private static String text(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", c));
            } else {
                out.append((char) c);
            }
        });
        return out.append('"').toString();
    }
}
