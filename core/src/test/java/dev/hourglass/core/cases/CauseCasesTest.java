package dev.hourglass.core.cases;

import static dev.hourglass.core.cases.Recordings.answer;
import static dev.hourglass.core.cases.Recordings.finding;
import static dev.hourglass.core.cases.Recordings.gains;
import static dev.hourglass.core.cases.Recordings.stage;
import static dev.hourglass.core.cases.Recordings.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Why time passes, and what the remedy beside it can win.
final class CauseCasesTest {
    @TempDir
    private Path folder;

    private Explanation explain(PlantedTrace trace) throws IOException {
        return Recordings.explain(List.of(trace.write(folder.resolve("trace.json"))));
    }

    /// Ten decode steps of 1 ms, one of them 501 ms with Triton's compiler in its stacks.
    @Test
    void compilationIsACauseOfItsOwn() throws IOException {
        Explanation explained = verdict("s24.json.gz");
        assertThat(stage(explained, "decode").period().time().p50()).isEqualTo(1000, within(1.0));
        assertThat(explained.overall()).isNotEqualTo(Bound.LAUNCH);
        Finding compiled = finding(explained, "latency/compilation").orElseThrow();
        assertThat(compiled.remedy()).contains("Warm up", "cache").doesNotContain("CUDA graph");
        assertThat(compiled.title()).contains("Triton");
        assertThat(finding(explained, "latency/outliers")).isPresent();
        assertThat(gains(explained, "decode")).isLessThanOrEqualTo(1 + 1e-9);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "triton/runtime/jit.py(811): _do_compile",
                "torch/_inductor/compile_fx.py(700): compile_fx_inner",
                "torch/_dynamo/convert_frame.py(1100): _compile",
                "flashinfer/jit/core.py(30): build_and_load"
            })
    void everyCompilerIsFound(String function) throws IOException {
        PlantedTrace trace = new PlantedTrace();
        double at = 0;
        for (int i = 0; i < 12; i++) {
            double compiled = i == 5 ? 80_000 : 0;
            trace.step("decode_" + i, at, 2_000 + compiled)
                    .host("cpu_op", "custom::op", at + 10, 1_900 + compiled)
                    .kernel("fused_moe_kernel", 7, at + 100 + compiled, at + 120 + compiled, 1_700);
            if (compiled > 0) {
                trace.host("python_function", function, at + 20, compiled);
            }
            at += 2_000 + compiled;
        }
        Explanation explained = explain(trace);
        Finding found = finding(explained, "latency/compilation").orElseThrow();
        assertThat(found.title()).contains("80.0 ms");
        assertThat(explained.overall()).isNotEqualTo(Bound.LAUNCH);
        assertThat(finding(explained, "bound/launch").map(Finding::severity)).isNotEqualTo(Finding.Severity.CRITICAL);
    }

    /// Running what was compiled before is no compilation, nor is that of a regular expression.
    @Test
    void whatOnlySoundsLikeCompilationIsNone() throws IOException {
        PlantedTrace trace = new PlantedTrace();
        for (int i = 0; i < 8; i++) {
            int at = 2_000 * i;
            trace.step("decode_" + i, at, 1_900)
                    .host("python_function", "re.py(225): compile", at + 5, 300)
                    .host("python_function", "torch/_inductor/compile_fx.py(2904): wrapper", at + 310, 300)
                    .host("python_function", "triton/runtime/jit.py(695): run", at + 620, 200)
                    .host("user_annotation", "Torch-Compiled Region: 0/0", at + 830, 100)
                    .kernel("triton_poi_fused", 7, at + 640, at + 650, 900);
        }
        assertThat(finding(explain(trace), "latency/compilation")).isEmpty();
    }

    /// Three waits for events without an operator, two for streams inside `aten::item`.
    @Test
    void aCallKeepsItsOwnOperator() throws IOException {
        Explanation explained = verdict("s26.json.gz");
        Finding sync = finding(explained, "bound/sync").orElseThrow();
        assertThat(sync.title())
                .contains("cudaEventSynchronize (operator around it: -)")
                .doesNotContain("cudaEventSynchronize (operator around it: aten::item)");
        assertThat(explained.outcomes().get("gpu/sync").answered().orElseThrow().rows())
                .anySatisfy(row -> assertThat(row).contains("cudaStreamSynchronize", "aten::item"))
                .noneSatisfy(row -> assertThat(row).contains("cudaEventSynchronize", "aten::item"));
    }

    /// An 8 ms copy to pageable host memory after 1 ms of compute, in 10 ms.
    @Test
    void copiesToTheHostHaveTheirOwnRemedy() throws IOException {
        Explanation explained = verdict("s27.json.gz");
        assertThat(explained.overall()).isEqualTo(Bound.TRANSFER);
        Finding transfer = finding(explained, "bound/transfer").orElseThrow();
        assertThat(transfer.remedy())
                .contains("host's target into pinned memory", "Copy less", "second stream")
                .doesNotContain("KTransformers", "--cpu-offload-gb");
    }

    /// Prefill and decode alternate: 600 W at 1200 MHz with a power cap, 300 W at 1980 MHz.
    @Test
    void powerIsThatOfTheStepsOfAStage() throws IOException {
        List<Path> files = Recordings.files("verdicts", "s19.json.gz", "s19.csv");
        assertThat(Recordings.rows(
                        files,
                        "SELECT stage, avg(mean)::BIGINT FROM (" + sql("hw/power") + ") WHERE metric = 'power'"
                                + " AND stage <> 'all' GROUP BY stage ORDER BY stage"))
                .containsExactly(List.of("decode", 300L), List.of("prefill", 600L));
        assertThat(Recordings.rows(
                        files,
                        "SELECT stage, power::BIGINT, clock::BIGINT, throttled_ratio FROM (" + sql("bound/throttle")
                                + ") ORDER BY stage"))
                .containsExactly(List.of("decode", 300L, 1980L, 0.0), List.of("prefill", 600L, 1200L, 1.0));
    }

    private static String sql(String analysis) {
        return AnalysisLibrary.query(AnalysisLibrary.find(analysis));
    }

    /// Eight steps of 10 ms in which the host only waits.
    @Test
    void aHostThatOnlyWaitsDoesNotWorkBesideTheGpu() throws IOException {
        assertThat(answer(verdict("s22.json.gz"), 7)).contains("for 0 % of the step while the GPU is busy");
    }

    /// Steps of 2 ms in which the host runs its own code, with functions of Python or without.
    private static PlantedTrace busyHost(boolean stacks) {
        PlantedTrace trace = new PlantedTrace();
        for (int i = 0; i < 6; i++) {
            int at = 2_000 * i;
            trace.step("decode_" + i, at, 1_900).kernel("gemm_kernel", 7, at + 1_500, at + 1_510, 300);
            for (int f = 0; stacks && f < 10; f++) {
                trace.host("python_function", "engine.py(7): schedule", at + 100 * f, 90);
            }
        }
        return trace;
    }

    @Test
    void recordingStacksTakesHostTimeAndThatIsSaid() throws IOException {
        assertThat(finding(explain(busyHost(true)), "bound/host").orElseThrow().title())
                .contains("recorded with stacks, 10 functions of Python per step", "unrecorded run");
        assertThat(finding(explain(busyHost(false)), "bound/host").orElseThrow().title())
                .contains("which functions that is was not measured, recorded without stacks");
    }
}
