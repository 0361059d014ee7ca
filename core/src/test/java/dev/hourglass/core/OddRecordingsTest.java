package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.report.HtmlReport;
import dev.hourglass.core.report.MarkdownReport;
import dev.hourglass.core.report.TraceReport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Recordings that lack what a report stands on: it says so, accuses nobody and never breaks.
final class OddRecordingsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/golden/nvml/nvml_gpm.csv",
                "/golden/ncu-raw/ncu_raw.csv",
                "/golden/cublas/cublas.log",
                "/golden/prometheus-vllm/vllm.prom",
                "planted/nvidia-smi.csv"
            })
    void whatHoldsNoStepsIsStillAReport(String name) throws IOException {
        Explanation e = explain("input." + name.replaceFirst(".*\\.", ""), bytes(name));
        assertThat(e.findings()).isEmpty();
        assertThat(e.overall()).isEqualTo(Bound.UNCLEAR);
    }

    @Test
    void aTraceWithoutEventsIsStillAReport() throws IOException {
        Explanation e = explain("none.json", "{\"traceEvents\": []}".getBytes(StandardCharsets.UTF_8));
        assertThat(e.overall()).isEqualTo(Bound.UNCLEAR);
    }

    /// Recorders write the GPU's work behind the host's: a cut leaves steps without any.
    @Test
    void stepsWhoseGpuWorkWasCutOffAreNotJudged() throws IOException {
        byte[] whole = unpacked("planted/launch.json.gz");
        String text = new String(whole, StandardCharsets.UTF_8);
        Explanation none = explain(
                "cut.json",
                text.substring(0, text.indexOf("\"cat\": \"kernel\"")).getBytes(StandardCharsets.UTF_8));
        assertThat(none.overall()).isEqualTo(Bound.UNCLEAR);
        assertThat(none.findings()).isEmpty();
    }

    @Test
    void launchesWithoutGpuWorkSayNothingAboutTheNeck() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(10);
        for (int i = 0; i < 6; i++) {
            trace.step("decode_" + i, () -> trace.kernel(0, 7, 20_000, 2_000).sync(0, 7));
        }
        String text = Files.readString(trace.write(folder.resolve("all.json")));
        String host = text.replaceAll("\\{\"ph\": \"X\", \"cat\": \"kernel\"[^\n]*\n", "");
        Explanation e = explain("host.json", host.getBytes(StandardCharsets.UTF_8));
        assertThat(e.overall()).isEqualTo(Bound.UNCLEAR);
        assertThat(e.findings()).isEmpty();
        assertThat(HtmlReport.render(TraceReport.of(e, "host"))).contains("work is missing");
    }

    private Explanation explain(String name, byte[] content) throws IOException {
        Path session = Files.createTempDirectory(folder, "s");
        Path file = Files.write(session.resolve(name), content);
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(file), session.resolve("session.duckdb"));
        try (Session opened = Session.open(session)) {
            Explanation e = Explainer.explain(opened);
            assertThat(HtmlReport.render(TraceReport.of(e, name))).contains("</html>");
            assertThat(MarkdownReport.render(TraceReport.of(e, name))).startsWith("# ");
            return e;
        }
    }

    private static byte[] bytes(String name) throws IOException {
        try (var in = Objects.requireNonNull(OddRecordingsTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    private static byte[] unpacked(String name) throws IOException {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes(name)))) {
            return in.readAllBytes();
        }
    }
}
