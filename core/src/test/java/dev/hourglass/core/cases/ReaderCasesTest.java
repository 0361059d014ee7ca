package dev.hourglass.core.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.analysis.Outcome;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Small files after public reports of wrong numbers and silent losses, each with the right answer, which was worked
/// out
/// by hand before anything read the file.
final class ReaderCasesTest {
    private static final String GPU = "SELECT max(end_ts) - min(ts), sum(end_ts - ts), count(*) FROM device_op";

    private static final List<String> TABLES =
            List.of("slice", "hw_sample", "perf_stat", "cpu_sample", "metric", "ncu_metric", "gemm");

    @TempDir
    private Path folder;

    /// The moment at which a counter was created is not its value: nothing was preempted.
    @Test
    void createdIsAMomentAndNoPreemption() throws IOException {
        try (Case read = Case.of(folder, "created.prom")) {
            assertThat(read.rows("SELECT name, type, meaning, value FROM metric ORDER BY rowid"))
                    .containsExactly(
                            "vllm:num_preemptions_total | counter | preemptions | 0.0",
                            "vllm:num_preemptions_created | gauge | - | 1.7E9");
            assertThat(read.outcome("engine/metrics")).isNotInstanceOf(Outcome.Findings.class);
        }
    }

    @Test
    void aKernelAtZeroIsKeptOutsideOfSpanAndClock() throws IOException {
        try (Case read = Case.of(folder, "kernel_at_zero.json")) {
            assertThat(read.row("SELECT count(*), max(ts + dur) - min(ts), sum(dur) FROM kernel"))
                    .isEqualTo("2 | 10000 | 10000");
            assertThat(read.row(GPU)).isEqualTo("10000 | 10000 | 1");
            assertThat(read.row("SELECT end_ts - start_ts FROM trace_bounds")).isEqualTo("10000");
            assertThat(read.row("SELECT time_base, align_method FROM source")).isEqualTo("unix | base_time");
            assertThat(read.losses()).containsExactly("data_loss device_time_impossible 1");
        }
    }

    @Test
    void aKernelLongBeforeItsLaunchIsKeptOutsideOfSpanAndSums() throws IOException {
        try (Case read = Case.of(folder, "kernel_before_launch.json")) {
            assertThat(read.row("SELECT count(*), max(ts + dur) - min(ts), sum(dur), count(launch_id) FROM kernel"))
                    .isEqualTo("2 | 10000 | 10000 | 1");
            assertThat(read.row(GPU)).isEqualTo("10000 | 10000 | 1");
            assertThat(read.row("SELECT ops, first_ts, last_end_ts FROM launch"))
                    .isEqualTo("1 | - | -");
            assertThat(read.losses()).containsExactly("data_loss device_time_impossible 1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"two_documents.json", "two_documents.json.gz"})
    void aSecondDocumentIsLostWithItsBytes(String name) throws IOException {
        try (Case read = Case.of(folder, name)) {
            assertThat(read.losses()).containsExactly("data_loss content_behind 1");
            assertThat(read.place("content_behind")).matches("bytes \\d+ to \\d+: .*");
            assertThat(read.place("content_behind"))
                    .startsWith(name.endsWith(".gz") ? "bytes 5176 to " : "bytes 86 to 172:");
        }
    }

    @Test
    void decimalCommasBetweenCommasAreRefusedWithTheRemedy() {
        assertThatThrownBy(() -> Case.of(folder, "perf_decimal_comma.csv"))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("LC_ALL=C");
    }

    @Test
    void asynchronousSpansEndByTheirName() throws IOException {
        try (Case read = Case.of(folder, "async_overlap.json")) {
            assertThat(read.rows("SELECT name, ts, dur FROM slice ORDER BY ts"))
                    .containsExactly("queued | 0 | 3000", "prefill | 2000 | 4000");
            assertThat(read.losses()).isEmpty();
        }
    }

    @Test
    void twoRunsOfNsightComputeStayTwo() throws IOException {
        try (Case read = Case.of(folder, "ncu_two_runs.csv")) {
            assertThat(read.answer("hw/counters", "run", "launch", "kernel", "duration", "sm_ratio", "dram_ratio"))
                    .containsExactly(
                            "0 | 0 | gemm(int) | 90000.0 | 0.95 | 0.1", "1 | 0 | copy(int) | 5000.0 | 0.03 | 0.92");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"frames_closed.json", "frames_never_closed.json"})
    void framesThatNeverClosedDoNotSwallowWhatFollows(String name) throws IOException {
        try (Case read = Case.of(folder, name)) {
            assertThat(read.answer("op/modules", "module", "total", "kernels")).containsExactly("Softmax | 10000 | 1");
            assertThat(read.rows("SELECT s.name, p.name FROM slice s LEFT JOIN slice p ON p.id = s.parent_id"
                            + " WHERE s.category <> 'kernel' ORDER BY s.id"))
                    .containsExactly(
                            "main | -",
                            "nn.Module: Attention_0 | main",
                            "lost_return | nn.Module: Attention_0",
                            "nn.Module: Softmax_0 | lost_return",
                            "aten::bmm | nn.Module: Softmax_0",
                            "cudaLaunchKernel | aten::bmm",
                            "sample | main",
                            "aten::argmax | sample",
                            "cudaLaunchKernel | aten::argmax");
        }
    }

    @Test
    void correlationZeroLinksNothing() throws IOException {
        try (Case read = Case.of(folder, "correlation_zero.json")) {
            assertThat(read.row("SELECT launch_id, correlation FROM kernel")).isEqualTo("- | -");
            assertThat(read.rows("SELECT id FROM flow")).isEmpty();
        }
    }

    @Test
    void anEmptyLastObjectLosesNothing() throws IOException {
        try (Case read = Case.of(folder, "empty_last_object.json")) {
            assertThat(read.row("SELECT name, dur FROM slice")).isEqualTo("a | 2000");
            assertThat(read.losses()).isEmpty();
        }
    }

    @Test
    void aMarkBeforeATableIsNoPartOfIt() throws IOException {
        try (Case read = Case.of(folder, "utf8_mark_ncu.csv")) {
            assertThat(read.row("SELECT kernel, metric, value, unit FROM ncu_metric"))
                    .isEqualTo("k | gpu__time_duration.sum | 500.0 | ns");
        }
    }

    @Test
    void tablesOfAnExportThatNobodyKnowsAreNamed() throws IOException {
        try (Case read = Case.of(folder, "nsys_unknown_tables.sqlite")) {
            assertThat(read.losses()).containsExactly("data_loss unknown_table 2");
            assertThat(read.place("unknown_table")).contains("NVTX_EVENTS_V2 (2 rows)");
        }
    }

    @Test
    void theDeviceOfAGraphReplayIsNotTold() throws IOException {
        try (Case read = Case.of(folder, "nsys_graph_device.sqlite")) {
            assertThat(read.rows("SELECT ts - (SELECT min(ts) FROM launch), dur, device FROM gpu_slice"
                            + " WHERE ts IS NOT NULL ORDER BY ts"))
                    .containsExactly("50 | 140 | -", "250 | 140 | -", "450 | 140 | -");
            assertThat(read.rows("SELECT DISTINCT device, name FROM track WHERE type = 'stream'"))
                    .containsExactly("- | GPU not told, stream 7");
            assertThat(read.losses()).contains("data_loss device_time_impossible 1");
        }
    }

    @Test
    void samplesOfProcessesAreNotTheGpus() {
        assertThatThrownBy(() -> Case.of(folder, "pmon.txt"))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("pmon")
                .hasMessageContaining("nvidia-smi dmon");
    }

    /// Editors and shells of Windows put a mark before UTF-8.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "chrome-array/events.json",
                "kineto-legacy/legacy.json",
                "ncu-details/ncu_details.csv",
                "ncu-raw/ncu_raw.csv",
                "nvml/nvml_gpm.csv",
                "nvidia-smi-dmon/nvidia_smi_dmon.txt",
                "nvidia-smi-query/nvidia_smi.csv",
                "perf-script/perf_script.txt",
                "perf-stat-j/perf_stat.json",
                "perf-stat-x/perf_stat.csv",
                "perf-stat-interval/perf_stat_interval.csv",
                "prometheus-vllm/vllm.prom",
                "prometheus-sglang/sglang.prom",
                "cublas/cublas.log",
                "cublaslt/cublaslt.log"
            })
    void aMarkChangesNothingInAnyTextFormat(String golden) throws IOException {
        String name = golden.replaceAll(".*/", "");
        byte[] bytes = Case.resource("/golden/" + golden);
        byte[] marked = new byte[bytes.length + 3];
        System.arraycopy(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}, 0, marked, 0, 3);
        System.arraycopy(bytes, 0, marked, 3, bytes.length);
        try (Case plain = Case.of(folder, name, bytes);
                Case read = Case.of(folder, name, marked)) {
            assertThat(read.losses()).isEqualTo(plain.losses());
            for (String table : TABLES) {
                assertThat(read.rows("SELECT * FROM " + table))
                        .as(table)
                        .isEqualTo(plain.rows("SELECT * FROM " + table));
            }
            assertThat(read.row("SELECT events > 0 FROM source")).isEqualTo("true");
        }
    }
}
