package dev.hourglass.core.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Names that would be more than a name in the format that they go into.
final class HostileNamesTest {
    @TempDir
    private Path directory;

    private Path session(String kernel) throws IOException {
        return Sessions.imported(directory, "s", Files.writeString(directory.resolve("t.json"), """
                {"traceEvents": [{"ph":"X","name":"%s","cat":"kernel","pid":0,"tid":7,"ts":1,"dur":2,
                 "args":{"device":0,"stream":7}}]}
                """.formatted(kernel)));
    }

    @Test
    void aNameIsNoFormulaInCsvForSpreadsheets() throws IOException {
        Path session = session("=HYPERLINK(1)");
        Path plain = directory.resolve("plain");
        Path safe = directory.resolve("safe");
        Exporter.export(session, ExportFormat.CSV, plain);
        Exporter.Summary summary = Exporter.export(session, ExportFormat.CSV_SAFE, safe);

        assertThat(plain.resolve("kernel.csv")).content().contains(",=HYPERLINK(1),");
        assertThat(safe.resolve("kernel.csv"))
                .content()
                .contains(",'=HYPERLINK(1),")
                .doesNotContain(",=");
        assertThat(summary.notes()).hasSize(1);
    }

    @Test
    void aLabelOfPrometheusEndsNoLine() throws IOException {
        Path file = directory.resolve("out.prom");
        Exporter.export(session("a\\\"} 1\\nevil{x=\\\"\\\\"), ExportFormat.PROMETHEUS, file);

        assertThat(Files.readAllLines(file))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("# ")
                        || line.matches("hourglass_\\w+\\{(\\w+=\"([^\"\\\\]|\\\\.)*\",?)+} \\S+"));
    }

    /// The name of a metric is in the type's line too.
    @Test
    void aMetricsNameEndsNoLine() throws IOException {
        Path prom = Files.writeString(directory.resolve("m.prom"), """
                # TYPE "a b\\nevil 1" counter
                {"a b\\nevil 1"} 5
                # TYPE good_total counter
                good_total 1
                """);
        Path file = directory.resolve("out.prom");
        Exporter.export(Sessions.imported(directory, "s", prom), ExportFormat.PROMETHEUS, file);

        assertThat(Files.readAllLines(file))
                .contains("# TYPE good_total counter", "good_total 1")
                .noneMatch(line -> line.startsWith("evil"))
                .filteredOn(line -> line.startsWith("# TYPE"))
                .allMatch(line -> line.matches("# TYPE ([a-zA-Z_:][\\w:]*|\"([^\"\\\\]|\\\\.)*\") [a-z]+"));
    }
}
