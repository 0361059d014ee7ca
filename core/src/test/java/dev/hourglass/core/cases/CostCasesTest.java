package dev.hourglass.core.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.Explained;
import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.cost.TimedSteps;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How near small recordings come to the peaks of their GPUs, worked out by hand: time of the arithmetic at the
/// peak of
/// its format, over the time of the GPUs that took part.
final class CostCasesTest {
    private static final TimedSteps.Given NOTHING =
            new TimedSteps.Given(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

    @TempDir
    private Path folder;

    /// 2 · 4096³ FLOP are 138.9 µs at 989.4 TFLOP/s; 2 · 8192³ are 555.6 µs at 1978.9 TFLOP/s.
    @ParameterizedTest
    @CsvSource({"s20, 0.1389", "s21, 0.5556"})
    void casesHaveTheirShareOfThePeak(String name, double mfu) throws IOException, URISyntaxException {
        Path file = Path.of(Objects.requireNonNull(getClass().getResource("/cases/verdicts/" + name + ".json.gz"))
                .toURI());
        StageTime stage = stage(Explained.ofFiles(List.of(file), Optional.empty(), Explained.Told.NOTHING));
        assertThat(stage.mfu().orElseThrow()).isCloseTo(mfu, within(0.0001));
    }

    /// FLOP of the products over the peak of their format, over 1000 µs of each GPU.
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "NVIDIA H100 80GB HBM3;  aten::mm;         c10::BFloat16;           4096;  4096;   1; 989.4",
                "NVIDIA H100 80GB HBM3;  aten::mm;         c10::Half;               4096;  4096;   3; 989.4",
                "NVIDIA H100 80GB HBM3;  aten::_scaled_mm; c10::Float8_e5m2;        6144;  6144;   1; 1978.9",
                "NVIDIA H100 80GB HBM3;  aten::_int_mm;    signed char;             8192;  8192;   2; 1978.9",
                "NVIDIA H100 80GB HBM3;  aten::mm;         float;                   1024;  1024;   1; 66.9",
                "NVIDIA B200;            aten::_scaled_mm; c10::Float4_e2m1fn_x2;   8192;  4096;   1; 9000",
                "NVIDIA B200;            aten::_scaled_mm; c10::Float8_e4m3fn;      8192;  8192;   8; 4500",
                "NVIDIA L40S;            aten::_scaled_mm; c10::Float8_e4m3fn;      4096;  4096;   1; 733",
                "NVIDIA A100-SXM4-80GB;  aten::_int_mm;    signed char;             4096;  4096;   1; 624",
            })
    void everyFormatIsHeldAgainstItsOwnPeak(
            String gpu, String operator, String type, int size, int inner, int gpus, double tera) throws IOException {
        SmallTrace trace = new SmallTrace(gpu, gpus);
        for (int step = 0; step < 4; step++) {
            trace.step("prefill", step * 1000, 1000);
            for (int device = 0; device < gpus; device++) {
                trace.product(operator, type, size, inner, device, step * 1000 + 10 + device * 10, 600);
            }
        }
        StageTime stage = stage(explain(trace, Explained.Told.NOTHING));
        // Of four bits two share a byte, so that the shape tells half of the inner dimension.
        double k = type.contains("Float4") ? 2.0 * inner : inner;
        assertThat(stage.mfu().orElseThrow())
                .as(stage.utilizationBasis())
                .isCloseTo(2.0 * size * size * k / (tera * 1e12) / 1e-3, within(1e-6));
    }

    /// A product of FP8 and one of bf16 in each step: 2 · 4096³ FLOP at 1978.9 and at 989.4 TFLOP/s.
    @Test
    void productsOfTwoFormatsAreCountedByParts() throws IOException {
        SmallTrace trace = new SmallTrace("NVIDIA H100 80GB HBM3", 1);
        for (int step = 0; step < 3; step++) {
            trace.step("decode", step * 1000, 1000);
            trace.product("aten::_scaled_mm", "c10::Float8_e4m3fn", 4096, 4096, 0, step * 1000 + 10, 200);
            trace.product("aten::mm", "c10::BFloat16", 4096, 4096, 0, step * 1000 + 300, 200);
        }
        StageTime stage = stage(explain(trace, Explained.Told.NOTHING));
        double flops = 2.0 * 4096 * 4096 * 4096;
        assertThat(stage.mfu().orElseThrow()).isCloseTo((flops / 1978.9e12 + flops / 989.4e12) / 1e-3, within(1e-6));
        assertThat(stage.utilizationBasis()).contains("1.98 PFLOP/s fp8").contains("989 TFLOP/s bf16");
        // Both matrices in a byte and the result in two; all three in two.
        double bytes = 4096.0 * 4096 * (1 + 1 + 2) + 4096.0 * 4096 * 6;
        assertThat(stage.mbu().orElseThrow()).isCloseTo(bytes / 3.35e12 / 1e-3, within(1e-6));
    }

    /// Below the ridge of its own GPU and format a product is limited by memory. 4096 × 4096 × 512 has 455 FLOP per
    /// byte
    /// in FP8 with a result of 16 bits, 410 in bf16. Ridges: H100 591 and 295, H200 412 and 206, L40S 848 and 419.
    @ParameterizedTest
    @CsvSource({
        "NVIDIA H100 80GB HBM3, aten::_scaled_mm, c10::Float8_e4m3fn, MEMORY",
        "NVIDIA H100 80GB HBM3, aten::mm,         c10::BFloat16,      COMPUTE",
        "NVIDIA H200,           aten::_scaled_mm, c10::Float8_e4m3fn, COMPUTE",
        "NVIDIA L40S,           aten::mm,         c10::BFloat16,      MEMORY",
    })
    void theRidgeIsThatOfTheDeviceAndTheFormat(String gpu, String operator, String type, Bound bound)
            throws IOException {
        SmallTrace trace = new SmallTrace(gpu, 1);
        for (int step = 0; step < 4; step++) {
            trace.step("prefill", step * 1000, 1000);
            trace.product(operator, type, 4096, 512, 0, step * 1000 + 10, 900);
        }
        Explanation explained = explain(trace, Explained.Told.NOTHING).explanation();
        assertThat(explained.findings())
                .filteredOn(f -> f.id().equals("bound/device"))
                .extracting(Finding::bound)
                .containsExactly(bound);
    }

    /// The model's arithmetic: four steps of 2000 µs, of which the first serves fewer; what `mfu` prints is what the
    /// report says, over the judged steps, and half of it on two GPUs.
    @ParameterizedTest
    @CsvSource({"1", "2"})
    void mfuAndReportSayTheSame(int gpus) throws IOException {
        SmallTrace trace = new SmallTrace("NVIDIA H100 80GB HBM3", gpus);
        for (int step = 0; step < 4; step++) {
            int ts = step * 2000;
            trace.step(
                    step == 0 ? "execute_context_0(0)_generation_2(2)" : "execute_context_0(0)_generation_8(8)",
                    ts,
                    2000);
            for (int device = 0; device < gpus; device++) {
                trace.product("aten::mm", "c10::BFloat16", 128, 128, device, ts + 10 + 10 * device, 500);
            }
        }
        Explained.Told told = new Explained.Told(
                Optional.of(
                        ModelReader.read(Path.of("..", "benchmarks", "model-oracle", "configs", "llama-3.2-1b.json"))),
                Optional.empty(),
                new TimedSteps.Given(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(100)));
        StageTime stage = stage(explain(trace, told));
        try (Session session = Session.open(folder.resolve("session"))) {
            TimedSteps steps = TimedSteps.of(session, told.work());
            assertThat(steps.steps())
                    .extracting(TimedSteps.Step::dur)
                    .containsExactly(2_000_000L, 2_000_000L, 2_000_000L);
            assertThat(steps.steps()).extracting(TimedSteps.Step::batch).containsOnly(8L);
            assertThat(steps.steps()).extracting(TimedSteps.Step::devices).containsOnly((long) gpus);
            assertThat(Peaks.of(session, Optional.empty()).device()).isEqualTo(DeviceTable.find("h100-sxm"));
            Rows rows = AnalysisLibrary.run(session, "mfu/phase");
            assertThat(rows.real(0, "mfu")).isEqualTo(stage.mfu());
            assertThat(rows.real(0, "mbu")).isEqualTo(stage.mbu());
            double bytes = rows.real(0, "bytes").orElseThrow();
            assertThat(stage.mbu().orElseThrow()).isCloseTo(bytes / 3.35e12 / 2e-3 / gpus, within(1e-9));
        }
    }

    /// A prompt of 4096 tokens in two chunks: the second meets the keys of the first.
    @Test
    void theSecondChunkOfAPromptHasItsFirstInTheCache() throws IOException {
        SmallTrace trace = new SmallTrace("NVIDIA H100 80GB HBM3", 1);
        trace.step("execute_context_1(sq64sk64sqsq4096sqsk4096)_generation_0(sq0sk0sqsq0sqsk0)", 0, 900);
        trace.step(
                "execute_context_1(sq2048sk2048sqsq4194304sqsk4194304)_generation_0(sq0sk0sqsq0sqsk0)", 1000, 90_000);
        trace.step(
                "execute_context_1(sq2048sk4096sqsq4194304sqsk8388608)_generation_0(sq0sk0sqsq0sqsk0)",
                100_000,
                90_000);
        trace.product("aten::mm", "c10::BFloat16", 128, 128, 0, 10, 500);
        trace.product("aten::mm", "c10::BFloat16", 128, 128, 0, 1010, 500);
        trace.product("aten::mm", "c10::BFloat16", 128, 128, 0, 100_010, 500);
        explain(trace, Explained.Told.NOTHING);
        try (Session session = Session.open(folder.resolve("session"))) {
            TimedSteps steps = TimedSteps.of(session, NOTHING);
            assertThat(steps.steps()).extracting(TimedSteps.Step::tokens).containsExactly(2048L, 2048L);
            assertThat(steps.steps()).extracting(TimedSteps.Step::context).containsExactly(0L, 2048L);
        }
    }

    private Explained explain(SmallTrace trace, Explained.Told told) throws IOException {
        Path file = Files.writeString(folder.resolve("trace.json"), trace.json());
        SessionLayout layout = new SessionLayout(Files.createDirectories(folder.resolve("session")));
        new TraceImport(new TraceImport.Options(Optional.empty(), Map.of(), false), bytes -> {})
                .into(List.of(file), layout.database());
        return Explained.of(layout.directory(), told);
    }

    private static StageTime stage(Explained explained) {
        return explained.explanation().tokenStage().orElseThrow();
    }
}
