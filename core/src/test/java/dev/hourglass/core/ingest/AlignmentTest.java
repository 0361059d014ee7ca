package dev.hourglass.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.SourceClock.Method;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/// Imports several recordings of one planted run and looks where they lie.
final class AlignmentTest {
    private static final long BASE = 1_795_303_224_000_000_000L;
    private static final long STEPS = 30;

    @TempDir
    Path directory;

    /// When each step began, from the start of the run.
    private static long[] steps(long seed) {
        Random random = new Random(seed);
        long[] starts = new long[(int) STEPS];
        long ts = 2_000_000;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = ts;
            ts += 9_000_000 + random.nextInt(3_000_000);
        }
        return starts;
    }

    /// A trace with one annotation a step and one kernel in it.
    ///
    /// @param base as the trace states it; empty for none
    private Path kineto(String name, Optional<Long> base, long[] starts, long offset, String annotation, int kernels)
            throws IOException {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < starts.length; i++) {
            events.add(event("user_annotation", annotation, starts[i] + offset, 7_000_000, 10, ""));
            for (int k = 0; k < kernels; k++) {
                events.add(event(
                        "kernel",
                        "gemm" + (i + k) % 5,
                        starts[i] + offset + 1000 + k,
                        400,
                        7,
                        ",\"args\":{\"device\":0,\"stream\":7,\"correlation\":" + (100 + i) + "}"));
            }
        }
        String head = base.map(ns -> "\"baseTimeNanoseconds\":" + ns + ",").orElse("");
        return Files.writeString(
                directory.resolve(name),
                "{\"schemaVersion\":1,\"deviceProperties\":[]," + head + "\"traceEvents\":[" + String.join(",", events)
                        + "]}");
    }

    private static String event(String category, String name, long ts, long dur, int tid, String more) {
        return String.format(
                Locale.ROOT,
                "{\"ph\":\"X\",\"cat\":\"%s\",\"name\":\"%s\",\"pid\":1,\"tid\":%d,\"ts\":%d.%03d,\"dur\":%d.%03d%s}",
                category,
                name,
                tid,
                ts / 1000,
                ts % 1000,
                dur / 1000,
                dur % 1000,
                more);
    }

    /// An export with one range a step, whose start is not stated.
    private Path nsys(String name, long[] starts, long offset, String range, Optional<Long> start) throws SQLException {
        Path file = directory.resolve(name);
        StringBuilder sql = new StringBuilder("""
                CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
                CREATE TABLE META_DATA_EXPORT (name TEXT, value TEXT);
                CREATE TABLE NVTX_EVENTS (start INTEGER NOT NULL, end INTEGER, eventType INTEGER NOT NULL, text TEXT, globalTid INTEGER, textId INTEGER);
                CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER NOT NULL, end INTEGER NOT NULL, globalTid INTEGER, correlationId INTEGER, nameId INTEGER NOT NULL);
                CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER NOT NULL);
                INSERT INTO StringIds VALUES (1, 'cudaLaunchKernel'), (2, 'gemm');
                INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_SCHEMA_VERSION', '3.13.2');
                """);
        start.ifPresent(ns -> sql.append("CREATE TABLE TARGET_INFO_SESSION_START_TIME (utcEpochNs INTEGER);")
                .append("INSERT INTO TARGET_INFO_SESSION_START_TIME VALUES (" + ns + ");"));
        for (int i = 0; i < starts.length; i++) {
            long ts = starts[i] + offset;
            sql.append("INSERT INTO NVTX_EVENTS VALUES (" + ts + "," + (ts + 7_000_000) + ",59,'" + range
                    + "',16777217,NULL);");
            sql.append("INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (" + (ts + 10) + "," + (ts + 20) + ",16777217,"
                    + (i + 1) + ",1);");
            sql.append("INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (" + (ts + 500) + "," + (ts + 700) + ",0,1,7,"
                    + (i + 1) + ",16777216,2);");
        }
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql.toString());
        }
        return file;
    }

    private record Result(TraceImport.Summary summary, Path session) {
        TraceImport.ReadSource source(int number) {
            return summary.sources().get(number);
        }

        List<String> rows(String sql) {
            try (Session opened = Session.open(session)) {
                Rows rows = opened.query(sql);
                return rows.rows().stream().map(String::valueOf).toList();
            }
        }
    }

    private Result read(Map<String, Long> offsets, Path... inputs) throws IOException {
        Path session = Files.createTempDirectory(directory, "session");
        return new Result(
                new TraceImport(new TraceImport.Options(Optional.empty(), offsets, false), bytes -> {})
                        .into(List.of(inputs), new SessionLayout(session).database()),
                session);
    }

    /// Every moment of the export moves: ranges, calls, kernels, first and last work of a call, stages.
    @Test
    void anExportWithoutABaseJoinsATraceByTheirAnnotations() throws Exception {
        long[] starts = steps(1);
        Result result = read(
                Map.of(),
                nsys("run.sqlite", starts, 77_000, "decode", Optional.empty()),
                kineto("run.json", Optional.of(BASE), starts, 0, "decode", 1));

        assertThat(result.source(0).clock().method()).isEqualTo(Method.ANNOTATION);
        assertThat(result.source(0).clock().offsetNs()).isEqualTo(BASE - 77_000);
        assertThat(result.source(0).clock().residualNs()).hasValue(0);
        assertThat(result.source(0).alignment()).isEqualTo("30 of 30 annotations shared with run.json agree");
        assertThat(result.source(1).clock().method()).isEqualTo(Method.BASE_TIME);
        long first = BASE + starts[0];
        assertThat(result.rows("SELECT min(s.ts) FROM slice s JOIN track t ON t.id = s.track_id WHERE t.source_id = 1"))
                .containsExactly("[" + first + "]");
        assertThat(result.rows("SELECT min(ts), min(first_ts), min(last_end_ts) FROM launch WHERE source_id = 1"))
                .containsExactly("[" + (first + 10) + ", " + (first + 500) + ", " + (first + 700) + "]");
        assertThat(result.rows("SELECT min(ts) FROM kernel WHERE source_id = 1"))
                .containsExactly("[" + (first + 500) + "]");
        assertThat(result.rows("SELECT source_id, min(ts) FROM stage GROUP BY ALL ORDER BY ALL"))
                .containsExactly("[1, " + first + "]", "[2, " + first + "]");
        assertThat(result.rows("SELECT align_method, offset_ns, residual_ns FROM source WHERE id = 1"))
                .containsExactly("[annotation, " + (BASE - 77_000) + ", 0]");
        assertThat(result.rows("SELECT value FROM metadata WHERE name = 'source.1.alignment'"))
                .containsExactly("[30 of 30 annotations shared with run.json agree]");
        assertThat(result.summary().spanNs().orElseThrow()).isLessThan(1_000_000_000L);
    }

    /// The start that an export states is as exact as the tool's look at the clock.
    @Test
    void anExportWithAVagueBaseIsMadeExact() throws Exception {
        long[] starts = steps(2);
        Result result = read(
                Map.of(),
                nsys("run.sqlite", starts, 0, "decode", Optional.of(BASE + 3_000_000)),
                kineto("run.json", Optional.of(BASE), starts, 0, "decode", 1));

        assertThat(result.source(0).clock().method()).isEqualTo(Method.ANNOTATION);
        assertThat(result.source(0).clock().offsetNs()).isEqualTo(BASE);
    }

    /// Two runs an hour apart may look alike; their bases say that they are two.
    @Test
    void aBaseThatContradictsTheAnnotationsStays() throws Exception {
        long[] starts = steps(2);
        Result result = read(
                Map.of(),
                nsys("run.sqlite", starts, 0, "decode", Optional.of(BASE + 3_600_000_000_000L)),
                kineto("run.json", Optional.of(BASE), starts, 0, "decode", 1));

        assertThat(result.source(0).clock().method()).isEqualTo(Method.BASE_TIME);
        assertThat(result.source(0).clock().offsetNs()).isEqualTo(BASE + 3_600_000_000_000L);
    }

    @Test
    void ranksWithoutABaseJoinTheFirst() throws IOException {
        long[] starts = steps(3);
        Result result = read(
                Map.of(),
                kineto("rank0.json", Optional.empty(), starts, 5_000, "decode", 0),
                kineto("rank1.json", Optional.empty(), starts, 123_456_789, "decode", 0),
                kineto("other.json", Optional.empty(), steps(99), 0, "decode", 0));

        assertThat(result.summary().sources())
                .extracting(source -> source.clock().method())
                .containsExactly(Method.UNALIGNED, Method.ANNOTATION, Method.UNALIGNED);
        assertThat(result.rows("SELECT source_id, min(s.ts) FROM slice s JOIN track t ON t.id = s.track_id"
                        + " WHERE source_id < 3 GROUP BY ALL ORDER BY ALL"))
                .containsExactly("[1, " + (starts[0] + 5_000) + "]", "[2, " + (starts[0] + 5_000) + "]");
        assertThat(result.rows("SELECT source.name FROM import_stat JOIN source ON ends_with(source, source.name)"
                        + " WHERE kind = 'unaligned' ORDER BY ALL"))
                .containsExactly("[other.json]", "[rank0.json]");
        assertThat(result.source(2).alignment()).contains("to within 1 ms");
    }

    @Test
    void theSameDeviceWorkInTwoFilesTellsMoreThanAnnotations() throws IOException {
        long[] starts = steps(4);
        Result result = read(
                Map.of(),
                kineto("a.json", Optional.of(BASE), starts, 0, "decode", 3),
                kineto("b.json", Optional.empty(), starts, 44_000, "something else", 3));

        assertThat(result.source(1).clock().method()).isEqualTo(Method.CORRELATION);
        assertThat(result.source(1).clock().offsetNs()).isEqualTo(BASE - 44_000);
        assertThat(result.source(1).alignment()).isEqualTo("90 of 90 kernels shared with a.json agree");
    }

    /// Another run has the same numbers and names, and times of its own.
    @Test
    void theSameNumbersInAnotherRunTellNothing() throws IOException {
        Result result = read(
                Map.of(),
                kineto("a.json", Optional.of(BASE), steps(5), 0, "decode", 3),
                kineto("b.json", Optional.empty(), steps(6), 44_000, "decode", 3));

        assertThat(result.source(1).clock().method()).isEqualTo(Method.UNALIGNED);
        assertThat(result.source(1).clock().offsetNs()).isZero();
    }

    @Test
    void aDeclaredOffsetIsNotQuestioned() throws IOException {
        long[] starts = steps(7);
        Result result = read(
                Map.of("b.json", 5L),
                kineto("a.json", Optional.of(BASE), starts, 0, "decode", 3),
                kineto("b.json", Optional.empty(), starts, 0, "decode", 3));

        assertThat(result.source(1).clock().method()).isEqualTo(Method.DECLARED);
        assertThat(result.source(1).clock().offsetNs()).isEqualTo(5);
    }

    @Test
    void whatIsAddedLaterJoinsWhatIsThere() throws IOException {
        long[] starts = steps(8);
        Result first = read(Map.of(), kineto("a.json", Optional.of(BASE), starts, 0, "decode", 0));

        TraceImport.Summary added = new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .addTo(
                        List.of(kineto("b.json", Optional.empty(), starts, 9_000, "decode", 0)),
                        new SessionLayout(first.session()),
                        () -> {},
                        summary -> {});

        assertThat(added.sources().getFirst().clock().method()).isEqualTo(Method.ANNOTATION);
        assertThat(first.rows("SELECT source_id, min(s.ts) FROM slice s JOIN track t ON t.id = s.track_id GROUP BY ALL"
                        + " ORDER BY ALL"))
                .containsExactly("[1, " + (BASE + starts[0]) + "]", "[2, " + (BASE + starts[0]) + "]");
    }
}
