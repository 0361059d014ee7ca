package dev.hourglass.core.read.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.ProbeTables;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A recording of three processes of vLLM, planted by the probe's own writer.
final class ProbeReaderTest {
    private static final String ENGINE = "engine-4243-4343-0.seg";
    private static final int VERSION_AT = 8;
    private static final int CURSOR_AT = 24;

    @TempDir
    private Path records;

    @BeforeEach
    void write() throws IOException {
        for (String name : new String[] {"frontend-4242-4342-0.seg", ENGINE, "worker-4244-4344-0.seg"}) {
            Files.write(records.resolve(name), Imported.resource("/probe/golden/" + name));
        }
    }

    private Imported read() throws IOException {
        return Imported.of(new ProbeReader(), FileSource.of(records));
    }

    @Test
    void stepsTakeInWhatTheirWorkerTells() throws IOException {
        assertThat(read().table(
                                EngineTables.STEP,
                                "step",
                                "ts",
                                "dur",
                                "engine",
                                "phase",
                                "requests",
                                "tokens",
                                "context_tokens",
                                "gpu_ns",
                                "padded_tokens",
                                "graph_mode"))
                .containsExactly(
                        "0 | 1001005000000 | 5000000 | vllm:0 | prefill | 2 | 48 | 32 | 4000000 | 48 | NONE",
                        "1 | 1001012000000 | 6000000 | vllm:0 | decode | 1 | 1 | 40 | 4000000 | 8 | PIECEWISE",
                        "2 | 1001019000000 | 9000000 | vllm:0 | decode | 1 | 1 | 41 | 7000000 | 8 | PIECEWISE",
                        "3 | 1001030000000 | 6000000 | vllm:0 | recompute | 1 | 41 | 0 | 4000000 | 41 | NONE");
    }

    @Test
    void requestsGoThroughFrontEndAndEngineCore() throws IOException {
        Imported read = read();
        assertThat(read.table(
                        EngineTables.REQUEST,
                        "request",
                        "engine",
                        "prompt_tokens",
                        "cached_tokens",
                        "output_tokens",
                        "queue_ns",
                        "ttft_ns",
                        "e2e_ns",
                        "preemptions",
                        "finish_reason"))
                .containsExactly(
                        "r-a | vllm:0 | 40 | 32 | 3 | 5000000 | 11090000 | 31000000 | 0 | length",
                        "r-b | vllm:0 | 40 | 0 | 1 | 4000000 | 9000000 | - | 1 | -",
                        "r-c | vllm:0 | 40 | - | - | - | - | - | 0 | -");
        assertThat(read.table(EngineTables.REQUEST_STEP, "request", "step", "phase", "tokens", "computed_tokens"))
                .containsExactly(
                        "r-a | 0 | prefill | 8 | 32",
                        "r-b | 0 | prefill | 40 | 0",
                        "r-a | 1 | decode | 1 | 40",
                        "r-a | 2 | decode | 1 | 41",
                        "r-b | 3 | recompute | 41 | 0");
        assertThat(read.table(
                        EngineTables.PREEMPTION,
                        "request",
                        "event",
                        "reason",
                        "computed_tokens",
                        "blocks",
                        "running_ns"))
                .contains("r-b | preempted | kv_full | 40 | 3 | 7000000", "r-b | resumed | - | - | - | 18000000");
    }

    @Test
    void cacheGraphsExpertsAndStallsHaveTheirRows() throws IOException {
        Imported read = read();
        assertThat(read.table(EngineTables.KV_EVICTION, "block", "lifetime_ns", "idle_ns", "uses", "prefix"))
                .containsExactly("3 | 900000000 | 10000000 | 1 | true", "4 | 7000000 | 1000 | 0 | false");
        assertThat(read.table(ProbeTables.PREFIX_LOOKUP, "request", "tokens", "hit_tokens", "miss", "again"))
                .containsExactly("r-a | 40 | 32 | shorter than a block | false", "r-b | 40 | 0 | other text | false");
        assertThat(read.table(EngineTables.CUDA_GRAPH_CAPTURE, "dur", "engine", "mode", "tokens", "uniform"))
                .containsExactly("12000000 | vllm:0 | PIECEWISE | 8 | false");
        assertThat(read.table(EngineTables.EXPERT_COUNT, "layer", "expert", "other_expert", "tokens"))
                .containsExactly(
                        "0 | 0 | - | 91",
                        "0 | 1 | - | 45",
                        "0 | 2 | - | 46",
                        "0 | 3 | - | 0",
                        "0 | 0 | 1 | 45",
                        "0 | 0 | 2 | 46");
        assertThat(read.table(ProbeTables.EXPERT_WEIGHT_BIN, "low", "high", "weights"))
                .containsExactly("0.25 | 0.5 | 91", "0.5 | 0.75 | 91");
        // 96 choices of 4 experts, squares 3456: a variance of 3456 / 4 - 24² = 288.
        assertThat(read.table(EngineTables.EXPERT_LOAD, "choices", "idle", "max_min"))
                .containsExactly("96 | 1 | 2.0");
        assertThat(read.rows(EngineTables.EXPERT_LOAD).getFirst()).containsEntry("stddev", Math.sqrt(288));
        assertThat(read.table(ProbeTables.ENGINE_STALL, "dur", "engine", "kind", "name", "step"))
                .containsExactly("3000000 | vllm:0 | garbage collection | generation 2 | 2");
    }

    @Test
    void whatWasRecordedOfSeveralStepsTogetherFindsEachItsStep() throws IOException {
        Imported read = read();
        assertThat(read.table(EngineTables.HOST_OPERATION, "step", "name", "ts", "dur", "context"))
                .contains(
                        "- | forward | 1000500000000 | 2000000 | -",
                        "1 | forward | 1001014000000 | 700000 | -",
                        "1 | sample | 1001015000000 | 500000 | 2 calls, the longest 300 µs");
        assertThat(read.table(EngineTables.CUDA_GRAPH_REPLAY, "ts", "dur", "count", "mode", "tokens"))
                .containsExactly(
                        "1001014000000 | 600000 | 5 | PIECEWISE | 8", "1001021000000 | 600000 | 5 | PIECEWISE | 8");
        assertThat(read.table(ProbeTables.FORWARD_PASS, "step", "ready_ts", "gpu_ns", "gpu_idle_ns"))
                .containsExactly(
                        "0 | - | 4000000 | -",
                        "1 | 1001016500000 | 4000000 | 3000000",
                        "2 | 1001023500000 | 7000000 | 3000000",
                        "3 | - | 4000000 | 3000000");
    }

    @Test
    void eachHookSaysWhatItCould() throws IOException {
        assertThat(read().table(ProbeTables.PROBE_HOOK, "pid", "engine", "hook", "status", "reason", "fires"))
                .containsExactly(
                        "4244 | vllm:0 | worker.execute_model | OK | - | 0",
                        "4244 | vllm:0 | graph.replay_full | MISSING | no such module | 0");
    }

    @Test
    void nothingBehindTheCursorIsRead() throws IOException {
        byte[] engine = Files.readAllBytes(records.resolve(ENGINE));
        ByteBuffer.wrap(engine).order(ByteOrder.LITTLE_ENDIAN).putLong(CURSOR_AT, 256);
        Files.write(records.resolve(ENGINE), engine);
        Imported read = read();
        assertThat(read.rows(EngineTables.STEP)).isEmpty();
        assertThat(read.context().stats().losses()).isEmpty();
    }

    @Test
    void damageIsCountedWithItsPlace() throws IOException {
        byte[] engine = Files.readAllBytes(records.resolve(ENGINE));
        ByteBuffer.wrap(engine).order(ByteOrder.LITTLE_ENDIAN).putInt(256, 7);
        Files.write(records.resolve(ENGINE), engine);
        assertThat(read().context().stats().losses())
                .singleElement()
                .satisfies(loss -> assertThat(loss.place()).contains(ENGINE).contains("at byte 256"))
                .extracting(ImportStats.Loss::kind)
                .isEqualTo("damaged_segment");
    }

    @Test
    void aSegmentOfANewerProbeIsRefusedInOneLine() throws IOException {
        byte[] engine = Files.readAllBytes(records.resolve(ENGINE));
        ByteBuffer.wrap(engine).order(ByteOrder.LITTLE_ENDIAN).putInt(VERSION_AT, 99);
        Path file = Files.write(records.resolve(ENGINE), engine);
        assertThatThrownBy(() -> Imported.of(new ProbeReader(), FileSource.of(file)))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageContaining("newer probe (format 99");
        assertThat(read().context().stats().losses())
                .extracting(ImportStats.Loss::kind)
                .containsExactly("unreadable_segment");
    }
}
