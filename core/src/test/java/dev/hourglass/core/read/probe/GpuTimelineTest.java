package dev.hourglass.core.read.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A GPU's timeline as the probe records it: the same run in the layouts of four versions of CUPTI.
final class GpuTimelineTest {
    private static final Path RECORDINGS = Path.of("src/test/resources/probe/gpu");
    private static final String SEGMENT = "frontend-4300-4400-0.seg";

    private static final String ELEMENT = "void at::native::elementwise_kernel<128, 4>(int)";
    private static final String GEMM = "sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n";
    private static final String ATTENTION = "void flash::flash_fwd_splitkv_kernel<...>";

    @TempDir
    private Path folder;

    private static Imported read(int version) throws IOException {
        return Imported.of(new ProbeReader(), FileSource.of(RECORDINGS.resolve("cupti-" + version)));
    }

    @ParameterizedTest
    @ValueSource(ints = {22, 26, 130001, 130500})
    void kernelsHaveNamesShapesGraphsAndTimesOnTheHostsClock(int version) throws IOException {
        Imported read = read(version);
        assertThat(read.table(
                        TraceTables.KERNEL,
                        "ts",
                        "dur",
                        "name",
                        "correlation",
                        "graph_id",
                        "graph_node_id",
                        "grid_x",
                        "block_x",
                        "registers",
                        "shared_bytes"))
                .containsExactly(
                        "1001050020000 | 10000 | <script>alert('kernel')</script> \uFFFD[31m'; DROP TABLE kernel; -- | 1 | - | - | 264 | 128 | 40 | 1536",
                        "1001102000000 | 900000 | " + ELEMENT + " | 101 | - | - | 264 | 128 | 40 | 1536",
                        "1001103000000 | 900000 | " + GEMM + " | 102 | - | - | 264 | 128 | 40 | 1536",
                        "1001104000000 | 900000 | " + ATTENTION + " | 103 | - | - | 264 | 128 | 40 | 1536",
                        "1001146000000 | 8000008 | " + GEMM + " | 200 | 5 | 21474836481 | 264 | 128 | 40 | 1536",
                        "1001154000000 | 4000004 | " + ATTENTION + " | 200 | 5 | 21474836482 | 264 | 128 | 40 | 1536",
                        "1001158000000 | 1000001 | " + ELEMENT + " | 201 | - | - | 264 | 128 | 40 | 1536",
                        "1001166000000 | 8000008 | " + GEMM + " | 300 | 5 | 21474836481 | 264 | 128 | 40 | 1536",
                        "1001174000000 | 4000004 | " + ATTENTION + " | 300 | 5 | 21474836482 | 264 | 128 | 40 | 1536",
                        "1001178000000 | 1000001 | " + ELEMENT + " | 301 | - | - | 264 | 128 | 40 | 1536");
        assertThat(read.table(
                        TraceTables.MEMCPY, "name", "kind", "bytes", "device", "stream", "src_device", "dst_device"))
                .containsExactly(
                        "Memcpy HtoD (pinned -> device) | HtoD | 4096 | 0 | 7 | - | -",
                        "Memcpy PtoP (device -> device) | PtoP | 8192 | 0 | 9 | 0 | 1");
        assertThat(read.table(TraceTables.LAUNCH, "ts", "name", "kind", "correlation", "ops", "first_ts"))
                .hasSize(12)
                .contains(
                        "1001050000000 | cudaLaunchKernel | kernel | 1 | 1 | 1001050020000",
                        "1001142000000 | cudaGraphLaunch | graph | 200 | 2 | 1001146000000",
                        "1001151300000 | cudaStreamSynchronize | sync | 202 | 0 | -");
        assertThat(read.table(TraceTables.SLICE, "name", "category", "ts", "dur"))
                .contains(
                        "Memset (device) | gpu_memset | 1001100130000 | 2000",
                        "Stream Sync | cuda_sync | 1001151310000 | 580000",
                        "execute_1_context_0(0)_generation_1(1) | user_annotation | 1001140000000 | 12000000");
        assertThat(read.losses()).containsExactlyInAnyOrder("info activity_left_out 1", "info no_launch 1");
    }

    @Test
    void stepsOfTheEngineAreStagesOfTheThreadThatRanThem() throws IOException {
        Imported read = read(130001);
        assertThat(read.table(
                        EngineTables.STAGE,
                        "ts",
                        "dur",
                        "kind",
                        "prefill_requests",
                        "prefill_tokens",
                        "decode_requests",
                        "decode_tokens"))
                .containsExactly(
                        "1001100000000 | 12000000 | prefill | 1 | 32 | 0 | 0",
                        "1001140000000 | 12000000 | decode | 0 | 0 | 1 | 1",
                        "1001160000000 | 12000000 | decode | 0 | 0 | 1 | 1");
        assertThat(read.table(TraceTables.TRACK, "name", "type", "device", "stream"))
                .containsExactlyInAnyOrder(
                        "MainThread | thread | - | -",
                        "GPU 0 stream 7 | stream | 0 | 7",
                        "GPU 0 stream 9 | stream | 0 | 9",
                        "synchronisation of GPU 0 stream 7 | async | 0 | 7");
    }

    /// The kernels of the first decode step run while the host is at the second: they are the first one's all the
    /// same.
    @Test
    void deviceWorkBelongsToTheStepWhoseCallsStartedIt() throws IOException {
        Path session = Files.createDirectory(folder.resolve("session"));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(RECORDINGS.resolve("cupti-130001")), new SessionLayout(session).database());
        try (Session opened = Session.open(session)) {
            var steps = opened.query(
                    "SELECT h.name || ' | ' || t.kernels || ' | ' || t.busy AS row FROM step_time t JOIN host_step h ON h.step = t.step"
                            + " WHERE t.device = 0 AND t.stage <> 'between' ORDER BY t.ts");
            assertThat(IntStream.range(0, steps.size()).mapToObj(row -> steps.text(row, "row", "")))
                    .containsExactly(
                            "execute_0_context_1(32)_generation_0(0) | 3 | 2706000",
                            "execute_1_context_0(0)_generation_1(1) | 3 | 13000001",
                            "execute_2_context_0(0)_generation_1(1) | 3 | 13000001");
        }
    }

    @Test
    void whatTheRecordingCostIsTold() throws IOException {
        assertThat(read(26).table(Tables.METADATA, "name", "value"))
                .contains(
                        "gpu_timeline.4300.kernels | 10",
                        "gpu_timeline.4300.switch_ns | 9000000",
                        "gpu_timeline.4300.why | the process ends");
    }

    @Test
    void tornBuffersAreCounted() throws IOException {
        byte[] segment = Files.readAllBytes(RECORDINGS.resolve("cupti-26").resolve(SEGMENT));
        int packed = at(segment, new byte[] {0x78, 0x01});
        segment[packed + 400] ^= 0x55;
        Imported read = Imported.of(new ProbeReader(), SEGMENT, segment);
        assertThat(read.loss("damaged_activities").or(() -> read.loss("unreadable_activities")))
                .map(ImportStats.Loss::kind)
                .isPresent();
        assertThat(read.rows(TraceTables.KERNEL)).isNotEmpty();
    }

    @Test
    void aKindThatNobodyKnowsIsSkippedByTheSizeThatTheLibraryTold() throws IOException {
        assertThat(read(130001).context().stats().losses())
                .filteredOn(loss -> loss.kind().equals("activity_left_out"))
                .singleElement()
                .satisfies(loss -> assertThat(loss.place()).contains("records of kind 17"));
    }

    private static int at(byte[] bytes, byte[] wanted) {
        return IntStream.range(0, bytes.length - wanted.length)
                .filter(i -> IntStream.range(0, wanted.length).allMatch(j -> bytes[i + j] == wanted[j]))
                .findFirst()
                .orElseThrow();
    }
}
