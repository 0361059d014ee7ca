package dev.hourglass.core.read.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.CollectedRows;
import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FactPathsTest {
    @TempDir
    private Path directory;

    private List<Map<String, Object>> read(String json) throws IOException {
        CollectedRows rows = new CollectedRows();
        try (RowWriter row = new RowWriter(Tables.METADATA, rows)) {
            JsonFacts.read(
                    FileSource.of(Files.writeString(directory.resolve("facts.json"), json)),
                    ImportContext.standalone(),
                    "p.",
                    row);
        }
        return rows.of(Tables.METADATA);
    }

    @Test
    void namesFactsByTheirPath() throws IOException {
        assertThat(read("{\"a\": {\"b\": 1, \"\": [true, {\"c\": \"x\"}]}}"))
                .containsExactly(
                        Map.of("name", "p.a.b", "value", "1"),
                        Map.of("name", "p.a", "value", "true"),
                        Map.of("name", "p.a.c", "value", "x"));
    }

    /// Long names around many facts would come again with each.
    @Test
    void cutsPathsOfNoEnd() throws IOException {
        String name = "n".repeat(40_000);
        StringBuilder json = new StringBuilder();
        for (int depth = 0; depth < 100; depth++) {
            json.append("{\"").append(name).append("\": ");
        }
        json.append("[")
                .append("1, ".repeat(1_000))
                .append("{\"")
                .append(name)
                .append("\": 2}]")
                .append("}".repeat(100));
        List<Map<String, Object>> facts = read(json.toString());

        assertThat(facts).hasSize(1_001);
        assertThat(facts)
                .allSatisfy(fact -> assertThat(fact.get("name").toString())
                        .startsWith("p.nnn")
                        .contains("…")
                        .hasSizeLessThan(1_500));
    }
}
