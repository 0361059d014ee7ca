package dev.hourglass.core.cases;

import static dev.hourglass.core.cases.Recordings.answer;
import static dev.hourglass.core.cases.Recordings.finding;
import static dev.hourglass.core.cases.Recordings.stage;
import static dev.hourglass.core.cases.Recordings.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Period;
import dev.hourglass.core.analysis.StageTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What passes from token to token, what of it is the step itself, and what is no token's time at all.
final class PeriodCasesTest {
    @TempDir
    private Path folder;

    private Explanation explain(PlantedTrace trace) throws IOException {
        return Recordings.explain(List.of(trace.write(folder.resolve("trace.json"))));
    }

    /// Decode of 1000 µs, then 1000 µs of sampler and scheduler with 100 µs of kernels in it: 600 µs of 2000 are busy.
    @Test
    void whatLiesBetweenStepsBelongsToTheToken() throws IOException {
        Explanation explained = verdict("s29.json.gz");
        StageTime decode = stage(explained, "decode");
        assertThat(decode.period().time().p50()).isEqualTo(2000, within(1.0));
        assertThat(decode.period().time().n()).isEqualTo(10);
        assertThat(decode.period().told()).isEqualTo(Period.Told.NEXT);
        assertThat(decode.wall().p50()).isEqualTo(1000, within(1.0));
        assertThat(decode.betweenUs()).isEqualTo(1000, within(1.0));
        assertThat(decode.gpuBusyRatio().orElseThrow()).isEqualTo(0.30, within(0.01));
        assertThat(decode.period().tokensPerSecond().orElseThrow()).isEqualTo(4000, within(1.0));
        assertThat(decode.componentsUs().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .isEqualTo(2000, within(1.0));
        assertThat(answer(explained, 1)).contains("2.00 ms", "its wall, takes 1.00 ms", "4000 tokens/s");
    }

    @Test
    void timeBetweenStepsIsCompared() throws IOException {
        assertThat(stage(verdict("s15_a.json.gz"), "decode").period().time().p50())
                .isEqualTo(1100, within(2.0));
        assertThat(stage(verdict("s15_b.json.gz"), "decode").period().time().p50())
                .isEqualTo(1600, within(2.0));
    }

    /// Steps of 300 µs that begin every 450 µs, with a prefill of 4 ms between the sixth and the seventh.
    private static PlantedTrace interrupted() {
        PlantedTrace trace = new PlantedTrace();
        double at = 0;
        for (int i = 0; i < 12; i++) {
            if (i == 6) {
                trace.step("execute_context_1(512)_generation_0(0)", at, 3_900)
                        .kernel("gemm", 7, at + 10, at + 30, 3_800);
                at += 4_000;
            }
            trace.step("execute_context_0(0)_generation_4(4)", at, 300)
                    .kernel("gemm", 7, at + 20, at + 40, 200)
                    .kernel("argmax", 7, at + 320, at + 330, 50);
            at += 450;
        }
        return trace;
    }

    @Test
    void aPrefillBetweenTwoTokensIsToldApart() throws IOException {
        Explanation explained = explain(interrupted());
        StageTime decode = stage(explained, "decode");
        // Twelve steps, the first of the recording and the one behind the prefill without a period of their own.
        assertThat(decode.steps()).isEqualTo(12);
        assertThat(decode.period().time().n()).isEqualTo(10);
        assertThat(decode.period().time().max()).isEqualTo(450, within(1.0));
        assertThat(decode.period().interrupted()).isEqualTo(1);
        assertThat(decode.period().interruptedUs().orElseThrow()).isEqualTo(4450, within(1.0));
        assertThat(decode.gpuBusyRatio().orElseThrow()).isEqualTo(250 / 450.0, within(0.001));
        assertThat(decode.period().tokensPerSecond().orElseThrow()).isEqualTo(4 / 450e-6, within(1.0));
        assertThat(answer(explained, 1)).contains("From token to token it is 450 µs", "1 times, it is 4.45 ms");
        assertThat(stage(explained, "prefill").period().told()).isEqualTo(Period.Told.OTHER);
        assertThat(stage(explained, "prefill").steps()).isEqualTo(1);
    }

    /// Eight steps of 10 ms, 3 s without requests, eight more.
    @Test
    void aServerWithoutRequestsIsNotHostBound() throws IOException {
        Explanation explained = verdict("s22.json.gz");
        assertThat(explained.overall()).isIn(Bound.MEMORY, Bound.DEVICE, Bound.COMPUTE);
        assertThat(stage(explained, "decode").period().time().max()).isEqualTo(10_000, within(1.0));
        assertThat(finding(explained, "bound/host")).isEmpty();
        assertThat(finding(explained, "latency/pauses").orElseThrow().title())
                .contains("3.00 s", "no step was pending");
    }

    private static PlantedTrace paused(double pause, String name) {
        PlantedTrace trace = new PlantedTrace();
        double at = 0;
        for (int i = 0; i < 14; i++) {
            trace.step(String.format(name, i < 9 ? i : i + 40), at, 1_900)
                    .kernel("sgemm", 7, at + 5, at + 20, 1_800)
                    .sync("cudaStreamSynchronize", at + 30, 1_800);
            at += i == 8 ? 2_000 + pause : 2_000;
        }
        return trace;
    }

    @Test
    void otherPausesAreFoundToo() throws IOException {
        for (double pause : List.of(25_000.0, 700_000.0, 40e6)) {
            Explanation explained = explain(paused(pause, "decode"));
            assertThat(explained.overall()).isNotEqualTo(Bound.HOST);
            assertThat(finding(explained, "latency/pauses")).isPresent();
            assertThat(stage(explained, "decode").period().time().n()).isEqualTo(12);
        }
    }

    /// The numbers of the steps go on behind the pause, as they do where the recorder, not the engine, paused.
    @Test
    void stepsThatAreMissingArePausesOfTheRecorder() throws IOException {
        assertThat(finding(explain(paused(90_000, "decode_%d")), "latency/pauses")
                        .orElseThrow()
                        .title())
                .contains("the recorder");
    }

    /// As long as five steps, or filled with operators: the host is slow, nothing else.
    @Test
    void aSlowHostIsNoPause() throws IOException {
        assertThat(finding(explain(paused(10_000, "decode")), "latency/pauses")).isEmpty();
        PlantedTrace working = paused(50_000, "decode").host("cpu_op", "aten::copy_", 18_000, 49_000);
        assertThat(finding(explain(working), "latency/pauses")).isEmpty();
    }

    @Test
    void stepsOfTheHostHavePeriodsToo() throws IOException {
        PlantedTrace trace = new PlantedTrace();
        for (int i = 0; i < 8; i++) {
            trace.step("decode_" + i, i * 500, 320).host("cpu_op", "aten::mm", i * 500 + 10, 250);
        }
        StageTime decode = stage(explain(trace), "decode");
        assertThat(decode.period().time().p50()).isEqualTo(500, within(0.01));
        assertThat(decode.period().time().n()).isEqualTo(7);
        assertThat(decode.wall().p50()).isEqualTo(320, within(0.01));
        assertThat(decode.componentUs("t_cpu_computation")).isEqualTo(250, within(0.01));
        assertThat(decode.componentUs("t_scheduling")).isEqualTo(250, within(0.01));
    }

    @Test
    void ofOneStepOnlyTheWallIsKnown() throws IOException {
        Explanation explained =
                explain(new PlantedTrace().step("decode_0", 0, 700).kernel("gemm", 7, 20, 40, 500));
        StageTime decode = stage(explained, "decode");
        assertThat(decode.period().told()).isEqualTo(Period.Told.WALL);
        assertThat(decode.period().time().p50()).isEqualTo(700, within(0.01));
        assertThat(answer(explained, 1)).startsWith("A decode step takes 700 µs (1 step)");
    }
}
