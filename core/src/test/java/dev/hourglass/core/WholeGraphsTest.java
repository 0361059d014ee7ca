package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.analysis.Bound;
import dev.hourglass.core.analysis.Explainer;
import dev.hourglass.core.analysis.Explanation;
import dev.hourglass.core.analysis.StageTime;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Exports of Nsight Systems at its own default: graph launches recorded as wholes, without kernels, in
/// NVTX ranges.
final class WholeGraphsTest {
    private static final long THREAD = (77L << 24) | 77;
    private static final String SCHEMA = """
            CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
            CREATE TABLE META_DATA_EXPORT (name TEXT, value TEXT);
            CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, end INTEGER, eventClass INTEGER, globalTid INTEGER, correlationId INTEGER, nameId INTEGER, returnValue INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE (start INTEGER, end INTEGER, deviceId INTEGER, contextId INTEGER, streamId INTEGER, correlationId INTEGER, globalPid INTEGER, graphId INTEGER, graphExecId INTEGER);
            CREATE TABLE NVTX_EVENTS (start INTEGER, end INTEGER, eventType INTEGER, text TEXT, globalTid INTEGER, domainId INTEGER);
            INSERT INTO StringIds VALUES (1, 'cudaGraphLaunch_v10000'), (2, 'cudaStreamSynchronize_v3020');
            INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_SCHEMA_VERSION', '3.13.2');
            """;

    @TempDir
    private Path folder;

    @Test
    void theHostBetweenReplaysIsTheNeck() throws Exception {
        StageTime stage = explain(3_000_000, 600_000, Bound.HOST);
        assertThat(stage.componentUs("t_gpu_computation")).isCloseTo(600, within(1e-6));
        assertThat(stage.componentUs("t_scheduling")).isCloseTo(3_000, within(5.0));
    }

    @Test
    void aBusyGpuIsBusyAndMoreCannotBeTold() throws Exception {
        StageTime stage = explain(50_000, 4_000_000, Bound.DEVICE);
        assertThat(stage.gpuBusyRatio().orElseThrow()).isGreaterThan(0.95);
    }

    private StageTime explain(long host, long graph, Bound bound) throws Exception {
        Path session = Files.createTempDirectory(folder, "s");
        Path file = session.resolve("run.sqlite");
        StringBuilder rows = new StringBuilder(SCHEMA);
        long now = 1_000_000;
        for (int i = 0; i < 6; i++) {
            long launch = now + host;
            long begin = launch + 6_000;
            long end = begin + graph;
            rows.append(String.format(Locale.ROOT, """
                    INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (%2$d, %2$d + 8000, 0, %1$d, %6$d, 1, 0), (%2$d + 9000, %5$d, 0, %1$d, %6$d + 1, 2, 0);
                    INSERT INTO CUPTI_ACTIVITY_KIND_GRAPH_TRACE VALUES (%3$d, %4$d, 0, 1, 7, %6$d, 77 << 24, 1, 1);
                    INSERT INTO NVTX_EVENTS VALUES (%7$d, %5$d, 59, 'decode_%8$d', %1$d, 0);
                    """, THREAD, launch, begin, end, end + 3_000, 10 + 2 * i, now, i));
            now = end + 4_000;
        }
        try (Connection connection = new org.sqlite.JDBC().connect("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(rows.toString());
        }
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(file), session.resolve("session.duckdb"));
        try (Session opened = Session.open(session)) {
            Explanation e = Explainer.explain(opened);
            assertThat(e.overall()).isEqualTo(bound);
            assertThat(e.findings().getFirst().bound())
                    .as(e.findings().toString())
                    .isEqualTo(bound);
            StageTime stage = e.stages().getFirst();
            assertThat(stage.period().time().n()).isEqualTo(5);
            assertThat(opened.query("SELECT busy_ns, gaps FROM device_idle").rows())
                    .containsExactly(List.of(6 * graph, 5L));
            assertThat(opened.query("SELECT dur FROM device_gap").rows()).hasSize(5);
            return stage;
        }
    }
}
