package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.MarkdownReport;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.report.SessionReport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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
        assertThat(HtmlReport.render(SessionReport.of(e, "host"))).contains("work is missing");
    }

    /// Without annotations the recording is one step: what was launched before anything ran belongs to it.
    @Test
    void theOnlyStepHasAllTheWork() throws IOException {
        Explanation e = explain("run.json", """
                {"baseTimeNanoseconds": 1700000000000000000, "traceEvents": [
                {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 9, "tid": 9, "ts": 1, "dur": 1, "args": {"correlation": 5}},
                {"ph": "X", "cat": "kernel", "name": "k0", "pid": 0, "tid": 7, "ts": 10, "dur": 5, "args": {"device": 0, "stream": 7, "correlation": 5}},
                {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 9, "tid": 9, "ts": 20, "dur": 1, "args": {"correlation": 6}},
                {"ph": "X", "cat": "kernel", "name": "k1", "pid": 0, "tid": 7, "ts": 30, "dur": 7, "args": {"device": 0, "stream": 7, "correlation": 6}}
                ]}""".getBytes(StandardCharsets.UTF_8));
        StageTime run = e.stages().getFirst();
        assertThat(run.kernels()).isEqualTo(2);
        assertThat(run.launches()).isEqualTo(2);
        assertThat(e.findings())
                .extracting(Finding::title)
                .anyMatch(title -> title.contains("2 kernels per step of 6.00 µs on average"));
    }

    /// The host waits for the last work of each step: nothing follows, and yet a wait is a wait.
    @Test
    void aWaitAtTheEndOfAStepIsNamed() throws IOException {
        StringBuilder events = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            int at = i * 1000;
            events.append(i == 0 ? "" : ",\n")
                    .append(String.format(Locale.ROOT, """
                    {"ph": "X", "cat": "user_annotation", "name": "decode_%1$d", "pid": 9, "tid": 9, "ts": %2$d, "dur": 900},
                    {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 9, "tid": 9, "ts": %3$d, "dur": 10, "args": {"correlation": %1$d}},
                    {"ph": "X", "cat": "kernel", "name": "k", "pid": 0, "tid": 7, "ts": %4$d, "dur": 100, "args": {"device": 0, "stream": 7, "correlation": %1$d}},
                    {"ph": "X", "cat": "cuda_runtime", "name": "cudaDeviceSynchronize", "pid": 9, "tid": 9, "ts": %5$d, "dur": 600, "args": {"correlation": %6$d}}
                    """, i, at, at + 50, at + 70, at + 250, 100 + i));
        }
        Explanation e = explain(
                "waits.json",
                ("{\"baseTimeNanoseconds\": 1700000000000000000, \"traceEvents\": [" + events + "]}")
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(e.findings())
                .filteredOn(finding -> finding.bound() == Bound.SYNC)
                .singleElement()
                .extracting(Finding::title)
                .asString()
                .contains("1 per step, most often in cudaDeviceSynchronize")
                .doesNotContain("idle for 0 ns");
    }

    private Explanation explain(String name, byte[] content) throws IOException {
        Path session = Files.createTempDirectory(folder, "s");
        Path file = Files.write(session.resolve(name), content);
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(file), session.resolve("session.duckdb"));
        try (Session opened = Session.open(session)) {
            Explanation e = Explainer.explain(opened);
            assertThat(HtmlReport.render(SessionReport.of(e, name))).contains("</html>");
            assertThat(MarkdownReport.render(SessionReport.of(e, name))).startsWith("# ");
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
