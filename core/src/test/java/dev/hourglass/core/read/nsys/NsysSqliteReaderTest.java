package dev.hourglass.core.read.nsys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.read.Readers;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/// Small exports built with the tables and columns of schema 3.13 and, for the old one, 2.9.
final class NsysSqliteReaderTest {
    /// Process 77, main thread 77 and thread 78.
    private static final long PID = 1L << 56 | 77L << 24;

    private static final long MAIN = PID | 77;
    private static final long OTHER = PID | 78;

    private static final String SCHEMA = """
            CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
            CREATE TABLE META_DATA_EXPORT (name TEXT, value TEXT);
            CREATE TABLE TARGET_INFO_SESSION_START_TIME (utcEpochNs INTEGER, utcTime TEXT, localTime TEXT);
            CREATE TABLE PROCESSES (globalPid INTEGER, pid INTEGER, name TEXT);
            CREATE TABLE ThreadNames (nameId INTEGER NOT NULL, priority INTEGER, globalTid INTEGER);
            CREATE TABLE TARGET_INFO_GPU (vmId INTEGER, id INTEGER, name TEXT, smCount INTEGER, pwGpuId INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER NOT NULL, end INTEGER NOT NULL, eventClass INTEGER NOT NULL, globalTid INTEGER, correlationId INTEGER, nameId INTEGER NOT NULL, returnValue INTEGER NOT NULL, callchainId INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, greenContextId INTEGER, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER NOT NULL, shortName INTEGER NOT NULL, registersPerThread INTEGER NOT NULL, gridX INTEGER NOT NULL, gridY INTEGER NOT NULL, gridZ INTEGER NOT NULL, blockX INTEGER NOT NULL, blockY INTEGER NOT NULL, blockZ INTEGER NOT NULL, staticSharedMemory INTEGER NOT NULL, dynamicSharedMemory INTEGER NOT NULL, graphNodeId INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, bytes INTEGER NOT NULL, copyKind INTEGER NOT NULL, srcKind INTEGER, dstKind INTEGER, srcDeviceId INTEGER, dstDeviceId INTEGER, graphNodeId INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_MEMSET (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, value INTEGER NOT NULL, bytes INTEGER NOT NULL, memKind INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, graphId INTEGER, graphExecId INTEGER);
            CREATE TABLE CUPTI_ACTIVITY_KIND_SYNCHRONIZATION (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, syncType INTEGER NOT NULL);
            CREATE TABLE CUDA_GRAPH_NODE_EVENTS (start INTEGER NOT NULL, end INTEGER NOT NULL, eventClass INTEGER NOT NULL, globalTid INTEGER, nameId INTEGER NOT NULL, graphNodeId INTEGER NOT NULL, originalGraphNodeId INTEGER);
            CREATE TABLE NVTX_EVENTS (start INTEGER NOT NULL, end INTEGER, eventType INTEGER NOT NULL, text TEXT, globalTid INTEGER, endGlobalTid INTEGER, textId INTEGER, domainId INTEGER, jsonText TEXT);
            CREATE TABLE OSRT_API (start INTEGER NOT NULL, end INTEGER NOT NULL, eventClass INTEGER NOT NULL, globalTid INTEGER, nameId INTEGER NOT NULL, returnValue INTEGER NOT NULL);
            CREATE TABLE TARGET_INFO_GPU_METRICS (typeId INTEGER, sourceId INTEGER, typeName TEXT, metricId INTEGER, metricName TEXT);
            CREATE TABLE GPU_METRICS (timestamp INTEGER, typeId INTEGER NOT NULL, metricId INTEGER NOT NULL, value INTEGER NOT NULL);
            CREATE TABLE COMPOSITE_EVENTS (id INTEGER NOT NULL PRIMARY KEY, start INTEGER NOT NULL, cpu INTEGER, threadState INTEGER, globalTid INTEGER, cpuCycles INTEGER NOT NULL);
            CREATE TABLE SAMPLING_CALLCHAINS (id INTEGER NOT NULL, symbol INTEGER NOT NULL, module INTEGER NOT NULL, stackDepth INTEGER NOT NULL);
            CREATE TABLE SCHED_EVENTS (start INTEGER NOT NULL, cpu INTEGER NOT NULL, isSchedIn INTEGER NOT NULL, globalTid INTEGER);
            CREATE TABLE DIAGNOSTIC_EVENT (timestamp INTEGER NOT NULL, severity INTEGER NOT NULL, text TEXT NOT NULL);
            """;

    private static final String ROWS = """
            INSERT INTO StringIds VALUES (1, 'cudaLaunchKernel_v7000'), (2, 'cuGraphLaunch'), (3, 'void gemm<float>(int)'), (4, 'gemm'), (5, 'worker'), (6, 'decode'), (7, 'read'), (8, 'libc.so'), (9, 'main'), (10, 'cudaMemcpyAsync_v3020'), (11, 'cudaGraphInstantiate_v12000'), (12, 'a;b');
            INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_SCHEMA_VERSION', '3.13.2'), ('EXPORT_PRODUCT_VERSION', '2024.5.1.113');
            INSERT INTO TARGET_INFO_SESSION_START_TIME VALUES (1000000000, '', '');
            INSERT INTO PROCESSES VALUES (%1$d, 77, 'python'), (1, 5, 'systemd');
            INSERT INTO ThreadNames VALUES (5, NULL, %3$d);
            INSERT INTO TARGET_INFO_GPU VALUES (0, 2, 'NVIDIA H100', 132, 9);
            INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (100, 110, 0, %2$d, 1, 1, 0, NULL), (120, 150, 1, %3$d, 2, 2, 0, NULL), (160, 170, 0, %2$d, 3, 10, 0, NULL), (180, 181, 0, %2$d, 4, 1, 0, NULL);
            INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (200, 260, 2, 1, NULL, 7, 1, %1$d, 3, 4, 168, 4, 19, 1, 384, 1, 1, 16, 1024, NULL), (300, 310, 2, 1, NULL, 7, 2, %1$d, 3, 4, 32, 1, 1, 1, 32, 1, 1, 0, 0, 41), (310, 305, 2, 1, NULL, 8, 2, %1$d, 3, 4, 32, 1, 1, 1, 32, 1, 1, 0, 0, 42), (400, 410, 2, 1, NULL, 7, 99, %1$d, 88, 4, 32, 1, 1, 1, 32, 1, 1, 0, 0, 0);
            INSERT INTO CUPTI_ACTIVITY_KIND_MEMCPY VALUES (270, 290, 2, 1, 9, 3, %1$d, 4096, 1, 0, 2, NULL, NULL, NULL), (271, 291, 2, 1, 9, 3, %1$d, 8, 10, 2, 2, 0, 1, NULL), (272, 292, 2, 1, 9, 3, %1$d, 8, 77, 99, 2, 0, 1, NULL);
            INSERT INTO CUPTI_ACTIVITY_KIND_MEMSET VALUES (500, 505, 2, 1, 7, 4, %1$d, 0, 64, 2);
            INSERT INTO CUPTI_ACTIVITY_KIND_GRAPH_TRACE VALUES (600, 700, 2, 1, 7, 2, %1$d, 3, 4);
            INSERT INTO CUPTI_ACTIVITY_KIND_SYNCHRONIZATION VALUES (200, 320, 2, 1, 7, 5, %1$d, 3);
            INSERT INTO CUDA_GRAPH_NODE_EVENTS VALUES (50, 51, 0, %2$d, 11, 41, 40);
            INSERT INTO NVTX_EVENTS VALUES (90, 190, 59, NULL, %2$d, NULL, 6, 0, NULL), (95, 185, 59, 'layer 0', %2$d, NULL, NULL, 1, '{"n":1}'), (96, 400, 60, 'request', %2$d, %3$d, NULL, 0, NULL), (97, NULL, 34, 'mark', %2$d, NULL, NULL, 0, NULL), (98, NULL, 59, 'open', %3$d, NULL, NULL, 0, NULL), (0, NULL, 75, 'NCCL', %2$d, NULL, NULL, 1, NULL), (0, NULL, 33, 'category', %2$d, NULL, NULL, 1, NULL);
            INSERT INTO OSRT_API VALUES (105, 108, 0, %3$d, 7, 0);
            INSERT INTO TARGET_INFO_GPU_METRICS VALUES (265, 1, 'GPU', 4, 'SMs Active [Throughput %%]');
            INSERT INTO GPU_METRICS VALUES (-5, 265, 4, 93), (95, 265, 4, 94), (95, 265, 5, 1);
            INSERT INTO COMPOSITE_EVENTS VALUES (1, 130, 3, 0, %3$d, 250), (2, 140, 3, 0, %3$d, 0);
            INSERT INTO SAMPLING_CALLCHAINS VALUES (1, 7, 8, 0), (1, 12, 8, 1), (1, 9, 8, 2);
            INSERT INTO SCHED_EVENTS VALUES (1, 0, 1, %2$d), (2, 0, 0, %2$d);
            INSERT INTO DIAGNOSTIC_EVENT VALUES (0, 1, 'fine'), (1, 2, 'driver too new'), (2, 3, '12 CUDA events were lost');
            """.formatted(PID, MAIN, OTHER);

    @TempDir
    private Path directory;

    @Test
    void readsDeviceWorkAndTheCallsThatStartedIt() throws Exception {
        Imported nsys = read(export(SCHEMA, ROWS));

        assertThat(nsys.table(
                        TraceTables.LAUNCH,
                        "ts",
                        "dur",
                        "name",
                        "kind",
                        "correlation",
                        "ops",
                        "first_ts",
                        "last_end_ts"))
                .containsExactly(
                        "1000000100 | 10 | cudaLaunchKernel | kernel | 1 | 1 | 1000000200 | 1000000260",
                        "1000000120 | 30 | cuGraphLaunch | graph | 2 | 3 | 1000000300 | 1000000700",
                        "1000000160 | 10 | cudaMemcpyAsync | memcpy | 3 | 3 | 1000000270 | 1000000292",
                        "1000000180 | 1 | cudaLaunchKernel | kernel | 4 | 1 | 1000000500 | 1000000505");
        assertThat(nsys.table(
                        TraceTables.KERNEL,
                        "ts",
                        "dur",
                        "name",
                        "device",
                        "stream",
                        "correlation",
                        "registers",
                        "grid_y",
                        "block_x",
                        "shared_bytes",
                        "graph_node_id"))
                .containsExactly(
                        "1000000200 | 60 | void gemm<float>(int) | 2 | 7 | 1 | 168 | 19 | 384 | 1040 | -",
                        "1000000300 | 10 | void gemm<float>(int) | 2 | 7 | 2 | 32 | 1 | 32 | 0 | 41",
                        "1000000310 | -1 | void gemm<float>(int) | 2 | 8 | 2 | 32 | 1 | 32 | 0 | 42",
                        "1000000400 | 10 | <string 88> | 2 | 7 | 99 | 32 | 1 | 32 | 0 | -");
        assertThat(nsys.table(TraceTables.MEMCPY, "name", "kind", "bytes", "src_device", "dst_device"))
                .containsExactly(
                        "Memcpy HtoD (pageable -> device) | HtoD | 4096 | - | -",
                        "Memcpy PtoP (device -> device) | PtoP | 8 | 0 | 1",
                        "Memcpy unknown (unknown -> device) | unknown | 8 | - | -");
        assertThat(nsys.table(TraceTables.KERNEL, "launch_id"))
                .containsExactly(id(nsys, 0), id(nsys, 1), id(nsys, 1), "-");
        assertThat(nsys.loss("no_launch").orElseThrow().count()).isEqualTo(1);
        assertThat(nsys.loss("negative_duration").orElseThrow().count()).isEqualTo(1);
        assertThat(nsys.loss("missing_string")).hasValueSatisfying(loss -> {
            assertThat(loss.severity()).isEqualTo(Severity.DATA_LOSS);
            assertThat(loss.count()).isEqualTo(1);
            assertThat(loss.place()).contains("id 88");
        });
        assertThat(nsys.context().clock().method()).isEqualTo(SourceClock.Method.BASE_TIME);
    }

    @Test
    void laysSlicesOnTracksOfThreadsAndStreams() throws Exception {
        Imported nsys = read(export(SCHEMA, ROWS));

        assertThat(nsys.table(TraceTables.SLICE, "ts", "dur", "category", "name", "depth"))
                .contains(
                        "1000000090 | 100 | nvtx | decode | 0",
                        "1000000095 | 90 | nvtx | layer 0 | 1",
                        "1000000097 | 0 | nvtx | mark | 2",
                        "1000000100 | 10 | cuda_runtime | cudaLaunchKernel | 2",
                        "1000000120 | 30 | cuda_driver | cuGraphLaunch | 1",
                        "1000000098 | -1 | nvtx | open | 0",
                        "1000000096 | 304 | nvtx | request | 0",
                        "1000000105 | 3 | osrt | read | 1",
                        "1000000500 | 5 | gpu_memset | Memset (device) | 0",
                        "1000000600 | 100 | cuda_graph | CUDA graph 3 | 0",
                        "1000000200 | 120 | cuda_sync | Stream Sync | 0",
                        "1000000050 | 1 | cuda_graph_node | cudaGraphInstantiate | 0");
        assertThat(nsys.table(TraceTables.TRACK, "name", "type", "device", "stream"))
                .containsExactlyInAnyOrder(
                        "thread 77 | thread | - | -",
                        "worker | thread | - | -",
                        "GPU 2 stream 7 | stream | 2 | 7",
                        "GPU 2 stream 8 | stream | 2 | 8",
                        "GPU 2 stream 9 | stream | 2 | 9",
                        "synchronisation of GPU 2 stream 7 | async | 2 | 7",
                        "graph nodes of thread 77 | async | - | -",
                        "NVTX ranges of thread 77 | async | - | -",
                        "SMs Active [Throughput %] | counter | 2 | -",
                        "metric 5 | counter | 2 | -");
        assertThat(nsys.table(TraceTables.PROCESS, "pid", "name")).containsExactly("77 | python");
        assertThat(nsys.table(TraceTables.THREAD, "tid", "name", "is_main_thread"))
                .containsExactly("77 | thread 77 | true", "78 | worker | false");
        assertThat(nsys.table(TraceTables.ARG_VALUE, "key", "int_value", "string_value"))
                .containsExactlyInAnyOrder(
                        "bytes | 64 | -",
                        "graph_node_id | 41 | -",
                        "original_graph_node_id | 40 | -",
                        "domain | - | NCCL",
                        "payload | - | {\"n\":1}");
    }

    @Test
    void readsMetricsSamplesAndWhatTheToolSays() throws Exception {
        Imported nsys = read(export(SCHEMA, ROWS));

        assertThat(nsys.table(TraceTables.COUNTER, "ts", "value"))
                .containsExactly("999999995 | 93.0", "1000000095 | 94.0", "1000000095 | 1.0");
        assertThat(nsys.table(
                        TraceTables.CPU_SAMPLE, "ts", "pid", "tid", "thread", "cpu", "period", "stack", "leaf", "dso"))
                .containsExactly(
                        "1000000130 | 77 | 78 | worker | 3 | 250 | main;a:b;read | read | libc.so",
                        "1000000140 | 77 | 78 | worker | 3 | 1 | - | - | -");
        assertThat(nsys.losses())
                .contains(
                        "notice opaque_graph 1",
                        "info nvtx_other 2",
                        "notice tool_warning 1",
                        "data_loss tool_lost_events 1",
                        "info table_left_out 2");
    }

    @Test
    void countsStringsThatAreMissing() throws Exception {
        Imported nsys = read(export(SCHEMA, ROWS + "DROP TABLE StringIds;"));

        assertThat(nsys.table(TraceTables.KERNEL, "name"))
                .contains("<string 3>")
                .doesNotContain("");
        assertThat(nsys.loss("missing_string").orElseThrow().count()).isGreaterThan(5);
    }

    @Test
    void readsAnOldExportWithFewTablesAndColumns() throws Exception {
        Imported nsys = read(export("""
                CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
                CREATE TABLE EXPORT_META_DATA (name TEXT, value TEXT);
                CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, end INTEGER, deviceId INTEGER, streamId INTEGER, shortName INTEGER);
                CREATE TABLE CUDA_GRAPH_EVENTS (start INTEGER, end INTEGER, globalTid INTEGER, nameId INTEGER, graphNodeId INTEGER);
                """, """
                INSERT INTO EXPORT_META_DATA VALUES ('EXPORT_SCHEMA_VERSION', '2.9.1');
                INSERT INTO StringIds VALUES (1, 'k');
                INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (5, 7, 0, 7, 1), ('x', 7, 0, 7, 1);
                INSERT INTO CUDA_GRAPH_EVENTS VALUES (1, 2, 77, 1, 3);
                """));

        assertThat(nsys.table(TraceTables.KERNEL, "ts", "dur", "name", "context", "correlation"))
                .containsExactly("5 | 2 | k | - | -");
        assertThat(nsys.table(TraceTables.SLICE, "category", "name")).contains("cuda_graph_node | k");
        assertThat(nsys.losses()).containsExactly("info no_launch 1", "data_loss bad_number 1");
        assertThat(nsys.context().clock()).isEqualTo(SourceClock.unaligned());
    }

    @Test
    void namesASchemaThatItDoesNotKnow() throws Exception {
        Path file = export(
                SCHEMA,
                "INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_SCHEMA_VERSION', '4.0.1'), ('EXPORT_PRODUCT_VERSION', '2031.1');");

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("4.0.1")
                .hasMessageContaining("2031.1")
                .hasMessageContaining("nsys.sqlite");
    }

    @Test
    void rangesWithAStagesNameAreStages() throws Exception {
        Imported nsys = read(export(SCHEMA, ROWS));

        assertThat(nsys.table(EngineTables.STAGE, "ts", "dur", "name", "kind", "depth"))
                .containsExactly("1000000090 | 100 | decode | decode | 0");
    }

    @Test
    void refusesAnotherDatabase() throws Exception {
        Path file = export("CREATE TABLE a (b);", "");

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("Nsight Systems");
    }

    @Test
    void yieldsWhatACutDatabaseStillHolds() throws Exception {
        Path file = export(SCHEMA, ROWS);
        byte[] whole = Files.readAllBytes(file);
        int kernels = 0;
        for (int cut = 0; cut < whole.length; cut += 1024) {
            Path short_ = Files.write(directory.resolve("cut.sqlite"), Arrays.copyOf(whole, cut));
            try {
                Imported nsys = read(short_);
                kernels = Math.max(kernels, nsys.rows(TraceTables.KERNEL).size());
                assertThat(nsys.losses()).as("cut at " + cut).anyMatch(loss -> loss.startsWith("data_loss truncated"));
            } catch (TraceFormatException e) {
                assertThat(e).hasMessageContaining("cut.sqlite");
            }
        }
        assertThat(kernels).isEqualTo(4);
    }

    @Test
    void readsCompressedExports() throws Exception {
        byte[] whole = Files.readAllBytes(export(SCHEMA, ROWS));

        assertThat(Imported.of(new NsysSqliteReader(), "packed", whole).rows(TraceTables.KERNEL))
                .hasSize(4);
    }

    @Test
    void isFoundByItsBeginning() throws IOException, SQLException {
        FileSource source = FileSource.of(export(SCHEMA, ROWS));

        assertThat(Readers.find(source.head()))
                .hasValueSatisfying(reader -> assertThat(reader).isInstanceOf(NsysSqliteReader.class));
    }

    @Test
    void tellsHowToExportAReport() throws IOException {
        Path report = Files.write(directory.resolve("run 1.nsys-rep"), new byte[] {1, 2, 3});
        FileSource source = FileSource.of(report);

        assertThat(Readers.find(source.head()))
                .hasValueSatisfying(reader -> assertThatThrownBy(() -> Imported.of(reader, source))
                        .isInstanceOf(TraceFormatException.class)
                        .hasMessageContaining("nsys export --type sqlite")
                        .hasMessageContaining("run 1.sqlite"));
        assertThat(NsightReportReader.exportCommand(Path.of("a.ncu-rep"), Path.of("a.csv")))
                .isEqualTo(List.of("ncu", "--import", "a.ncu-rep", "--csv", "--page", "raw", "--print-units", "base"));
    }

    private static String id(Imported nsys, int launch) {
        return String.valueOf(nsys.rows(TraceTables.LAUNCH).get(launch).get("id"));
    }

    private static Imported read(Path file) throws IOException {
        return Imported.of(new NsysSqliteReader(), FileSource.of(file));
    }

    private Path export(String schema, String rows) throws IOException, SQLException {
        Path file = Files.createTempDirectory(directory, "export").resolve("nsys.sqlite");
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(schema + rows);
        }
        return file;
    }
}
