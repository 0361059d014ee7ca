package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Traces of PyTorch's profiler beside a probe's segments.
final class RecordedTracesTest {
    /// What the golden segments have for the difference of their clocks.
    private static final long BEHIND = 1_789_999_000_000_000_000L;

    private static final String TRACE = """
            {"schemaVersion": 1, "deviceProperties": [], "baseTimeNanoseconds": 1789999000000000000, "traceEvents": [
            {"ph": "X", "cat": "user_annotation", "name": "step", "pid": 1, "tid": 1, "ts": 1001000000.5, "dur": 7.25}]}
            """;

    @TempDir
    private Path folder;

    @Test
    void lieOnTheClockOfTheSegments() throws IOException {
        Path records = Files.createDirectory(folder.resolve("records"));
        Files.write(
                records.resolve("engine-4243-4343-0.seg"), Imported.resource("/probe/golden/engine-4243-4343-0.seg"));
        Files.writeString(records.resolve("torch-4243-0-" + BEHIND + ".json"), TRACE);
        Path session = Files.createDirectory(folder.resolve("session"));
        new TraceImport(RecordedTraces.options(records), bytes -> {})
                .into(List.of(records), new SessionLayout(session).database());
        try (Session opened = Session.open(session)) {
            var found = opened.query("SELECT ts AS n FROM slice WHERE category = 'user_annotation' AND name = 'step'");
            assertThat(found.integer(0, "n")).hasValue(1_001_000_000_500L);
            assertThat(opened.query("SELECT min(ts) AS n FROM step").integer(0, "n"))
                    .hasValue(1_001_005_000_000L);
        }
    }

    @Test
    void otherNamesHaveNoOffset() throws IOException {
        for (String name :
                List.of("torch.json", "torch-1-2.json", "torch-1-2-99999999999999999999.json", "torch-1-2-3.txt")) {
            Files.writeString(folder.resolve(name), TRACE);
        }
        assertThat(RecordedTraces.options(folder).offsets()).isEmpty();
    }
}
