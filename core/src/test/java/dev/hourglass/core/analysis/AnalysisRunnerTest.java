package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.unit.Unit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// From the text of an analysis to what it finds; and where a focus lets it look.
final class AnalysisRunnerTest {
    private static final String HEAD = """
            -- What is it?
            -- @needs    step_time ,launch
            -- @param    limit   1.5e-1     from which it is told
            -- @param    limit_2 2500       another
            -- @column   stage              which stage
            -- @column   device             which GPU
            -- @column   share [ratio]      of the time
            -- @column   bytes [B]          how much
            -- @column   bound              what limits it
            -- @column   gap [ns]           NULL for none
            -- @finding  {stage} takes {share} and {bytes}, {gap}, from {limit} and {limit_2} on; {other}
            -- @remedy   Do this at {limit}.
            -- @remedy_if memory  Do that with {bytes}.
            -- @gain     all of {share}
            """;
    private static final String VALUES = """
            SELECT * FROM (VALUES
              ('s', 3, 0.25, 1500000.0, 'memory', NULL, 0.5, 0.125, 'warning'),
              ('s', 1, 0.50, 2.0, 'launch', 12, 0.25, NULL, 'info'),
              ('s', 0, 0.75, 2.0, 'launch', 12, 0.25, NULL, NULL),
              ('t', NULL, 0.1, 2.0, 'no such bound', 12, NULL, 1.0, 'critical'))
              rows (stage, device, share, bytes, bound, gap, stake, gain, severity)
            WHERE $limit < 1 AND $limit_2 = 2500
            """;

    @TempDir
    private static Path folder;

    private static Session session;

    /// Stage s: 2 steps of GPU 0 and one of GPU 1, 700 and 3000 ns; spans at 0, 1000, 5000 of a recording from
    /// 1000 on.
    @BeforeAll
    static void record() {
        try (TraceStore store = TraceStore.create(folder.resolve("session.duckdb"), BlockSize.SMALL)) {
            Views.create(store);
            store.execute("""
                    INSERT INTO step_time (step, device, source_id, stage, belongs, judged, ts, end_ts, wall) VALUES
                      (1, 0, 1, 's', 's', true, 1000, 1300, 300), (2, 0, 1, 's', 's', true, 2000, 2400, 400),
                      (1, 1, 1, 's', 's', true, 1000, 4000, 3000), (3, 0, 1, 'it''s', 'it''s', true, 6000, 6100, 100);
                    INSERT INTO step_period (step, device, source_id, stage, told, judged, usual, ts, end_ts, period, wall)
                      SELECT step, device, source_id, stage, 'next', true, true, ts, end_ts, wall, wall FROM step_time;
                    INSERT INTO gpu_gap (step, device, source_id, ts, end_ts) VALUES (1, 0, 1, 1100, 1200), (2, 0, 1, 2100, 2200), (3, 0, 1, 6000, 6050);
                    INSERT INTO gpu_step (step, device, source_id, ts, end_ts) VALUES (1, 0, 1, 1000, 1300), (2, 0, 1, 2000, 2400), (3, 0, 1, 6000, 6100);
                    INSERT INTO step_op (id, step) VALUES (11, 1), (12, 2), (13, 3);
                    INSERT INTO device_op (id, ts, end_ts) VALUES (11, 1100, 1200), (12, 2100, 2200), (13, 6010, 6020), (14, 9000, 9001);
                    INSERT INTO slice (id, ts, dur) VALUES (1, 1000, 10);
                    INSERT INTO launch (id, ts, dur) VALUES (21, 1000, 5), (22, 1999, 5), (23, 2000, 5), (24, 6000, 5);
                    """);
        }
        session = Session.open(folder);
    }

    @AfterAll
    static void close() {
        session.close();
    }

    @Test
    void readsTheHead() {
        Analysis analysis = AnalysisParser.parse("x/y", HEAD + VALUES);
        assertThat(analysis.question()).isEqualTo("What is it?");
        assertThat(analysis.id()).isEqualTo("x/y");
        assertThat(analysis.needs()).containsExactly("step_time", "launch");
        assertThat(analysis.params())
                .containsExactly(
                        new Analysis.Param("limit", 0.15, "from which it is told"),
                        new Analysis.Param("limit_2", 2500, "another"));
        assertThat(analysis.columns())
                .contains(
                        new Analysis.ColumnDoc("stage", Unit.NONE, "which stage"),
                        new Analysis.ColumnDoc("share", Unit.RATIO, "of the time"),
                        new Analysis.ColumnDoc("bytes", Unit.BYTES, "how much"),
                        new Analysis.ColumnDoc("gap", Unit.NANOSECONDS, "NULL for none"));
        assertThat(analysis.remedies()).isEqualTo(Map.of("memory", "Do that with {bytes}."));
        assertThat(analysis.bound()).isEmpty();
        assertThat(AnalysisParser.parse("x/y", "-- Q?\n-- @bound launch\nSELECT 1")
                        .bound())
                .contains("launch");
        assertThat(AnalysisParser.parse("x/y", "-- Q?\nSELECT 1").remedy("memory"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SELECT 1",
                "-- Q?\n-- @nothing x",
                "-- Q?\n-- @param limit",
                "-- Q?\n-- @param limit x doc",
                "-- Q?\n-- @column only_name",
                "-- Q?\n-- @column a [stone] weight",
                "-- Q?\n-- @bound nowhere",
                "-- Q?\n-- @remedy_if alone",
                "-- Q?\n-- @remedy_if a one\n-- @remedy_if a two"
            })
    void refusesAnotherForm(String sql) {
        assertThatThrownBy(() -> AnalysisParser.parse("x/y", sql))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("analysis x/y: ");
    }

    @Test
    void findsWhatHasASeverity() {
        Outcome outcome = new AnalysisRunner(session).run(AnalysisParser.parse("x/y", HEAD + VALUES));
        List<Finding> findings = ((Outcome.Findings) outcome).findings();
        assertThat(findings).hasSize(3);
        Finding first = findings.getFirst();
        assertThat(first.severity()).isEqualTo(Finding.Severity.WARNING);
        assertThat(first.id()).isEqualTo("x/y");
        assertThat(first.title())
                .isEqualTo("s takes 25.0 % and 1.50 MB, an unknown gap, from 0.150 and 2500 on; {other}");
        assertThat(first.remedy()).isEqualTo("Do that with 1.50 MB.");
        assertThat(first.gainMethod()).isEqualTo("all of 25.0 %");
        assertThat(first.gain()).hasValue(0.125);
        assertThat(first.bound()).isEqualTo(Bound.MEMORY);
        assertThat(first.stage()).isEqualTo("s");
        assertThat(first.device()).isEqualTo(3);
        assertThat(first.share()).isEqualTo(0.25);
        assertThat(first.timeNs()).isEqualTo(750);
        assertThat(first.stakeNs()).isEqualTo(1500);
        assertThat(first.evidenceSql()).startsWith("SELECT * FROM").contains("WHERE 0.15 < 1 AND 2500 = 2500");
    }

    @Test
    void takesWhatARowLacksForUnknown() {
        List<Finding> findings = ((Outcome.Findings)
                        new AnalysisRunner(session).run(AnalysisParser.parse("x/y", HEAD + VALUES)))
                .findings();
        assertThat(findings.get(1).remedy()).isEqualTo("Do this at 0.150.");
        assertThat(findings.get(1).title()).contains(", 12.0 ns, ");
        assertThat(findings.get(1).gain()).isEmpty();
        Finding last = findings.get(2);
        assertThat(last.severity()).isEqualTo(Finding.Severity.CRITICAL);
        assertThat(last.bound()).isEqualTo(Bound.NONE);
        assertThat(last.device()).isEqualTo(-1);
        assertThat(last.timeNs()).isZero();
        assertThat(last.gain()).hasValue(1);
    }

    /// Without columns for them: the bound of the head, the stake of the share, the remedy of the advice.
    @Test
    void takesWhatTheHeadSays() {
        String sql = """
                -- Q?
                -- @column   share [ratio]  of the time
                -- @bound    host
                -- @finding  it is {share}
                -- @remedy   Nothing.
                -- @remedy_if high  Much.
                SELECT 's' AS stage, 0.5 AS share, 'high' AS advice, 'memory' AS other, 'info' AS severity
                """;
        Finding finding = ((Outcome.Findings) new AnalysisRunner(session).run(AnalysisParser.parse("a/b", sql)))
                .findings()
                .getFirst();
        assertThat(finding.bound()).isEqualTo(Bound.HOST);
        assertThat(finding.remedy()).isEqualTo("Much.");
        assertThat(finding.timeNs()).isEqualTo(1500);
        assertThat(finding.stakeNs()).isEqualTo(1500);
        assertThat(finding.device()).isEqualTo(-1);
        assertThat(finding.gain()).isEmpty();
        assertThat(finding.gainMethod()).isEmpty();
    }

    @Test
    void isCleanWithoutFindings() {
        AnalysisRunner runner = new AnalysisRunner(session);
        assertThat(runner.run(AnalysisParser.parse("a/b", "-- Q?\n-- @finding x\nSELECT 1 AS one")))
                .isInstanceOf(Outcome.Clean.class);
        assertThat(runner.run(AnalysisParser.parse("a/b", "-- Q?\nSELECT 'info' AS severity")))
                .isInstanceOf(Outcome.Clean.class);
        assertThat(runner.run(AnalysisParser.parse("a/b", "-- Q?\nSELECT 1 WHERE false"))
                        .answered())
                .isEmpty();
        assertThat(runner.run(AnalysisParser.parse("a/b", "-- Q?\nSELECT 1")).answered())
                .isPresent();
    }

    @Test
    void saysWhatIsMissing() {
        Outcome outcome = new AnalysisRunner(session)
                .run(AnalysisParser.parse("a/b", "-- Q?\n-- @needs step_time, kernel, token\nSELECT 1"));
        assertThat(outcome.answered()).isEmpty();
        assertThat(((Outcome.NotApplicable) outcome).missing()).containsExactly("kernel", "token");
        assertThat(((Outcome.NotApplicable) outcome).howToRecord())
                .isEqualTo(
                        "record GPU activity: torch.profiler with ProfilerActivity.CUDA, or nsys profile -t cuda,nvtx;"
                                + " record a decode run on this machine: hourglass profile");
        assertThatThrownBy(() -> new AnalysisRunner(session).run(AnalysisParser.parse("a/b", "-- Q?\nSELECT nothing")))
                .isInstanceOf(QueryException.class)
                .hasMessageStartingWith("analysis a/b: ");
    }

    /// On a copy: a database that is open has its settings already.
    private List<Object> seen(Focus focus, String query) {
        Path copy = folder.resolve("copy");
        try {
            Files.createDirectories(copy);
            Files.copy(
                    folder.resolve("session.duckdb"),
                    copy.resolve("session.duckdb"),
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (Session own = Session.open(copy)) {
            focus.apply(own);
            return own.query(query).rows().stream()
                    .map(row -> (Object) String.valueOf(row.getFirst()))
                    .toList();
        }
    }

    @Test
    void aFocusOnAStageShowsItsStepsAlone() {
        Focus focus = new Focus(Optional.of("it's"), OptionalLong.empty(), OptionalLong.empty());
        assertThat(seen(focus, "SELECT step FROM step_time")).containsExactly("3");
        assertThat(seen(focus, "SELECT step FROM gpu_gap")).containsExactly("3");
        assertThat(seen(focus, "SELECT step FROM gpu_step")).containsExactly("3");
        assertThat(seen(focus, "SELECT id FROM step_op")).containsExactly("13");
        assertThat(seen(focus, "SELECT id FROM device_op")).containsExactly("13");
        assertThat(seen(focus, "SELECT id FROM launch ORDER BY id")).hasSize(4);
    }

    /// From 300 ns on: a step that ends there is still seen; up to 1000 ns: one that begins there is not.
    @Test
    void aFocusOnATimeShowsWhatLiesInIt() {
        Focus from = new Focus(Optional.empty(), OptionalLong.of(301), OptionalLong.empty());
        assertThat(seen(from, "SELECT step || ' ' || device FROM step_time ORDER BY 1"))
                .containsExactly("1 1", "2 0", "3 0");
        Focus just = new Focus(Optional.empty(), OptionalLong.of(300), OptionalLong.empty());
        assertThat(seen(just, "SELECT count(*) FROM step_time")).containsExactly("4");
        Focus to = new Focus(Optional.empty(), OptionalLong.empty(), OptionalLong.of(1000));
        assertThat(seen(to, "SELECT step FROM gpu_step")).containsExactly("1");
        assertThat(seen(to, "SELECT id FROM launch ORDER BY id")).containsExactly("21", "22");
        assertThat(seen(to, "SELECT id FROM device_op")).containsExactly("11");
        assertThat(seen(to, "SELECT id FROM step_op ORDER BY id")).containsExactly("11");
        Focus gaps = new Focus(Optional.empty(), OptionalLong.of(1100), OptionalLong.of(5000));
        assertThat(seen(gaps, "SELECT step FROM gpu_gap")).containsExactly("2");
        assertThat(seen(gaps, "SELECT id FROM device_op")).containsExactly("12");
    }

    @Test
    void aFocusOnEverythingHidesNothing() {
        assertThat(seen(Focus.ALL, "SELECT count(*) FROM device_op")).containsExactly("4");
        Focus both = new Focus(Optional.of("s"), OptionalLong.of(900), OptionalLong.empty());
        assertThat(seen(both, "SELECT step || ' ' || device FROM step_time ORDER BY 1"))
                .containsExactly("1 1", "2 0");
    }
}
