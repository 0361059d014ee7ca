package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.export.ExportFormat;
import dev.hourglass.core.export.Exporter;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.trace.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A decode run on the timeline: the same steps and pieces, and the same answers as those of an imported trace of it.
final class TimelineTest {
    @TempDir
    private static Path directory;

    private static Session run;
    private static Session imported;

    @BeforeAll
    static void recordAndImport() throws IOException {
        Path recorded = Files.createDirectory(directory.resolve("run"));
        PlantedRun.moe(recorded).close();
        Path trace = directory.resolve("run.json");
        Exporter.export(recorded, ExportFormat.PERFETTO_JSON, trace);
        Path session = Files.createDirectory(directory.resolve("imported"));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(trace), session.resolve("session.duckdb"));
        run = Session.open(recorded);
        imported = Session.open(session);
    }

    @AfterAll
    static void close() {
        run.close();
        imported.close();
    }

    @Test
    void everyStepAndPieceIsASlice() {
        assertThat(lines(run, "SELECT category, name, depth, count(*) FROM slice GROUP BY ALL ORDER BY ALL"))
                .containsExactly(
                        "[cpu_op, attn_out, 1, 8]",
                        "[cpu_op, ffn_moe_down, 1, 8]",
                        "[cpu_op, ffn_moe_logits, 1, 8]",
                        "[user_annotation, decode, 0, 4]",
                        "[user_annotation, untimed step, 0, 4]");
        assertThat(lines(
                        run,
                        "SELECT count(*) FROM op o JOIN slice s ON s.id = o.slice_id AND s.ts = o.ts AND s.dur = o.dur"
                                + " AND s.name = o.name JOIN slice p ON p.id = s.parent_id AND p.name = 'decode'"
                                + " JOIN token t ON t.token = o.token AND t.ts = p.ts AND t.dur = p.dur"))
                .containsExactly("[24]");
        assertThat(lines(run, "SELECT count(*), count(DISTINCT id) FROM slice")).containsExactly("[32, 32]");
    }

    @Test
    void profiledStepsAreDecodeSteps() {
        assertThat(lines(run, "SELECT stage, end_ts - ts, tokens FROM host_step WHERE stage = 'decode' ORDER BY ts"))
                .containsExactly(
                        "[decode, 1000000, 1]", "[decode, 1010000, 1]", "[decode, 1020000, 1]", "[decode, 1030000, 1]");
    }

    @Test
    void anImportedTraceOfTheRunHasTheSameTimeline() {
        for (String sql : List.of(
                "SELECT dur, category, name, depth FROM slice ORDER BY ts, depth",
                "SELECT dur, name, kind, depth FROM stage WHERE kind = 'decode' ORDER BY ts",
                "SELECT stage, end_ts - ts FROM host_step WHERE stage = 'decode' ORDER BY ts",
                "SELECT part, end_ts - ts FROM host_span ORDER BY part, ts")) {
            assertThat(lines(imported, sql)).as(sql).isEqualTo(lines(run, sql)).isNotEmpty();
        }
    }

    @Test
    void anImportedTraceOfTheRunHasTheSameLatency() {
        StageTime own = Explainer.explain(run).tokenStage().orElseThrow();
        StageTime read = Explainer.explain(imported).tokenStage().orElseThrow();
        assertThat(own.name()).isEqualTo("decode").isEqualTo(read.name());
        // The first step of an imported recording does not count: 1010, 1020, 1030 µs.
        assertThat(own.period().time().mean()).isEqualTo(1015.0, within(1e-9));
        assertThat(read.wall().mean()).isEqualTo(1020.0, within(1e-9));
        // 2 layers of 450 µs inside pieces, which are operators.
        assertThat(read.componentUs("t_cpu_computation")).isEqualTo(900.0, within(1e-9));
        assertThat(own.componentsUs().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .isEqualTo(1015.0, within(1e-6));
    }

    @Test
    void partsOfEachJudgedStepAddUpToIt() {
        for (Session session : List.of(run, imported)) {
            Rows rows = session.query("SELECT j.dur, sum(p.dur) AS parts FROM judged_step j JOIN step_part p ON"
                    + " p.stage = j.stage AND p.step = j.step GROUP BY j.stage, j.step, j.dur");
            assertThat(rows.size()).isGreaterThanOrEqualTo(3);
            IntStream.range(0, rows.size())
                    .forEach(r -> assertThat(rows.real(r, "parts").orElseThrow())
                            .isEqualTo(rows.real(r, "dur").orElseThrow(), within(1e-6)));
        }
    }

    @Test
    void aStageLastsAsLongAsItsSteps() {
        assertThat(lines(run, "SELECT stage, dur FROM stage_span ORDER BY stage"))
                .containsExactly("[decode, 4060000.0]", "[untimed step, " + untimed() + "]");
    }

    /// Each 1 % less than its neighbour, the first of the recording among them.
    private static double untimed() {
        return IntStream.range(0, 4)
                .mapToLong(token -> Math.round((1_000_000 + 10_000 * token) / 1.01))
                .sum();
    }

    @Test
    void whatRanIsCountedPerStep() {
        assertThat(lines(run, "SELECT name, calls, dur FROM stage_call WHERE stage = 'decode' ORDER BY name"))
                .containsExactly(
                        "[attn_out, 2.0, 200000.0]",
                        "[ffn_moe_down, 2.0, 600000.0]",
                        "[ffn_moe_logits, 2.0, 100000.0]");
    }

    @Test
    void runsAreComparedByTheSameViews() {
        RunSamples own = RunSamples.of(run, "run");
        assertThat(own.stage()).isEqualTo("decode");
        assertThat(own.tTokenUs()).containsExactly(1000.0, 1010.0, 1020.0, 1030.0);
        assertThat(own.componentsUs().get("t_cpu_computation")).containsExactly(600.0, 600.0, 600.0, 600.0);
        assertThat(own.kernels().get("ffn_moe_down")).isEqualTo(new RunSamples.KernelUse(2, 600));
        RunSamples read = RunSamples.of(imported, "imported");
        assertThat(read.wallUs()).containsExactly(1010.0, 1020.0, 1030.0);
        // The untimed step before each is a step of its own: nothing lies between the two.
        assertThat(read.tTokenUs()).containsExactly(1010.0, 1020.0, 1030.0);
        assertThat(read.componentsUs().get("t_scheduling")).containsExactly(110.0, 120.0, 130.0);
    }

    @Test
    void componentsAreThoseOfTheVocabulary() {
        assertThat(lines(run, "SELECT name, label, exclusive FROM component_def"))
                .containsExactlyElementsOf(Arrays.stream(Component.values())
                        .map(c -> List.of(c.key(), c.label(), c.exclusive()).toString())
                        .toList());
    }

    private static List<String> lines(Session session, String sql) {
        return session.query(sql).rows().stream().map(Object::toString).toList();
    }
}
