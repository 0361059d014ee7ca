package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.analysis.AnalysisRunner;
import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.Finding;
import dev.hourglass.core.analysis.Focus;
import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.document.HtmlReport;
import dev.hourglass.core.document.TextReport;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.report.SessionReport;
import dev.hourglass.core.text.TerminalWidth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Generated traces, each with one neck of known size: the first finding names it, and the part has the
/// size that was planted.
final class SyntheticNecksTest {
    private static final int STEPS = 6;
    private static final int KERNELS = 50;

    @TempDir
    private Path folder;

    @Test
    void shortKernelsOfSlowOperatorsAreLaunchBound() throws IOException {
        Explanation e = explain(t -> {
            for (int i = 0; i < KERNELS; i++) {
                t.kernel(0, 7, 20_000, 2_000);
            }
            t.sync(0, 7);
        });
        StageTime stage = firstIs(Bound.LAUNCH, e);
        assertThat(stage.gpuBusyRatio().orElseThrow())
                .isCloseTo(KERNELS * 2_000.0 / (stage.period().time().mean() * 1000), within(1e-6));
        // Operators of 20 µs follow each other without other code; each kernel takes 2 µs of them.
        assertThat(stage.componentUs("t_gpu_kernel_launch")).isCloseTo(KERNELS * 18.0, within(20.0));
        assertThat(e.findings().getFirst().gain().orElseThrow()).isGreaterThan(0.7);
    }

    @Test
    void otherCodeOnTheHostIsHostBound() throws IOException {
        StageTime stage = firstIs(
                Bound.HOST,
                explain(t -> t.other(3_000_000).graph(0, 7, 8_000, 60, 10_000).sync(0, 7)));
        assertThat(stage.componentUs("t_scheduling")).isCloseTo(3_002, within(3.0));
        assertThat(stage.componentUs("t_gpu_computation")).isCloseTo(600, within(1e-3));
    }

    /// A graph replay would not shorten other code: 3 ms of it and 50 operators of 20 µs make the step.
    @Test
    void otherCodeIsNotWhatFewerLaunchesWouldGain() throws IOException {
        Explanation e = explain(t -> {
            t.other(3_000_000);
            for (int i = 0; i < KERNELS; i++) {
                t.kernel(0, 7, 20_000, 2_000);
            }
            t.sync(0, 7);
        });
        StageTime stage = firstIs(Bound.HOST, e);
        double launches = KERNELS * (20.0 - 2.0 - 1.0) / stage.wall().mean();
        assertThat(e.findings().stream()
                        .filter(f -> f.id().equals("bound/launch"))
                        .findFirst()
                        .orElseThrow()
                        .gain()
                        .orElseThrow())
                .isCloseTo(launches, within(0.02));
    }

    @Test
    void waitsInsideTheStepAreSyncBound() throws IOException {
        StageTime stage = firstIs(Bound.SYNC, explain(t -> {
            for (int i = 0; i < 20; i++) {
                t.graph(0, 7, 40_000, 4, 10_000).sync(0, 7);
            }
        }));
        // After each wait: 4 µs until it returns, then half of the launch call of 40 µs.
        assertThat(stage.componentUs("t_sync")).isCloseTo(19 * 24.0 + 4, within(2.0));
    }

    @Test
    void copiesThatNothingHidesAreTransferBound() throws IOException {
        for (boolean pinned : new boolean[] {true, false}) {
            Explanation e = explain(t -> t.copy(7, pinned, 100_000_000, 2_000_000)
                    .kernel(0, 7, 20_000, 500_000)
                    .sync(0, 7));
            StageTime stage = firstIs(Bound.TRANSFER, e);
            assertThat(stage.componentUs("t_pcie_transfer")).isCloseTo(2_000, within(1e-3));
            assertThat(e.findings().getFirst().title()).contains(pinned ? "pinned" : "pageable");
        }
    }

    /// What is pinned already need not be pinned; what has nothing to hide behind need not be hidden.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HtoD | false | 1000000 | into pinned memory | pinned already",
                "HtoD | true  | 1000000 | run the copies beside compute | into pinned memory",
                "HtoD | true  | 100000  | copy less | beside compute, with",
                "DtoH | true  | 1000000 | run the copies to the host beside compute | into pinned memory",
                "DtoH | false | 1000000 | into pinned memory | pinned already",
            })
    void theRemedyOfCopiesFitsWhatWasRecorded(String direction, boolean pinned, long computeNs, String said, String not)
            throws IOException {
        Explanation e = explain(t -> t.copy(0, 7, direction, pinned, 100_000_000, 2_000_000)
                .kernel(0, 7, 20_000, computeNs)
                .sync(0, 7));
        firstIs(Bound.TRANSFER, e);
        Finding first = e.findings().getFirst();
        assertThat(first.title()).contains(direction.equals("HtoD") ? "to the GPU" : "to the host");
        assertThat(first.remedy()).contains(said).doesNotContain(not).doesNotContain("{");
    }

    @Test
    void aCopyBesideComputationIsNoNeck() throws IOException {
        Explanation e = explain(t -> t.graph(0, 7, 8_000, 100, 30_000)
                .copy(9, true, 100_000_000, 2_000_000)
                .sync(0, 7));
        assertThat(e.findings()).allMatch(f -> f.severity() == Finding.Severity.INFO);
        assertThat(e.overall().busy()).isTrue();
        assertThat(e.stages().getFirst().componentUs("t_pcie_transfer")).isEqualTo(0);
    }

    @Test
    void oneGpuWithMoreWorkIsImbalance() throws IOException {
        firstIs(
                Bound.IMBALANCE,
                explain(t -> t.graph(0, 7, 8_000, 100, 40_000)
                        .graph(1, 7, 8_000, 100, 4_000)
                        .sync(1, 7)
                        .sync(0, 7)));
    }

    /// What the recorder's tracing of graph nodes costs is not held against the engine.
    @Test
    void aHealthyReplayIsNotAccused() throws IOException {
        Explanation e = explain(t -> t.graph(0, 7, 1_500_000, 700, 10_000).sync(0, 7));
        assertThat(e.findings()).allMatch(f -> f.severity() == Finding.Severity.INFO);
        assertThat(e.overall().busy()).isTrue();
    }

    @Test
    void theFirstStepIsLeftOutWhereThereAreOthers() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(3);
        trace.step(
                "decode_0",
                () -> trace.other(80_000_000).graph(0, 7, 8_000, 60, 10_000).sync(0, 7));
        for (int i = 1; i < STEPS; i++) {
            trace.step(
                    "decode_" + i, () -> trace.graph(0, 7, 8_000, 300, 10_000).sync(0, 7));
        }
        Explanation e = explain(trace);
        assertThat(e.stages().getFirst().steps()).isEqualTo(STEPS);
        assertThat(e.stages().getFirst().period().time().n()).isEqualTo(STEPS - 1);
        assertThat(e.stages().getFirst().wall().max()).isLessThan(4_000);
        assertThat(e.overall().busy()).isTrue();
    }

    /// Asynchronous engines issue a step's work while the GPU still runs the one before.
    @Test
    void workIsCountedForTheStepThatIssuedIt() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(4);
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> trace.graph(0, 7, 8_000, 100, 10_000));
            trace.other(5_000);
        }
        Explanation e = explain(trace);
        StageTime stage = e.stages().getFirst();
        assertThat(stage.kernels()).isEqualTo(100);
        assertThat(stage.wall().p50()).isCloseTo(1_000, within(1.0));
        assertThat(stage.gpuBusyRatio().orElseThrow()).isGreaterThan(0.99);
    }

    @Test
    void dispatchIsLaunchTimeEvenWhereOperatorsAreNotRecorded() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(5).withoutOperators();
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> {
                for (int k = 0; k < KERNELS; k++) {
                    trace.kernel(0, 7, 20_000, 2_000);
                }
                trace.sync(0, 7);
            });
        }
        firstIs(Bound.LAUNCH, explain(trace));
    }

    /// Names in traces are hostile: markup stays text, quotes stay inside SQL's strings.
    @Test
    void hostileNamesStayText() throws IOException {
        SyntheticTrace trace =
                new SyntheticTrace(6).named("<img/src=x/onerror=alert(1)>';DROP/**/TABLE/**/kernel;--\\u001b[31m");
        for (int i = 0; i < STEPS; i++) {
            trace.step(
                    "it's <b>step</b> " + i,
                    () -> trace.kernel(0, 7, 20_000, 900_000).sync(0, 7));
        }
        Path session = Files.createTempDirectory(folder, "s");
        TraceImport.Options options = new TraceImport.Options(Optional.of(Pattern.compile("step")), Map.of(), false);
        new TraceImport(options, bytes -> {})
                .into(List.of(trace.write(session.resolve("trace.json"))), session.resolve("session.duckdb"));
        try (Session opened = Session.open(session)) {
            Explanation e = Explainer.explain(opened);
            assertThat(e.stages()).hasSize(1);
            assertThat(e.stages().getFirst().name()).contains("it's");
            String page = HtmlReport.render(SessionReport.of(e, "<script>alert(2)</script>"));
            assertThat(page)
                    .doesNotContain("<img/src=x")
                    .doesNotContain("<script>alert(2)")
                    .doesNotContain("\u001b");
            assertThat(page).contains("&lt;img/src=x");
            new Focus(Optional.of(e.stages().getFirst().name()), OptionalLong.empty(), OptionalLong.empty())
                    .apply(opened);
            Outcome kernels = new AnalysisRunner(opened).run(AnalysisLibrary.find("gpu/kernels"));
            assertThat(((Outcome.Clean) kernels).rows().size()).isEqualTo(1);
        }
    }

    /// Names of steps as engines, profilers and scripts write them; the neck is the same.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "decode_%d | decode",
                "ProfilerStep#%d | ProfilerStep",
                "step_%d | step",
                "engine_step %d | engine_step",
                "iteration %d | iteration",
                "token_%d | token",
                "execute_8_context_0(sq0sk0sqsq0sqsk0)_generation_8(sq8sk10%dsqsq8sqsk10) | decode",
                "execute_context_0(0)_generation_%d(4) | decode",
                "step[DECODE bs=%d] | decode",
                "something else %d | run",
            })
    void stepsAreKnownByTheirNames(String pattern, String stage) throws IOException {
        SyntheticTrace trace = new SyntheticTrace(7);
        for (int i = 1; i <= STEPS; i++) {
            trace.step(
                    pattern.formatted(i),
                    () -> trace.other(3_000_000).graph(0, 7, 8_000, 60, 10_000).sync(0, 7));
        }
        StageTime first = firstIs(Bound.HOST, explain(trace));
        assertThat(first.name()).isEqualTo(stage);
        assertThat(first.period().time().n()).isEqualTo(stage.equals("run") ? 1 : STEPS - 1);
    }

    /// Annotations around parts of the model do not take the place of the step around them.
    @Test
    void aPartOfTheModelIsNoStep() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(8);
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> {
                trace.step("decode_attention", () -> trace.other(400_000).graph(0, 7, 8_000, 30, 10_000));
                trace.step("decode_moe", () -> trace.other(400_000).graph(0, 7, 8_000, 30, 10_000));
                trace.sync(0, 7);
            });
        }
        StageTime stage = firstIs(Bound.HOST, explain(trace));
        assertThat(stage.steps()).isEqualTo(STEPS);
        assertThat(stage.period().time().n()).isEqualTo(STEPS - 1);
        assertThat(stage.kernels()).isEqualTo(60);
    }

    /// Without the waits the host would be ahead of the GPU: what launches cost while the queue fills
    /// again is at stake with the waits, though it is launch time.
    @Test
    void theQueueThatFillsAgainIsTheWaitsFault() throws IOException {
        Explanation e = explain(t -> {
            for (int i = 0; i < 12; i++) {
                for (int k = 0; k < 3; k++) {
                    t.kernel(0, 7, 30_000, 4_000);
                }
                t.kernel(0, 7, 10_000, 120_000).sync(0, 7);
            }
        });
        StageTime stage = firstIs(Bound.SYNC, e);
        Finding first = e.findings().getFirst();
        double total = stage.period().time().mean() * stage.period().time().n() * 1000;
        assertThat(first.share()).isLessThan(0.2);
        assertThat(first.stakeNs() / total).isGreaterThan(0.3);
    }

    /// Where the same launches follow each other without waits, they are at fault themselves.
    @Test
    void slowLaunchesWithoutEffectOfWaitsStayLaunches() throws IOException {
        firstIs(Bound.LAUNCH, explain(t -> {
            for (int i = 0; i < 12; i++) {
                for (int k = 0; k < 4; k++) {
                    t.kernel(0, 7, 30_000, 2_000);
                }
                t.sync(0, 7);
            }
        }));
    }

    /// One finding comes first that can be acted on, once it takes a sixth of the time.
    @Test
    void aFaultComesBeforeABusyGpu() throws IOException {
        firstIs(
                Bound.TRANSFER,
                explain(t -> t.graph(0, 7, 8_000, 76, 10_000)
                        .copy(7, true, 10_000_000, 200_000)
                        .sync(0, 7)));
        Explanation little = explain(t -> t.graph(0, 7, 8_000, 90, 10_000)
                .copy(7, true, 5_000_000, 100_000)
                .sync(0, 7));
        assertThat(little.overall().busy()).isTrue();
        assertThat(little.findings().getFirst().bound().busy()).isTrue();
    }

    /// Time is the host's where it issues late, the GPU's where the host waits for it.
    @Test
    void theSidesOfAStepAddUpToItsWall() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(11);
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> {
                for (int k = 0; k < 10; k++) {
                    trace.kernel(0, 7, 20_000, 2_000);
                }
                trace.kernel(0, 7, 20_000, 500_000).sync(0, 7);
            });
        }
        Path session = Files.createTempDirectory(folder, "s");
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(trace.write(session.resolve("trace.json"))), session.resolve("session.duckdb"));
        try (Session opened = Session.open(session)) {
            Outcome outcome = new AnalysisRunner(opened).run(AnalysisLibrary.find("gpu/sides"));
            var rows = ((Outcome.Clean) outcome).rows();
            assertThat(rows.real(0, "gpu").orElseThrow()).isCloseTo(500_000, within(1.0));
            assertThat(rows.real(0, "beside").orElseThrow()).isCloseTo(20_000, within(1.0));
            double parts = List.of("gpu", "beside", "launch", "sync", "host", "rest").stream()
                    .mapToDouble(c -> rows.real(0, c).orElseThrow())
                    .sum();
            assertThat(parts).isCloseTo(rows.real(0, "wall").orElseThrow(), within(1e-3));
        }
    }

    /// A page stays small enough to be sent by mail, whatever it is made of.
    @Test
    void thePageOfTwoHundredThousandEventsIsSmall() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(9);
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> {
                for (int k = 0; k < 11_200; k++) {
                    trace.kernel(0, 7, 5_000 + k % 7, 3_000 + k % 5);
                }
                trace.sync(0, 7);
            });
        }
        String page = HtmlReport.render(SessionReport.of(explain(trace), "long"));
        assertThat(page.length()).isLessThan(5_000_000);
        assertThat(page).contains("One step, span by span");
    }

    private static StageTime firstIs(Bound bound, Explanation e) {
        assertThat(e.findings().getFirst().bound()).as(e.findings().toString()).isEqualTo(bound);
        assertThat(e.overall()).isEqualTo(bound);
        return e.stages().getFirst();
    }

    @Test
    void theSummarysPartsAreThoseOfTheStageInItsHeadline() throws IOException {
        SyntheticTrace trace = new SyntheticTrace(1);
        for (int i = 0; i < STEPS; i++) {
            trace.step(
                    "prefill_" + i, () -> trace.kernel(0, 7, 20_000, 90_000_000).sync(0, 7));
            trace.step(
                    "decode_" + i, () -> trace.kernel(0, 7, 20_000, 3_000_000).sync(0, 7));
        }
        String summary = TextReport.summary(SessionReport.of(explain(trace), "trace"), TerminalWidth.plain(100));
        assertThat(summary).contains("A decode step takes 3.0");
        assertThat(summary.lines()
                        .filter(line -> line.startsWith("GPU computation"))
                        .findFirst()
                        .orElseThrow())
                .contains("3.00 ms");
    }

    private Explanation explain(Consumer<SyntheticTrace> step) throws IOException {
        SyntheticTrace trace = new SyntheticTrace(1);
        for (int i = 0; i < STEPS; i++) {
            trace.step("decode_" + i, () -> step.accept(trace));
            trace.other(2_000);
        }
        return explain(trace);
    }

    private Explanation explain(SyntheticTrace trace) throws IOException {
        Path session = Files.createTempDirectory(folder, "s");
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(trace.write(session.resolve("trace.json"))), session.resolve("session.duckdb"));
        try (Session opened = Session.open(session)) {
            return Explainer.explain(opened);
        }
    }
}
