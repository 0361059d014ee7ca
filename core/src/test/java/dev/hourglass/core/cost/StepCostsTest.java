package dev.hourglass.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.checkpoint.ModelReader;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.report.UtilizationReport;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.nio.file.Path;
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

    private Rows phases(String device) {
        TimedSteps steps;
        Peaks peaks;
        try (Session session = Session.open(directory)) {
            steps = TimedSteps.of(session, NOTHING);
            peaks = Peaks.of(session, DeviceTable.find(device));
        }
        StepCosts.write(new SessionLayout(directory).database(), llama, peaks, steps);
        try (Session session = Session.open(directory)) {
            return AnalysisLibrary.run(session, "mfu/phase");
        }
    }

    @Test
    void prefillIsTheHandsArithmetic() {
        steps("prefill", 2, 2 * 1024, 0, 80_000_000, 40_000_000);
        Rows rows = phases("h100-sxm");
        double flops = 2.0 * LAYERS * 2048 + 2.0 * HEAD * 2 + 32L * 4L * 4096 * (2.0 * 1024 * 1025 / 2);
        assertThat(rows.real(0, "flops").getAsDouble() / flops).isCloseTo(1, within(1e-5));
        assertThat(rows.real(0, "mfu").getAsDouble()).isCloseTo(flops / 989.4e12 / 0.080, within(1e-5));
        assertThat(rows.real(0, "mfu_busy").getAsDouble()).isCloseTo(flops / 989.4e12 / 0.040, within(1e-5));
    }

    @Test
    void decodeIsTheHandsArithmetic() {
        steps("decode", 4, 0, 4 * 1000, 10_000_000, 8_000_000);
        Rows rows = phases("h100-sxm");
        double weights = 2.0 * (LAYERS + HEAD);
        double cache = 4 * 131072.0 * (1000 + 1);
        assertThat(rows.real(0, "bytes").getAsDouble()).isBetween(weights + cache, (weights + cache) * 1.005);
        assertThat(rows.real(0, "mbu").getAsDouble())
                .isCloseTo(rows.real(0, "bytes").getAsDouble() / 3.35e12 / 0.010, within(1e-9));
    }

    @Test
    void aMeasuredCeilingIsBetterThanTheDataSheet() {
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
    void moreThanThePeakIsExplainedNotPrinted() {
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
                    .end();
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
    void withoutAnyPeakThereIsNoShare() {
        steps("decode", 1, 0, 1000, 10_000_000, 8_000_000);
        TimedSteps steps;
        Peaks peaks;
        try (Session session = Session.open(directory)) {
            steps = TimedSteps.of(session, NOTHING);
            peaks = Peaks.of(session, Optional.empty());
        }
        assertThat(peaks.bandwidth()).isEmpty();
        StepCosts.write(new SessionLayout(directory).database(), llama, peaks, steps);
        try (Session session = Session.open(directory)) {
            assertThat(AnalysisLibrary.run(session, "mfu/phase").real(0, "mbu")).isEmpty();
        }
    }
}
