package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.RunSamples.KernelUse;
import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is read of a session for a comparison, and how near its stages come to the machine's peaks.
final class RunSamplesTest {
    @TempDir
    private Path folder;

    private Session session(String rows) {
        try (TraceStore store = TraceStore.create(folder.resolve("session.duckdb"), BlockSize.SMALL)) {
            Views.create(store);
            store.execute(rows);
        }
        return Session.open(folder);
    }

    /// Two steps of 1000 and 3000 ns, of one GPU; within them kernels of 400 and 2 × 300 ns, and of 900 ns.
    private static final String STEPS = """
            INSERT INTO step_time (step, device, source_id, stage, belongs, first, judged, ts, end_ts, wall, compute, communication, copy, launch, sync, host, rest) VALUES
              (2, 0, 1, 'it''s', 'it''s', false, true, 5000, 8000, 3000, 900, 0, 100, 1000, 500, 300, 200),
              (1, 0, 1, 'it''s', 'it''s', false, true, 1000, 2000, 1000, 700, 50, 0, 100, 50, 60, 40),
              (3, 0, 1, 'other', 'other', false, true, 9000, 9500, 500, 500, 0, 0, 0, 0, 0, 0);
            INSERT INTO step_period (step, device, source_id, stage, told, judged, usual, ts, end_ts, period, wall, ops, compute, communication, copy, launch, sync, host, rest)
              SELECT step, device, source_id, stage, 'next', true, true, ts, end_ts, wall, wall / 2, 1, compute, communication, copy, launch, sync, host, rest FROM step_time;
            INSERT INTO step_op (id, step) VALUES (11, 1), (12, 1), (13, 1), (14, 2), (15, 3);
            INSERT INTO device_op (id, ts, end_ts, device, short_name) VALUES (11, 1000, 1400, 0, 'long'), (12, 1400, 1700, 0, 'often'), (13, 1700, 2000, 0, 'often'),
              (14, 5000, 5900, 0, 'long'), (15, 9000, 9500, 0, 'elsewhere');
            """;

    @Test
    void stepsTheirPartsAndWhatRan() {
        try (Session session = session(STEPS)) {
            RunSamples samples = RunSamples.of(session, "mine");
            assertThat(samples.name()).isEqualTo("mine");
            assertThat(samples.stage()).isEqualTo("it's");
            assertThat(samples.tTokenUs()).containsExactly(1.0, 3.0);
            assertThat(samples.wallUs()).containsExactly(0.5, 1.5);
            assertThat(samples.facts())
                    .containsExactly(new RunFact(RunFact.Kind.RECORDING, "Python stacks", "not recorded"));
            assertThat(samples.componentsUs())
                    .containsEntry("t_gpu_computation", List.of(0.7, 0.9))
                    .containsEntry("t_communication", List.of(0.05, 0.0))
                    .containsEntry("t_pcie_transfer", List.of(0.0, 0.1))
                    .containsEntry("t_gpu_kernel_launch", List.of(0.1, 1.0))
                    .containsEntry("t_sync", List.of(0.05, 0.5))
                    .containsEntry("t_scheduling", List.of(0.06, 0.3))
                    .containsEntry("remainder", List.of(0.04, 0.2));
            assertThat(samples.kernels())
                    .isEqualTo(Map.of("long", new KernelUse(1, 0.65), "often", new KernelUse(1, 0.3)));
            assertThat(RunSamples.of(session, "mine", "other").tTokenUs()).containsExactly(0.5);
            assertThat(RunSamples.of(session, "mine", "no such").stage()).isEqualTo("it's");
        }
    }

    @Test
    void withoutStepsThereIsNothingToCompare() {
        try (Session session = session("SELECT 1")) {
            assertThatThrownBy(() -> RunSamples.of(session, "mine"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("mine has no steps to compare");
        }
    }

    /// 989.4e12 FLOP/s and 3.35e12 B/s, for 4000 ns; of a stage that cannot be there is none.
    private static final String PRODUCTS = STEPS + """
            INSERT INTO gemm_call (step, device, source_id, flops, bytes) VALUES (1, 0, 1, 100000000, 1000000), (2, 0, 1, 300000000, 3000000), (3, 0, 1, 10000000000, 10);
            INSERT INTO metadata VALUES ('host.gpu.0.name', 'NVIDIA H100 80GB HBM3');
            """;

    @Test
    void sharesOfThePeaksByShapes() {
        try (Session session = session(PRODUCTS)) {
            Map<String, Utilization.Shares> shares = Utilization.of(session, Optional.empty());
            Utilization.Shares own = shares.get("it's");
            assertThat(own.mfu().getAsDouble()).isCloseTo(400e6 / 4e-6 / 989.4e12, within(1e-9));
            assertThat(own.mbu().getAsDouble()).isCloseTo(4e6 / 4e-6 / 3.35e12, within(1e-9));
            assertThat(own.basis())
                    .startsWith("lower bound from recorded shapes of matrix products; arithmetic against 989 TFLOP/s")
                    .contains("; bytes against 3.35 TB/s");
            assertThat(shares.get("other").mfu()).isEmpty();
            assertThat(shares.get("other").mbu()).isEmpty();
            assertThat(shares.get("other").basis()).startsWith("the work does not fit the time");
            Roof roof = Roof.of(session, Optional.empty()).orElseThrow();
            assertThat(roof.flops()).isEqualTo(989.4e12);
            assertThat(roof.bandwidth()).isEqualTo(3.35e12);
            assertThat(roof.source()).startsWith("989 TFLOP/s bf16 dense").contains("; 3.35 TB/s, data sheet");
            assertThat(Roof.of(session, DeviceTable.find("h200")).orElseThrow().bandwidth())
                    .isEqualTo(4.8e12);
            assertThat(Peaks.of(session, Optional.empty())
                            .device()
                            .orElseThrow()
                            .name())
                    .isEqualTo("h100-sxm");
        }
    }

    @Test
    void withoutAPeakThereIsNoShareAndNoRoof() {
        try (Session session = session(
                STEPS
                        + "INSERT INTO gemm_call (step, device, source_id, flops, bytes) VALUES (1, 0, 1, 100000000, 1000000);"
                        + "INSERT INTO ceiling (name, device, value, unit) VALUES ('copy', 'gpu:0', 1e12, 'B/s'), ('read', 'cpu', 1e11, 'B/s')")) {
            assertThat(Peaks.of(session, Optional.empty()).device()).isEmpty();
            assertThat(Roof.of(session, Optional.empty())).isEmpty();
            Utilization.Shares shares =
                    Utilization.of(session, Optional.empty()).get("it's");
            assertThat(shares.mfu()).isEmpty();
            assertThat(shares.mbu().getAsDouble()).isCloseTo(1e6 / 4e-6 / 1e12, within(1e-9));
        }
        assertThat(Utilization.Shares.UNKNOWN.mfu()).isEmpty();
    }

    /// The model's arithmetic goes before recorded shapes: two operators in a step of 1000 ns on two GPUs, 200 of 2000
    /// ns
    /// at the peak of arithmetic and 600 at that of memory. What `mfu` prints is the same row.
    @Test
    void sharesOfThePeaksByTheModel() {
        try (Session session = session(PRODUCTS + """
                INSERT INTO step_work (source, ref, phase, shape, dur, devices) VALUES ('stage', 901, 'it''s', 4, 1000, 2);
                INSERT INTO op_cost (shape, format, flops, bytes, compute_ns, memory_ns) VALUES
                  (4, 'fp8', 150000000, 500000, 150, 100), (4, 'bf16', 50000000, 1500000, 50, 500), (5, 'bf16', 1, 1, 1, 1);
                """)) {
            Utilization.Shares own = Utilization.of(session, Optional.empty()).get("it's");
            assertThat(own.mfu().getAsDouble()).isCloseTo(0.1, within(1e-9));
            assertThat(own.mbu().getAsDouble()).isCloseTo(0.3, within(1e-9));
            assertThat(own.basis())
                    .startsWith("the model's arithmetic, serving convention; arithmetic against 1.98 PFLOP/s fp8,"
                            + " 989 TFLOP/s bf16 dense at boost 1830 MHz, data sheet");
            Rows rows = AnalysisLibrary.run(session, "mfu/phase");
            assertThat(rows.real(0, "mfu")).isEqualTo(own.mfu());
            assertThat(rows.real(0, "mbu")).isEqualTo(own.mbu());
            assertThat(rows.text(0, "formats", "")).isEqualTo("fp8, bf16");
        }
    }

    /// Each format is held against its own peak, and all against all GPUs that worked: 100 ns of FP8, 400 of bf16, 200
    /// of
    /// FP32 rounded to TF32 in 1000 ns of one GPU and 3000 of two.
    @Test
    void mixedFormatsAreCountedByParts() {
        try (Session session = session(STEPS.replace(
                        "(2, 0, 1,",
                        "(2, 1, 1, 'it''s', 'it''s', false, true, 5000, 8000, 3000, 900, 0, 100, 1000, 500, 300, 200), (2, 0, 1,")
                + """
                INSERT INTO gemm_call (source_id, step, format, flops, bytes, device) VALUES
                  (1, 1, 'fp8', 197890000, 1000, 0), (1, 2, 'bf16', 197880000, 2000, 0), (1, 2, 'bf16', 197880000, 2000, 1), (1, 2, 'tf32', 98940000, 1000, 1);
                INSERT INTO metadata VALUES ('host.gpu.0.name', 'NVIDIA H100 80GB HBM3');
                """)) {
            Utilization.Shares own = Utilization.of(session, Optional.empty()).get("it's");
            assertThat(own.mfu().getAsDouble()).isCloseTo((100 + 400 + 200) / 7000.0, within(1e-9));
            assertThat(own.mbu().getAsDouble()).isCloseTo(6000 / 3.35e12 / 7e-6, within(1e-9));
            assertThat(own.basis()).contains("989 TFLOP/s bf16, 1.98 PFLOP/s fp8, 495 TFLOP/s tf32 dense");
        }
    }

    @Test
    void withoutAnyPeakNothingIsShared() {
        try (Session session = session(STEPS + "INSERT INTO gemm_call (step, flops, bytes) VALUES (1, 1, 1)")) {
            assertThat(Utilization.of(session, Optional.empty())).isEmpty();
        }
    }
}
