package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.report.SessionReport;
import dev.hourglass.core.text.TerminalWidth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Recordings at the edge of what is usual: half of the data, one step, no step, training, several processes. The
/// first finding names the neck, or the report says what to record.
final class EdgeRecordingsTest {
    private static final int STEPS = 6;
    private static final String MEMORY_KERNEL =
            "void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<c10::BFloat16>>(int)";

    @TempDir
    private Path folder;

    /// The GPU's work without the host's: how busy it is can be told, why it is idle cannot.
    @Test
    void gpuWorkAloneTellsABusyGpuButNotWhyItIsIdle() throws IOException {
        UnaryOperator<String> gpuOnly =
                text -> text.replaceAll("(?m)^\\{\"ph\": \"X\", \"cat\": \"(cpu_op|cuda_runtime)\"[^\n]*\n", "");
        Explanation busy = explain(steps(t -> slow(t, 20, 400_000)), gpuOnly);
        assertThat(busy.overall()).isEqualTo(Bound.MEMORY);
        assertThat(busy.findings()).allMatch(f -> f.severity() == Finding.Severity.INFO);

        Explanation idle = explain(steps(t -> slow(t, 50, 2_000)), gpuOnly);
        assertThat(idle.overall()).isEqualTo(Bound.UNCLEAR);
        assertThat(idle.findings()).allMatch(f -> f.severity() == Finding.Severity.INFO);
        assertThat(summary(idle)).contains("does not show", "ProfilerActivity.CPU");
    }

    @Test
    void operatorsOfTheCpuAloneAreNoGpusFault() throws IOException {
        Explanation e = explain(
                steps(t -> slow(t, 20, 400_000)),
                text -> text.replaceAll("(?m)^\\{\"ph\": \"X\", \"cat\": \"(kernel|cuda_runtime)\"[^\n]*\n", ""));
        assertThat(e.overall()).isIn(Bound.DEVICE, Bound.HOST);
        assertThat(summary(e)).doesNotContain("GPU 0").contains("CPU");
    }

    @Test
    void oneStepIsJudgedAsItIs() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(2);
        trace.step("decode_0", () -> slow(trace, 50, 2_000));
        Explanation e = explain(trace, text -> text);
        first(e, Bound.LAUNCH);
        assertThat(e.findings().getFirst().severity()).isEqualTo(Finding.Severity.CRITICAL);
    }

    @Test
    void aRecordingWithoutAnnotationsIsOneStep() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(3);
        for (int i = 0; i < STEPS; i++) {
            slow(trace, 50, 2_000);
            trace.other(3_000);
        }
        Explanation e = explain(trace, text -> text);
        first(e, Bound.LAUNCH);
        assertThat(summary(e)).contains("The recording takes").doesNotContain("step of run");
    }

    /// Backward runs on a thread of its own while the annotating thread waits.
    @Test
    void theBackwardThreadOfATrainingStepIsPartOfIt() throws IOException {
        Explanation launches = explain(training(2_000, 1_000_000), text -> text);
        first(launches, Bound.LAUNCH);
        Explanation healthy = explain(training(60_000, 1_000_000), text -> text);
        assertThat(healthy.overall().busy()).isTrue();
        assertThat(healthy.findings()).allMatch(f -> f.severity() == Finding.Severity.INFO);
    }

    private static SyntheticTrace training(long kernelNs, long optimizerNs) {
        SyntheticTrace trace = new SyntheticTrace(4).named(MEMORY_KERNEL);
        for (int i = 0; i < STEPS; i++) {
            trace.step("ProfilerStep#" + i, () -> {
                for (int k = 0; k < 60; k++) {
                    trace.kernel(0, 7, 25_000, kernelNs);
                }
                trace.on(2);
                for (int k = 0; k < 120; k++) {
                    trace.kernel(0, 7, 25_000, kernelNs);
                }
                trace.on(1);
                trace.kernel(0, 7, 40_000, optimizerNs).sync(0, 7);
            });
        }
        return trace;
    }

    /// Two processes with a GPU each, in one recording: the neck of the one is not hidden by the other.
    @Test
    void oneOfTwoProcessesHasTheNeck() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(5).named(MEMORY_KERNEL);
        SyntheticTrace other = trace.beside(2).named(MEMORY_KERNEL);
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> slow(trace, 100, 2_000));
            other.step("decode_" + i, () -> {
                for (int k = 0; k < 50; k++) {
                    other.kernel(1, 7, 10_000, 40_000);
                }
                other.sync(1, 7);
            });
        }
        first(explain(trace, text -> text), Bound.LAUNCH);
    }

    /// Names tell of each kernel, and neither kind prevails: that is no lack of data.
    @Test
    void aMixOfKernelsIsToldAsAMix() throws IOException {
        Explanation e = explain(
                steps(t -> {
                    for (int k = 0; k < 20; k++) {
                        t.named("nvjet_tst_256x128_64x4_1x2_h_bz_coopA_NNT").kernel(0, 7, 9_000, 300_000);
                        t.named(MEMORY_KERNEL).kernel(0, 7, 9_000, 300_000);
                    }
                    t.sync(0, 7);
                }),
                text -> text);
        first(e, Bound.DEVICE);
        assertThat(e.findings().getFirst().title()).contains("neither prevails");
        assertThat(e.findings().getFirst().remedy())
                .contains("begin with what takes most")
                .doesNotContain("{", "cannot tell");
    }

    @Test
    void aPromptAloneIsBoundByArithmetic() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(6).named("nvjet_tst_256x128_64x4_1x2_h_bz_coopA_NNT");
        for (int i = 0; i < 3; i++) {
            trace.step("prefill_" + i, () -> {
                for (int k = 0; k < 60; k++) {
                    trace.kernel(0, 7, 20_000, 700_000);
                }
                trace.sync(0, 7);
            });
        }
        Explanation e = explain(trace, text -> text);
        first(e, Bound.COMPUTE);
        assertThat(e.findings()).allMatch(f -> f.severity() == Finding.Severity.INFO);
    }

    private static void slow(SyntheticTrace trace, int kernels, long kernelNs) {
        trace.named(MEMORY_KERNEL);
        for (int k = 0; k < kernels; k++) {
            trace.kernel(0, 7, 20_000, kernelNs);
        }
        trace.sync(0, 7);
    }

    private static SyntheticTrace steps(Consumer<SyntheticTrace> body) {
        SyntheticTrace trace = new SyntheticTrace(1);
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> body.accept(trace));
        }
        return trace;
    }

    private static void first(Explanation e, Bound bound) {
        assertThat(e.findings()).isNotEmpty();
        assertThat(e.findings().getFirst().bound())
                .as(e.findings().getFirst().title())
                .isEqualTo(bound);
        assertThat(e.overall()).isEqualTo(bound);
    }

    private static String summary(Explanation e) {
        return TextReport.summary(SessionReport.of(e, "trace"), TerminalWidth.plain(200));
    }

    private Explanation explain(SyntheticTrace trace, UnaryOperator<String> edit) throws IOException {
        Path session = Files.createTempDirectory(folder, "s");
        Path file = trace.write(session.resolve("trace.json"));
        Files.writeString(file, edit.apply(Files.readString(file)).replaceFirst(",\\s*\\]\\}\\s*$", "\n]}\n"));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(file), session.resolve("session.duckdb"));
        try (Session opened = Session.open(session)) {
            return Explainer.explain(opened);
        }
    }
}
