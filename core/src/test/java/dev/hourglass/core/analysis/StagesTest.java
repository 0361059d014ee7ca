package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.analysis.ExampleStep.Bar;
import dev.hourglass.core.analysis.ExampleStep.Lane;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.unit.Distribution;
import dev.hourglass.core.unit.Unit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Stages of the host, what the model's arithmetic tells of a busy one, and the step that is shown of it.
final class StagesTest {
    private static final List<String> COLUMNS = List.of(
            "stage",
            "steps",
            "first_only",
            "period",
            "stddev",
            "min",
            "p50",
            "p90",
            "p99",
            "max",
            "operators",
            "other",
            "tokens",
            "told",
            "wall",
            "rate",
            "periods");

    @TempDir
    private Path folder;

    private Session session(String rows) {
        try (TraceStore store = TraceStore.create(folder.resolve("session.duckdb"), BlockSize.SMALL)) {
            Views.create(store);
            store.execute(rows);
        }
        return Session.open(folder);
    }

    /// The step itself takes 1.5 µs of the period.
    private static Outcome answer(Object... values) {
        List<Object> row = new ArrayList<>(Arrays.asList(values));
        row.addAll(Arrays.asList("next", 1500, 5000.0, values[1]));
        return new Outcome.Clean(AnalysisLibrary.find("steps/host_stages"), new Rows(COLUMNS, List.of(), List.of(row)));
    }

    private static final String OPERATOR = "INSERT INTO slice (id, ts, dur, category) VALUES (1, 0, 9, 'cpu_op');";

    @Test
    void aStageOfTheHostIsItsOperatorsAndTheRest() {
        try (Session session = session(OPERATOR + """
                INSERT INTO host_step (step, stage, first, ts, end_ts) VALUES
                  (3, 'it''s', false, 12000, 15000), (1, 'it''s', true, 0, 5000), (2, 'it''s', false, 8000, 9000), (4, 'other', false, 20000, 20001);
                INSERT INTO launch (id, kind) VALUES (1, 'sync');
                """)) {
            StageTime stage = HostStages.of(
                            answer("it's", 2L, true, 2000, 500.0, 1000, 1900, 2800, 2990, 3000, 1000.0, 1000.0, 7.5),
                            session)
                    .getFirst();
            assertThat(stage.name()).isEqualTo("it's");
            assertThat(stage.steps()).isEqualTo(2);
            assertThat(stage.devices()).isZero();
            assertThat(stage.firstOnly()).isTrue();
            assertThat(stage.period().time())
                    .isEqualTo(new Distribution(Unit.MICROSECONDS, 2, 2, 0.5, 1, 1.9, Double.NaN, Double.NaN, 3));
            assertThat(stage.period().told()).isEqualTo(Period.Told.NEXT);
            assertThat(stage.period().tokensPerSecond()).hasValue(5000);
            assertThat(stage.period().hasOutliers()).isFalse();
            assertThat(stage.period().each()).containsExactly(4.0, 6.0);
            assertThat(stage.wall().mean()).isEqualTo(2.0);
            assertThat(stage.walls()).containsExactly(1.0, 3.0);
            assertThat(stage.betweenUs()).isEqualTo(0.5);
            assertThat(stage.componentsUs()).isEqualTo(Map.of("t_cpu_computation", 1.0, "t_scheduling", 1.0));
            assertThat(stage.tokens()).hasValue(7.5);
            assertThat(stage.bound()).isEqualTo(Bound.DEVICE);
            assertThat(stage.utilizationBasis())
                    .isEqualTo("no GPU work was recorded, and no ceiling of the CPU was measured");
            assertThat(HostStages.of(answer("x", 1L, false, 2000, 0, 0, 0, 0, 0, 0, 999.0, 1001.0, null), session))
                    .singleElement()
                    .satisfies(other -> {
                        assertThat(other.bound()).isEqualTo(Bound.HOST);
                        assertThat(other.tokens()).isEmpty();
                        assertThat(other.firstOnly()).isFalse();
                    });
            assertThat(HostStages.of(null, session)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "INSERT INTO launch (id, kind) VALUES (1, 'kernel')",
                "INSERT INTO launch (id, kind) VALUES (1, 'graph')",
                "INSERT INTO import_stat (kind) VALUES ('truncated')"
            })
    void nothingIsSaidWhereGpuWorkIsMissing(String rows) {
        try (Session session = session(OPERATOR + rows)) {
            StageTime stage = HostStages.of(answer("x", 1L, false, 2000, 0, 0, 0, 0, 0, 0, 1999.0, 1.0, null), session)
                    .getFirst();
            assertThat(stage.bound()).isEqualTo(Bound.UNCLEAR);
            assertThat(stage.utilizationBasis()).startsWith("the recording has none of the GPU work");
        }
    }

    @Test
    void withoutOperatorsThereIsNoStage() {
        try (Session session =
                session("INSERT INTO slice (id, ts, dur, category) VALUES (1, 0, 9, 'python_function')")) {
            assertThat(HostStages.of(answer("x", 1L, false, 2, 0, 0, 0, 0, 0, 0, 1.0, 1.0, null), session))
                    .isEmpty();
        }
    }

    private static StageTime stage(String basis, OptionalDouble busy, double mfu, double mbu, double p50) {
        return new StageTime(
                "decode",
                2,
                1,
                false,
                Period.of(
                        new Distribution(Unit.MICROSECONDS, 2, 1, 0, 1, p50, 1, 1, 1), List.of(), OptionalDouble.of(2)),
                new Distribution(Unit.MICROSECONDS, 2, 1, 0, 1, p50, 1, 1, 1),
                List.of(),
                busy,
                Map.of("t_sync", 3.0),
                0,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                1,
                1,
                OptionalDouble.of(mfu),
                OptionalDouble.of(mbu),
                basis,
                Bound.DEVICE);
    }

    private static Finding finding(Bound bound) {
        return new Finding(
                "bound/device",
                Finding.Severity.CRITICAL,
                "It is busy",
                bound,
                "decode",
                "",
                0,
                0.5,
                1,
                1,
                "",
                "",
                "",
                OptionalDouble.empty(),
                "");
    }

    /// Busy half of the time: a roof counts from 0.3 on while busy, and where the other is 1.5 times as far.
    @ParameterizedTest
    @CsvSource({
        "0.10, 0.20, MEMORY",
        "0.20, 0.10, COMPUTE",
        "0.00, 0.15, MEMORY",
        "0.00, 0.149, DEVICE",
        "0.149, 0.00, DEVICE",
        "0.25, 0.375, MEMORY",
        "0.251, 0.375, DEVICE",
        "0.375, 0.251, DEVICE",
    })
    void theNearerRoofLimits(double mfu, double mbu, Bound bound) {
        StageTime stage = stage("the model's arithmetic, serving convention", OptionalDouble.of(0.5), mfu, mbu, 1);
        Finding told = Utilization.inferred(finding(Bound.DEVICE), stage);
        assertThat(told.bound()).isEqualTo(bound);
        assertThat(told.title().equals("It is busy")).isEqualTo(bound == Bound.DEVICE);
    }

    @Test
    void anInferenceSaysFromWhat() {
        StageTime stage = stage("the model's arithmetic, serving convention", OptionalDouble.of(0.5), 0.1, 0.2, 1);
        assertThat(Utilization.inferred(finding(Bound.DEVICE), stage).title())
                .isEqualTo(
                        "It is busy; inferred from the model's arithmetic: while busy it reaches 40.0 % of the memory"
                                + " bandwidth and 20.0 % of the arithmetic");
        assertThat(Utilization.inferred(finding(Bound.DEVICE), stage).remedy())
                .isEqualTo(AnalysisLibrary.find("bound/device").remedy("memory"))
                .isNotEmpty();
        assertThat(Utilization.inferred(finding(Bound.LAUNCH), stage)).isEqualTo(finding(Bound.LAUNCH));
        assertThat(Utilization.inferred(
                        finding(Bound.DEVICE), stage("lower bound", OptionalDouble.of(0.5), 0.1, 0.2, 1)))
                .isEqualTo(finding(Bound.DEVICE));
        assertThat(Utilization.inferred(
                        finding(Bound.DEVICE), stage("the model's arithmetic", OptionalDouble.of(0), 0.1, 0.2, 1)))
                .isEqualTo(finding(Bound.DEVICE));
        assertThat(Utilization.inferred(
                        finding(Bound.DEVICE), stage("the model's arithmetic", OptionalDouble.empty(), 0.1, 0.2, 1)))
                .isEqualTo(finding(Bound.DEVICE));
        assertThat(finding(Bound.DEVICE).softened().severity()).isEqualTo(Finding.Severity.INFO);
        assertThat(finding(Bound.DEVICE).softened().title()).isEqualTo("It is busy");
        assertThat(Finding.Severity.CRITICAL.key()).isEqualTo("critical");
    }

    @Test
    void aStageKeepsAllButItsBound() {
        StageTime stage = stage("x", OptionalDouble.of(0.5), 0.1, 0.2, 1);
        assertThat(stage.bound(Bound.HOST).bound()).isEqualTo(Bound.HOST);
        assertThat(stage.bound(Bound.HOST).bound(Bound.DEVICE)).isEqualTo(stage);
        assertThat(stage.componentUs("t_sync")).isEqualTo(3);
        assertThat(stage.componentUs("norm")).isZero();
        assertThat(stage.one()).isEqualTo("a decode step");
        assertThat(stage.opening()).isEqualTo("A decode step");
        assertThat(StageTime.typicalOf("run")).isEqualTo("the recording");
        assertThat(StageTime.typicalOf("decode")).isEqualTo("a typical decode step");
    }

    private static final String RECORDING = """
            INSERT INTO step_time (step, device, stage, belongs, judged, ts, end_ts, wall) VALUES
              (1, 0, 'decode', 'decode', true, 1000, 2000, 1000), (2, 0, 'decode', 'decode', true, 3000, 3400, 400),
              (3, 0, 'decode', 'decode', false, 5000, 5500, 500), (4, 0, 'between', 'decode', true, 2000, 2500, 500);
            INSERT INTO host_step (step, stage, name, ts, end_ts) VALUES (1, 'decode', 'decode_0', 1000, 2000), (2, 'decode', NULL, 3000, 3400), (4, 'between', NULL, 2000, 3000);
            INSERT INTO slice (id, ts, dur, track_id, category, name) VALUES (51, 1100, 300, 1, 'cpu_op', 'aten::mm'), (52, 1200, 50, 1, 'cpu_op', 'aten::inner'), (53, 1100, 3, 9, 'cpu_op', 'elsewhere');
            INSERT INTO launch (id, ts, dur, track_id, name, kind) VALUES (61, 1150, 5, 1, 'cudaLaunchKernel', 'kernel'), (62, 3010, 5, 1, 'cudaLaunchKernel', 'kernel'), (63, 1160, 5, 2, 'cudaMemcpy', 'memcpy');
            INSERT INTO device_op (id, ts, end_ts, device, stream, source_id, short_name, category) VALUES
              (71, 1300, 1900, 0, 7, 1, 'gemm', 'gemm'), (72, 3100, 3300, 0, 7, 1, 'norm', 'norm'), (73, 900, 1350, 1, 8, 1, 'copy', 'memcpy');
            """;

    @Test
    void aSmallRecordingIsShownWhole() {
        try (Session session = session(RECORDING)) {
            assertThat(ExampleStep.of(session, Optional.empty())).isEmpty();
            StageTime none = stage("x", OptionalDouble.empty(), 0, 0, 0.45).bound(Bound.HOST);
            ExampleStep shown = ExampleStep.of(session, Optional.of(none)).orElseThrow();
            assertThat(shown.stage()).isEqualTo("decode");
            assertThat(shown.step()).isEqualTo(2);
            assertThat(shown.whole()).isTrue();
            assertThat(shown.dropped()).isZero();
            assertThat(shown.wallNs()).isEqualTo(5500 - 900);
            assertThat(shown.lanes())
                    .containsExactly(
                            new Lane(
                                    "Steps",
                                    List.of(
                                            new Bar("decode_0", "step", 100, 1000),
                                            new Bar("decode", "step", 2100, 400))),
                            new Lane("Operators, thread 1", List.of(new Bar("aten::mm", "operator", 200, 300))),
                            new Lane(
                                    "Calls, thread 1",
                                    List.of(
                                            new Bar("cudaLaunchKernel", "kernel", 250, 5),
                                            new Bar("cudaLaunchKernel", "kernel", 2110, 5))),
                            new Lane("Calls, thread 2", List.of(new Bar("cudaMemcpy", "memcpy", 260, 5))),
                            new Lane(
                                    "GPU 0 stream 7",
                                    List.of(new Bar("gemm", "gemm", 400, 600), new Bar("norm", "norm", 2200, 200))),
                            new Lane("GPU 1 stream 8", List.of(new Bar("copy", "memcpy", 0, 450))));
            assertThat(ExampleStep.of(session, Optional.of(stage("x", OptionalDouble.empty(), 0, 0, 0.9)))
                            .orElseThrow()
                            .step())
                    .isEqualTo(1);
        }
    }

    /// 60,000 spans still fit; 3 device operations, 3 operators and 59,995 calls do not.
    @Test
    void ofALargeOneTheTypicalStep() {
        try (Session session = session(
                RECORDING
                        + "INSERT INTO launch (id, ts, dur, track_id, kind) SELECT 100 + i, 7000, 1, 3, 'other' FROM range(59992) r (i)")) {
            ExampleStep shown = ExampleStep.of(session, Optional.of(stage("x", OptionalDouble.empty(), 0, 0, 0.45)))
                    .orElseThrow();
            assertThat(shown.whole()).isFalse();
            assertThat(shown.wallNs()).isEqualTo(400);
            assertThat(shown.lanes())
                    .containsExactly(
                            new Lane("Steps", List.of(new Bar("decode", "step", 0, 400))),
                            new Lane("Calls", List.of(new Bar("cudaLaunchKernel", "kernel", 10, 5))),
                            new Lane("GPU 0 stream 7", List.of(new Bar("norm", "norm", 100, 200))));
        }
    }

    @Test
    void aRecordingOfJustAsManyIsShownWhole() {
        try (Session session = session(
                RECORDING
                        + "INSERT INTO launch (id, ts, dur, track_id, kind) SELECT 100 + i, 7000, 1, 3, 'other' FROM range(59991) r (i)")) {
            assertThat(ExampleStep.of(session, Optional.of(stage("x", OptionalDouble.empty(), 0, 0, 0.45)))
                            .orElseThrow()
                            .whole())
                    .isTrue();
        }
    }
}
