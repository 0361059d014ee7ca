package dev.hourglass.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.report.UtilizationReport;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.text.TerminalWidth;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// MFU and MBU of planted steps are what a hand computes.
class StepCostsTest {
    private static final TimedSteps.Given NOTHING =
            new TimedSteps.Given(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

    /// FLOP of Llama-3.1-8B, serving convention: 2 per parameter of the layers and the head, and 4 per
    /// query-key pair and channel.
    private static final long LAYERS = 32L * (2L * 4096 * 4096 + 2L * 4096 * 1024 + 3L * 4096 * 14336);
    private static final long HEAD = 128256L * 4096;

    @TempDir
    private Path directory = Path.of(".");

    private final Model llama =
            ModelReader.read(Path.of("..", "benchmarks", "model-oracle", "configs", "llama-3.1-8b.json"));

    @BeforeEach
    void session() {
        try (TraceStore store = TraceStore.create(new SessionLayout(directory).database(), BlockSize.SMALL)) {
            Views.create(store);
        }
    }

    private void steps(String phase, long requests, long prefillTokens, long contextTokens, long dur, long gpu) {
        try (TraceStore store = TraceStore.append(new SessionLayout(directory).database());
                RowWriter rows = new RowWriter(EngineTables.STEP, store)) {
            rows.set("step", 1)
                    .set("ts", 0)
                    .set("dur", dur)
                    .set("gpu_ns", gpu)
                    .set("phase", phase)
                    .set(phase.equals("prefill") ? "prefill_requests" : "decode_requests", requests)
                    .set("prefill_tokens", prefillTokens)
                    .set("context_tokens", contextTokens)
                    .end();
        }
    }

    private Rows phases(String device) throws IOException {
        TimedSteps steps;
        Peaks peaks;
        try (Session session = Session.open(directory)) {
            steps = TimedSteps.of(session, NOTHING);
            peaks = Peaks.of(session, DeviceTable.find(device));
        }
        StepCosts.write(new SessionLayout(directory), llama, peaks, steps);
        try (Session session = Session.open(directory)) {
            return AnalysisLibrary.run(session, "mfu/phase");
        }
    }

    @Test
    void prefillIsTheHandsArithmetic() throws IOException {
        steps("prefill", 2, 2 * 1024, 0, 80_000_000, 40_000_000);
        Rows rows = phases("h100-sxm");
        double flops = 2.0 * LAYERS * 2048 + 2.0 * HEAD * 2 + 32L * 4L * 4096 * (2.0 * 1024 * 1025 / 2);
        assertThat(rows.real(0, "flops").getAsDouble() / flops).isCloseTo(1, within(1e-5));
        assertThat(rows.real(0, "mfu").getAsDouble()).isCloseTo(flops / 989.4e12 / 0.080, within(1e-5));
        assertThat(rows.real(0, "mfu_busy").getAsDouble()).isCloseTo(flops / 989.4e12 / 0.040, within(1e-5));
    }

    @Test
    void decodeIsTheHandsArithmetic() throws IOException {
        steps("decode", 4, 0, 4 * 1000, 10_000_000, 8_000_000);
        Rows rows = phases("h100-sxm");
        double weights = 2.0 * (LAYERS + HEAD);
        double cache = 4 * 131072.0 * (1000 + 1);
        assertThat(rows.real(0, "bytes").getAsDouble()).isBetween(weights + cache, (weights + cache) * 1.005);
        assertThat(rows.real(0, "mbu").getAsDouble())
                .isCloseTo(rows.real(0, "bytes").getAsDouble() / 3.35e12 / 0.010, within(1e-9));
    }

    @Test
    void aMeasuredCeilingIsBetterThanTheDataSheet() throws IOException {
        steps("decode", 1, 0, 1000, 10_000_000, 8_000_000);
        try (TraceStore store = TraceStore.append(new SessionLayout(directory).database());
                RowWriter rows = new RowWriter(Tables.CEILING, store)) {
            rows.set("name", "copy")
                    .set("device", "gpu:0")
                    .set("value", 2.9e12)
                    .set("unit", "B/s")
                    .end();
        }
        Rows rows = phases("h100-sxm");
        assertThat(rows.real(0, "mbu").getAsDouble())
                .isCloseTo(rows.real(0, "bytes").getAsDouble() / 2.9e12 / 0.010, within(1e-9));
    }

    @Test
    void moreThanThePeakIsExplainedNotPrinted() throws IOException {
        steps("decode", 1, 0, 1000, 1_000_000, 1_000_000);
        assertThat(phases("h100-sxm").real(0, "mbu").getAsDouble()).isGreaterThan(1);
        try (Session session = Session.open(directory)) {
            assertThat(UtilizationReport.impossible(session))
                    .hasValueSatisfying(why ->
                            assertThat(why).startsWith("decode: mbu would be ").contains("nothing exceeds its peak"));
        }
    }

    @Test
    void tokensOfAProfiledRunAreDecodeSteps() {
        try (TraceStore store = TraceStore.append(new SessionLayout(directory).database());
                RowWriter rows = new RowWriter(Tables.TOKEN, store)) {
            for (int token = 0; token < 3; token++) {
                rows.set("token", token)
                        .set("ts", 0)
                        .set("dur", 100_000_000)
                        .set("position", 50 + token)
                        .end();
            }
        }
        try (Session session = Session.open(directory)) {
            TimedSteps steps = TimedSteps.of(session, NOTHING);
            assertThat(steps.source()).isEqualTo("token");
            assertThat(steps.steps()).extracting(TimedSteps.Step::context).containsExactly(50L, 51L, 52L);
        }
    }

    @Test
    void whatTheRecordingDoesNotTellMustBeGiven() {
        try (TraceStore store = TraceStore.append(new SessionLayout(directory).database());
                RowWriter rows = new RowWriter(EngineTables.STAGE, store)) {
            rows.set("id", 1)
                    .set("ts", 0)
                    .set("dur", 5_000_000)
                    .set("kind", "decode")
                    .set("name", "decode_0")
                    .set("track_id", 1)
                    .set("source_id", 1)
                    .end();
            rows.flush();
            Derived.create(store);
        }
        try (Session session = Session.open(directory)) {
            TimedSteps untold = TimedSteps.of(session, NOTHING);
            assertThat(untold.steps()).isEmpty();
            assertThat(untold.missing()).containsExactly("--batch --context of its decode steps");
            TimedSteps told = TimedSteps.of(
                    session, new TimedSteps.Given(OptionalLong.of(8), OptionalLong.empty(), OptionalLong.of(512)));
            assertThat(told.steps()).singleElement().satisfies(step -> {
                assertThat(step.batch()).isEqualTo(8);
                assertThat(step.context()).isEqualTo(512);
                assertThat(step.given()).isEqualTo("batch 8, context 512");
            });
        }
    }

    @Test
    void withoutAnyPeakThereIsNoShare() throws IOException {
        steps("decode", 1, 0, 1000, 10_000_000, 8_000_000);
        TimedSteps steps;
        Peaks peaks;
        try (Session session = Session.open(directory)) {
            steps = TimedSteps.of(session, NOTHING);
            peaks = Peaks.of(session, Optional.empty());
        }
        assertThat(peaks.bandwidth()).isEmpty();
        StepCosts.write(new SessionLayout(directory), llama, peaks, steps);
        try (Session session = Session.open(directory)) {
            assertThat(AnalysisLibrary.run(session, "mfu/phase").real(0, "mbu")).isEmpty();
        }
    }

    /// Of processors too the peak of arithmetic may be known only by name, and where it is not, bytes tell a least
    /// time.
    @Test
    void theProcessorThatTheSessionNamesIsLookedUp() throws IOException {
        steps("decode", 1, 0, 1000, 100_000_000, 0);
        fact("host.cpu", "AMD EPYC 9654 96-Core Processor");
        Peaks known = peaks(Optional.empty());
        assertThat(known.device().orElseThrow().name()).isEqualTo("epyc-9654");
        assertThat(known.flops("fp32")).hasValue(7.37e12);
        assertThat(known.ridge("bf16").getAsDouble()).isCloseTo(14.75e12 / 460.8e9, within(1e-9));
    }

    @Test
    void whereNoPeakOfArithmeticIsKnownBytesTellTheLeastTime() throws IOException {
        steps("decode", 1, 0, 1000, 10_000_000_000L, 0);
        fact("host.cpu", "Some Processor");
        ceiling("llc_read", "cpu", 400e9, "B/s");
        ceiling("dram_read", "cpu", 20e9, "B/s");
        TimedSteps steps;
        Peaks peaks = peaks(Optional.empty());
        try (Session session = Session.open(directory)) {
            steps = TimedSteps.of(session, NOTHING);
        }
        assertThat(peaks.bandwidth()).hasValue(20e9);
        assertThat(peaks.ridge("bf16")).isEmpty();
        assertThat(peaks.flopsSource())
                .isEqualTo(
                        "not known: the session has no measured ceiling, and 'Some Processor' is not in the table of devices");
        StepCosts.write(new SessionLayout(directory), llama, peaks, steps);
        try (Session session = Session.open(directory)) {
            Rows rows = AnalysisLibrary.run(session, "mfu/phase");
            assertThat(rows.real(0, "mfu")).isEmpty();
            assertThat(rows.real(0, "attainment"))
                    .isEqualTo(rows.real(0, "mbu"))
                    .isPresent();
            assertThat(TextReport.blocks(UtilizationReport.blocks(session, peaks, steps), TerminalWidth.plain(120)))
                    .contains("From bytes alone: no peak of arithmetic is known.")
                    .contains("'Some Processor' is not in the table of devices");
            Rows parts = AnalysisLibrary.run(session, "mfu/part");
            assertThat(parts.real(0, "least_ns")).isPresent();
        }
    }

    /// Prompts of 3072 tokens, 1024 of them in this chunk on top of 2048 cached ones: queries meet keys of before.
    @Test
    void whatIsCachedOfAPromptCountsInItsNextChunk() throws IOException {
        steps("prefill", 2, 2 * 1024, 2 * 3072, 80_000_000, 40_000_000);
        Rows rows = phases("h100-sxm");
        double pairs = 1024.0 * 1025 / 2 + 1024.0 * 2048;
        double flops = 2.0 * LAYERS * 2048 + 2.0 * HEAD * 2 + 32L * 4L * 4096 * 2 * pairs;
        assertThat(rows.real(0, "flops").getAsDouble() / flops).isCloseTo(1, within(1e-5));
        try (Session session = Session.open(directory)) {
            assertThat(TimedSteps.of(session, NOTHING).uncached()).isZero();
        }
    }

    private void fact(String name, String value) {
        try (TraceStore store = TraceStore.append(new SessionLayout(directory).database())) {
            store.state(name, value);
        }
    }

    /// A peak that was measured is that of its own format; others keep those of the data sheet.
    @Test
    void eachFormatHasItsOwnPeak() {
        ceiling("gemm_bf16", "gpu:0", 700e12, "FLOP/s");
        ceiling("gemm_fp8", "gpu:1", 1200e12, "FLOP/s");
        ceiling("gemm_fp8", "gpu:0", 1100e12, "FLOP/s");
        Peaks gpu = peaks(Optional.of("b200"));
        assertThat(gpu.flops("fp16")).hasValue(700e12);
        assertThat(gpu.flops("f8_e4m3")).hasValue(1200e12);
        assertThat(gpu.flops("fp4")).hasValue(9000e12);
        assertThat(gpu.flops("tf32")).hasValue(1125e12);
        assertThat(gpu.flops("fp32")).hasValue(75e12);
        assertThat(gpu.ridge("fp8").getAsDouble()).isCloseTo(1200e12 / 8e12, within(1e-9));
        assertThat(gpu.flopsSource(List.of("fp8", "bf16", "fp4")))
                .startsWith(
                        "1.20 PFLOP/s, measured: ceiling gemm_fp8 of gpu:1, 6 threads and 700 TFLOP/s, measured: ceiling"
                                + " gemm_bf16 of gpu:0, 6 threads and 9.00 PFLOP/s fp4 dense at boost, data sheet: NVIDIA HGX B200");
        Peaks old = peaks(Optional.of("a100-sxm-80"));
        assertThat(old.flops("fp4")).hasValue(700e12);
    }

    private Peaks peaks(Optional<String> device) {
        try (Session session = Session.open(directory)) {
            return Peaks.of(session, device.flatMap(DeviceTable::find));
        }
    }

    private void ceiling(String name, String place, double value, String unit) {
        try (TraceStore store = TraceStore.append(new SessionLayout(directory).database());
                RowWriter rows = new RowWriter(Tables.CEILING, store)) {
            rows.set("name", name)
                    .set("device", place)
                    .set("value", value)
                    .set("unit", unit)
                    .set("threads", 6)
                    .end();
        }
    }

    @Test
    void aPeakSaysWhereItComesFrom() {
        Peaks sheet = peaks(Optional.of("h100-sxm"));
        assertThat(sheet.bandwidthSource()).startsWith("3.35 TB/s, data sheet: NVIDIA H100 data sheet");
        assertThat(sheet.flopsSource())
                .startsWith("989 TFLOP/s bf16 dense at boost 1830 MHz, data sheet: NVIDIA H100 data sheet");
        assertThat(sheet.flops("fp8")).hasValue(1978.9e12);
        assertThat(peaks(Optional.empty()).flops("bf16")).isEmpty();
        assertThat(peaks(Optional.empty()).flopsSource()).startsWith("not known");

        ceiling("dram_read", "cpu", 40e9, "B/s");
        ceiling("copy", "cpu", 30e9, "B/s");
        ceiling("fma", "cpu", 2e12, "FLOP/s");
        ceiling("copy", "gpu:0", 2.9e12, "B/s");
        Peaks processor = peaks(Optional.empty());
        assertThat(processor.bandwidth()).hasValue(40e9);
        assertThat(processor.bandwidthSource()).isEqualTo("40.0 GB/s, measured: ceiling dram_read of cpu, 6 threads");
        assertThat(processor.flops("any")).hasValue(2e12);
        assertThat(processor.flopsSource()).isEqualTo("2.00 TFLOP/s, measured: ceiling fma of cpu, 6 threads");
        Peaks gpu = peaks(Optional.of("h100-sxm"));
        assertThat(gpu.bandwidth()).hasValue(2.9e12);
        assertThat(gpu.flops("bf16")).hasValue(989.4e12);
    }

    /// A decode step at 1000 cached tokens, and two of another shape: written anew, not added.
    @Test
    void operatorsAreWrittenWithWhatTheyMove() throws IOException {
        steps("decode", 1, 0, 1000, 10_000_000, 8_000_000);
        steps("decode", 2, 0, 4000, 10_000_000, 8_000_000);
        steps("decode", 2, 0, 4000, 12_000_000, 8_000_000);
        phases("h100-sxm");
        phases("h100-sxm");
        try (Session session = Session.open(directory)) {
            Rows rows = session.query(
                    "SELECT count(DISTINCT shape) AS shapes, max(layer) AS last, count(*) FILTER (layer IS NULL) AS outside,"
                            + " sum(cache_bytes) FILTER (shape = 0) AS cache, sum(least_ns) AS least, sum(greatest(compute_ns, memory_ns)) AS larger,"
                            + " count(least_ns) = count(*) AS all_known, list(DISTINCT component ORDER BY component)::VARCHAR AS components,"
                            + " (SELECT string_agg(shape::VARCHAR, ' ' ORDER BY ts, dur, context) FROM step_work) AS steps FROM op_cost");
            assertThat(rows.integer(0, "shapes")).hasValue(2);
            assertThat(rows.integer(0, "last")).hasValue(31);
            assertThat(rows.integer(0, "outside").getAsLong()).isPositive();
            assertThat(rows.real(0, "cache")).hasValue(131072.0 * 1001);
            assertThat(rows.real(0, "least").getAsDouble())
                    .isCloseTo(rows.real(0, "larger").getAsDouble(), within(1e-6));
            assertThat(rows.text(0, "all_known", "")).isEqualTo("true");
            assertThat(rows.text(0, "components", ""))
                    .contains("attention", "embedding", "lm_head", "norm", "t_cpu_computation");
            assertThat(rows.text(0, "steps", "")).isEqualTo("0 1 1");
        }
        StepCosts.clear(new SessionLayout(directory));
        try (Session session = Session.open(directory)) {
            assertThat(session.query("SELECT 1 FROM op_cost UNION ALL SELECT 1 FROM step_work")
                            .size())
                    .isZero();
        }
    }

    /// A batch of none is not told; mixed steps are left out and counted.
    @Test
    void stepsThatTellNothingAreGivenOrLeftOut() {
        steps("decode", 0, 0, 4000, 10_000_000, 8_000_000);
        steps("mixed", 1, 0, 4000, 10_000_000, 8_000_000);
        steps("mixed", 1, 0, 4000, 10_000_000, 8_000_000);
        try (Session session = Session.open(directory)) {
            TimedSteps told = TimedSteps.of(
                    session, new TimedSteps.Given(OptionalLong.of(2), OptionalLong.empty(), OptionalLong.of(7)));
            assertThat(told.mixed()).isEqualTo(2);
            assertThat(told.steps()).singleElement().satisfies(step -> {
                assertThat(step.batch()).isEqualTo(2);
                assertThat(step.context()).isEqualTo(2000);
                assertThat(step.given()).isEqualTo("batch 2");
            });
        }
    }

    @Test
    void whatIsToldIsNotAskedFor() {
        steps("decode", 4, 0, 4000, 10_000_000, 8_000_000);
        try (Session session = Session.open(directory)) {
            TimedSteps told = TimedSteps.of(
                    session, new TimedSteps.Given(OptionalLong.of(2), OptionalLong.empty(), OptionalLong.of(7)));
            assertThat(told.steps()).singleElement().satisfies(step -> {
                assertThat(step.batch()).isEqualTo(4);
                assertThat(step.context()).isEqualTo(1000);
                assertThat(step.given()).isEmpty();
            });
        }
    }
}
