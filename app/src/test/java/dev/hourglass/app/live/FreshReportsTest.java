package dev.hourglass.app.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FreshReportsTest {
    @TempDir
    private Path directory;

    private SessionLayout session;

    @BeforeEach
    void importATrace() throws IOException {
        session = new SessionLayout(directory);
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(trace("first_kernel")), session.database());
    }

    private Path trace(String kernel) throws IOException {
        return Files.writeString(directory.resolve(kernel + ".json"), """
                {"traceEvents": [
                {"ph":"X","name":"%s","cat":"kernel","pid":0,"tid":7,"ts":1,"dur":2,"args":{"device":0,"stream":7}}]}
                """.formatted(kernel));
    }

    @Test
    void aReportThatStandsIsShownAsItIs() throws IOException {
        try (FreshReports reports = new FreshReports(session)) {
            Path report = reports.current().reportHtml();
            FileTime made = Files.getLastModifiedTime(report);
            assertThat(report).content().contains("first_kernel");
            assertThat(Files.getLastModifiedTime(reports.current().reportHtml()))
                    .isEqualTo(made);
        }
        try (FreshReports again = new FreshReports(session)) {
            FileTime made = Files.getLastModifiedTime(session.reportHtml());
            assertThat(Files.getLastModifiedTime(again.current().reportHtml())).isEqualTo(made);
        }
    }

    /// What was added while the page is served, and before.
    @Test
    void whatWasAddedIsInTheReport() throws IOException {
        try (FreshReports reports = new FreshReports(session)) {
            assertThat(reports.current().reportHtml()).content().doesNotContain("second_kernel");
            add("second_kernel");
            assertThat(reports.current().reportHtml()).content().contains("second_kernel");
            add("third_kernel");
        }
        try (FreshReports reports = new FreshReports(session)) {
            assertThat(reports.current().reportHtml()).content().contains("third_kernel");
        }
    }

    private void add(String kernel) throws IOException {
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .addTo(List.of(trace(kernel)), session, () -> {}, summary -> {});
    }
}
