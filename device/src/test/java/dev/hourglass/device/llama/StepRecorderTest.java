package dev.hourglass.device.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.RowSpool;
import dev.hourglass.device.ffi.llama.GraphNode;
import dev.hourglass.device.ffi.llama.GraphNode.Source;
import dev.hourglass.device.ffi.llama.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A fake engine that walks a graph as the real scheduler does, on a clock that the test owns.
class StepRecorderTest {
    @TempDir
    Path directory;

    private static final long IDS = 500;

    private final List<GraphNode> graph = new ArrayList<>();
    private final Map<Long, Long> costs = new LinkedHashMap<>();
    private long now = 1_000;

    private final Tensors tensors = new Tensors() {
        @Override
        public GraphNode node(long address) {
            return graph.stream()
                    .filter(n -> n.address() == address)
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public long fingerprint(long address) {
            return node(address).name().hashCode();
        }

        @Override
        public void experts(long ids, int[] experts) {
            assertThat(ids).isEqualTo(IDS);
            for (int i = 0; i < experts.length; i++) {
                experts[i] = 5 + i;
            }
        }

        @Override
        public void factors(long weights, float[] factors) {
            assertThat(node(weights).name()).isEqualTo("ffn_moe_weights_norm-0");
            for (int i = 0; i < factors.length; i++) {
                factors[i] = 1f / (i + 2);
            }
        }
    };

    private final StepRecorder recorder = new StepRecorder(() -> now, tensors);

    private void node(String name, String operator, long cost, Source... sources) {
        long address = 1_000 + 336L * graph.size();
        graph.add(new GraphNode(address, name, operator, List.of(4L, 2L, 1L, 1L), List.of(sources)));
        costs.put(address, cost);
    }

    private static Source source(String name, long... shape) {
        return new Source(
                name.equals("ffn_moe_topk-0") ? IDS : name.hashCode(), name, List.of(shape[0], shape[1], 1L, 1L));
    }

    private void moeGraph() {
        node("embd", "GET_ROWS", 10, source("token_embd.weight", 4, 9));
        node("norm-0", "RMS_NORM", 10);
        node("attn_norm-0", "MUL", 10, new Source(1_336, "norm-0", List.of(4L, 1L, 1L, 1L)));
        node("Qcur-0", "MUL_MAT", 100, source("blk.0.attn_q.weight", 4, 4));
        node("Qcur-0 (view)", "VIEW", 0);
        node("node_5", "FLASH_ATTN_EXT", 200, source("q", 4, 1), source("k", 4, 16), source("v", 4, 16));
        node("ffn_inp-0", "ADD", 10);
        node("ffn_norm-0", "MUL", 10);
        node("ffn_moe_logits-0", "MUL_MAT", 50, source("blk.0.ffn_gate_inp.weight", 4, 8));
        node("ffn_moe_topk-0", "VIEW", 0);
        node("ffn_moe_weights_norm-0", "DIV", 50);
        node(
                "ffn_moe_up-0",
                "MUL_MAT_ID",
                1_000,
                source("blk.0.ffn_up_exps.weight", 4, 4),
                source("x", 4, 1),
                source("ffn_moe_topk-0", 2, 1));
        node("l_out-0", "ADD", 10);
        node("result_norm", "MUL", 10);
        node("result_output", "MUL_MAT", 300, source("output.weight", 4, 9));
    }

    private void compute(StepRecorder.Mode mode) {
        recorder.next(mode);
        int from = 0;
        for (int i = 0; i < graph.size(); i++) {
            boolean stop = recorder.wanted(graph.get(i).address());
            if (stop || i == graph.size() - 1) {
                graph.subList(from, i + 1).forEach(n -> now += costs.getOrDefault(n.address(), 0L));
                from = i + 1;
            }
            if (stop) {
                recorder.computed(graph.get(i).address());
            }
        }
    }

    private List<Map<String, Object>> rows(Granularity granularity, String table) {
        StepPlan.Maker maker = new StepPlan.Maker(
                granularity,
                new WeightCosts(List.of(
                        GgufTensor.of("blk.0.attn_q.weight", GgmlType.F32, 4, 4),
                        GgufTensor.of("blk.0.ffn_up_exps.weight", GgmlType.F32, 4, 4, 8),
                        GgufTensor.of("token_embd.weight", GgmlType.F32, 4, 9))));
        compute(StepRecorder.Mode.WATCHED);
        recorder.learn(maker);
        long entered = now;
        now += 40;
        compute(StepRecorder.Mode.PROFILED);
        now += 20;
        long left = now;
        now += 30;
        assertThat(recorder.complete()).isTrue();
        assertThat(recorder.planFits()).isTrue();
        RecordedStep step = recorder.recorded(entered, left);
        List<EventBatch> batches = new ArrayList<>();
        try {
            Path file = directory.resolve("rows");
            try (RowSpool spool = RowSpool.create(file);
                    StepLog log = new StepLog(spool, () -> now)) {
                log.add(
                        new Decoder.Step(entered, now - entered, 7, 3, Optional.of(step), true),
                        new Decoder.Step(now, 5, 8, 3, Optional.empty(), true));
            }
            RowSpool.read(file, batches::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Tiny.Result(new EngineOutcome.Completed(1), batches, "").rows(table);
    }

    private static Map<String, Long> byComponent(List<Map<String, Object>> ops) {
        Map<String, Long> sums = new LinkedHashMap<>();
        ops.forEach(op -> sums.merge((String) op.get("component"), (Long) op.get("dur"), Long::sum));
        return sums;
    }

    @Test
    void aPlantedDelayComesOutInItsComponentAndLayer() {
        Map<String, Long> nodes = Map.of(
                "t_scheduling", 60L,
                "embedding", 10L,
                "norm", 40L,
                "attention", 310L,
                "t_routing", 100L,
                "t_cpu_computation", 1_010L,
                "lm_head", 300L,
                "sampling", 30L);
        Map<String, Long> stages = new LinkedHashMap<>(nodes);
        stages.remove("norm");
        stages.put("attention", 310L + 20);
        stages.put("t_routing", 100L + 10);
        stages.put("lm_head", 300L + 10);
        moeGraph();
        plantsADelay(Granularity.NODE, nodes);
        plantsADelay(Granularity.STAGE, stages);
    }

    private void plantsADelay(Granularity granularity, Map<String, Long> expected) {
        assertThat(byComponent(rows(granularity, "op"))).containsExactlyInAnyOrderEntriesOf(expected);
        costs.put(graph.get(11).address(), 1_000L + 7_777);
        List<Map<String, Object>> slow = rows(granularity, "op");
        Map<String, Long> delayed = new LinkedHashMap<>(expected);
        delayed.merge("t_cpu_computation", 7_777L, Long::sum);
        assertThat(byComponent(slow)).containsExactlyInAnyOrderEntriesOf(delayed);
        assertThat(slow).anySatisfy(op -> {
            assertThat(op).containsEntry("layer", 0L);
            assertThat((Long) op.get("dur")).isGreaterThan(7_777);
        });
        costs.put(graph.get(11).address(), 1_000L);
    }

    @Test
    void partsAddUpToTheStep() {
        moeGraph();
        long sum = byComponent(rows(Granularity.NODE, "op")).values().stream()
                .mapToLong(Long::longValue)
                .sum();
        assertThat(sum).isEqualTo(40 + 10 * 7 + 100 + 200 + 50 + 50 + 1_000 + 300 + 20 + 30);
    }

    @Test
    void stopsAfterEveryNodeThatComputesButNotInsideAFusedNorm() {
        moeGraph();
        assertThat(rows(Granularity.NODE, "op"))
                .extracting(op -> op.get("name") + " " + op.get("nodes"))
                .containsExactly(
                        "decode_begin 0",
                        "embd 1",
                        "attn_norm 2",
                        "Qcur 1",
                        "FLASH_ATTN_EXT 2",
                        "ffn_inp 1",
                        "ffn_norm 1",
                        "ffn_moe_logits 1",
                        "ffn_moe_weights_norm 2",
                        "ffn_moe_up 1",
                        "l_out 1",
                        "result_norm 1",
                        "result_output 1",
                        "decode_end 0",
                        "sample 0");
    }

    @Test
    void stagesStopWhereThePlaceChangesAndTakeInTheNormBeforeThem() {
        moeGraph();
        assertThat(rows(Granularity.STAGE, "op"))
                .extracting(op -> op.get("name") + " " + op.get("nodes"))
                .containsExactly(
                        "decode_begin 0",
                        "embd 1",
                        "ffn_inp 6",
                        "ffn_moe_weights_norm 4",
                        "l_out 2",
                        "result_output 2",
                        "decode_end 0",
                        "sample 0");
    }

    @Test
    void readsTheChoiceOfEachLayer() {
        moeGraph();
        assertThat(rows(Granularity.STAGE, "expert_choice"))
                .extracting(r -> r.get("layer") + " " + r.get("slot") + " " + r.get("expert") + " " + r.get("weight"))
                .containsExactly("0 0 5 0.5", "0 1 6 " + (double) (1f / 3));
    }

    @Test
    void countsOnlyTheChosenExpertsBytes() {
        moeGraph();
        List<Map<String, Object>> ops = rows(Granularity.NODE, "op");
        Map<Object, Object> bytes = new LinkedHashMap<>();
        ops.forEach(op -> bytes.put(op.get("name"), op.getOrDefault("weight_bytes", -1L)));
        assertThat(bytes).containsEntry("ffn_moe_up", 2 * 4 * 4 * 4L);
        assertThat(bytes).containsEntry("Qcur", 4 * 4 * 4L);
        assertThat(bytes).containsEntry("embd", 2 * 4 * 4L);
        assertThat(bytes).containsEntry("decode_begin", -1L);
    }

    @Test
    void aChangedGraphIsNoticed() {
        moeGraph();
        rows(Granularity.NODE, "op");
        node("extra", "ADD", 1);
        compute(StepRecorder.Mode.WATCHED);
        assertThat(recorder.planFits()).isFalse();
    }
}
