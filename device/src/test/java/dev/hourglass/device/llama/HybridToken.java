package dev.hourglass.device.llama;

import dev.hourglass.core.read.cupti.ActivityFacts;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.text.JsonTree;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// One real token of a hybrid run (48 layers, experts on the CPU, H200), as CUPTI's buffers and as rows of splits.
///
/// The recording has every kernel; as wholes, graphs are what lies between the first and the last kernel of a launch.
final class HybridToken {
    /// As `cuptiGetVersion` of CUDA 13.0 tells, and the sizes of its records.
    private static final ActivityFacts FACTS = new ActivityFacts(
            130_001,
            Map.of(1, 96, 5, 40, 10, 216, 38, 56, 51, 56),
            Map.of(
                    131,
                    "cudaStreamSynchronize_v3020",
                    16,
                    "cudaGetDevice_v3020",
                    41,
                    "cudaMemcpyAsync_v3020",
                    311,
                    "cudaGraphLaunch_v10000"),
            Map.of());

    static final long PID = 4711;
    static final long THREAD = 4712;
    /// What the clock of the records is ahead of that of the run.
    private static final long AHEAD = 1_795_870_899_313_665_024L;

    private static final int NAME = 0x7000;

    final long dur;
    private final List<Map<String, @Nullable Object>> records;
    private final List<Map<String, @Nullable Object>> asks;

    private HybridToken(Map<String, @Nullable Object> root) {
        this.dur = JsonTree.number(root, "argmax_end_ns", 0);
        this.records = JsonTree.objects(root, "cuda_records");
        this.asks = JsonTree.objects(root, "node_asks");
    }

    static HybridToken read() throws IOException {
        try (InputStream in = new GZIPInputStream(
                Objects.requireNonNull(HybridToken.class.getResourceAsStream("hybrid-token.json.gz")))) {
            return new HybridToken(JsonTree.object(in));
        }
    }

    /// A span of time by what ran: kernel, graph, memcpy, or the name of a call.
    record Span(String what, long ts, long end) {}

    List<Span> spans(String kind) {
        return records.stream()
                .filter(r -> JsonTree.text(r, "kind").equals(kind))
                .map(r -> new Span(
                        kind.equals("runtime") ? JsonTree.text(r, "name") : kind, start(r), start(r) + length(r)))
                .toList();
    }

    private static long start(Map<String, @Nullable Object> r) {
        return JsonTree.number(r, "start_ns", 0);
    }

    private static long length(Map<String, @Nullable Object> r) {
        return JsonTree.number(r, "dur_ns", 0);
    }

    /// Graphs as wholes: from the first to the last kernel of each launch.
    List<Span> graphs() {
        return graphRows().values().stream()
                .map(g -> new Span("graph", g[0], g[1]))
                .toList();
    }

    private Map<Long, long[]> graphRows() {
        Map<Long, long[]> graphs = new TreeMap<>();
        for (Map<String, @Nullable Object> r : records) {
            if (JsonTree.text(r, "kind").equals("kernel")) {
                graphs.merge(
                        JsonTree.number(r, "correlation", 0),
                        new long[] {start(r), start(r) + length(r), JsonTree.number(r, "graph_id", 0)},
                        (a, b) -> new long[] {Math.min(a[0], b[0]), Math.max(a[1], b[1]), a[2]});
            }
        }
        return graphs;
    }

    /// Runs of nodes of one backend: first and last question.
    List<Span> splits() {
        List<Span> splits = new ArrayList<>();
        for (Map<String, @Nullable Object> ask : asks) {
            long at = JsonTree.number(ask, "ask_ns", 0);
            String backend = JsonTree.text(ask, "backend");
            if (!splits.isEmpty() && splits.getLast().what().equals(backend)) {
                splits.set(splits.size() - 1, new Span(backend, splits.getLast().ts(), at));
            } else {
                splits.add(new Span(backend, at, at));
            }
        }
        return splits;
    }

    /// Writes this token several times, one after the other, as the engine's process leaves it.
    ///
    /// @param kernels every kernel, with the steps named; else graphs as wholes
    /// @param starts of the tokens
    void activities(Path file, boolean kernels, List<Long> starts) throws IOException {
        try (ActivityFile out = ActivityFile.create(file, kernels ? PID + 100 : PID)) {
            out.moment(0, AHEAD, 0);
            out.facts(FACTS);
            Map<String, Integer> names = new HashMap<>();
            for (Map<String, @Nullable Object> r : records) {
                if (JsonTree.text(r, "kind").equals("kernel")) {
                    names.putIfAbsent(JsonTree.text(r, "name"), NAME + 16 * names.size());
                }
            }
            for (Map.Entry<String, Integer> name : names.entrySet()) {
                out.name(name.getValue(), name.getKey());
            }
            for (int t = 0; t < starts.size(); t++) {
                if (kernels) {
                    out.step(THREAD + 100, starts.get(t), starts.get(t) + dur, "traced step " + t);
                }
                out.records(MemorySegment.ofArray(buffer(kernels, starts.get(t), 10_000L * t, names)));
            }
        }
    }

    private byte[] buffer(boolean kernels, long at, long later, Map<String, Integer> names) {
        ByteBuffer out = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        for (Map<String, @Nullable Object> r : records) {
            long start = AHEAD + at + start(r);
            int correlation = (int) (JsonTree.number(r, "correlation", 0) + later);
            switch (JsonTree.text(r, "kind")) {
                case "runtime" -> call(out, r, start, correlation, kernels ? THREAD + 100 : THREAD);
                case "memcpy" -> copy(out, r, start, correlation);
                case "kernel" -> {
                    if (kernels) {
                        kernel(out, r, start, correlation, names);
                    }
                }
                case "sync" -> wait(out, r, start, correlation);
                default -> throw new AssertionError(r);
            }
        }
        if (!kernels) {
            graphRows().forEach((correlation, g) -> {
                ByteBuffer row = record(out, 51, 56);
                row.putInt(4, (int) (correlation + later))
                        .putLong(8, AHEAD + at + g[0])
                        .putLong(16, AHEAD + at + g[1]);
                row.putInt(28, (int) g[2]).putInt(32, 1).putInt(36, 15);
            });
        }
        byte[] bytes = new byte[out.position()];
        out.get(0, bytes);
        return bytes;
    }

    private static ByteBuffer record(ByteBuffer out, int kind, int size) {
        ByteBuffer row = out.slice(out.position(), size).order(ByteOrder.LITTLE_ENDIAN);
        row.putInt(0, kind);
        out.position(out.position() + size);
        return row;
    }

    private static void call(
            ByteBuffer out, Map<String, @Nullable Object> r, long start, int correlation, long thread) {
        ByteBuffer row = record(out, 5, 40);
        int number = FACTS.runtime().entrySet().stream()
                .filter(e -> e.getValue().equals(JsonTree.text(r, "name")))
                .findFirst()
                .orElseThrow()
                .getKey();
        row.putInt(4, number).putLong(8, start).putLong(16, start + length(r));
        row.putInt(24, (int) PID).putInt(28, (int) thread).putInt(32, correlation);
    }

    private static void copy(ByteBuffer out, Map<String, @Nullable Object> r, long start, int correlation) {
        ByteBuffer row = record(out, 1, 96);
        row.put(4, (byte) (JsonTree.text(r, "copy").equals("HtoD") ? 1 : 2));
        row.put(5, (byte) JsonTree.number(r, "src_kind", 0)).put(6, (byte) JsonTree.number(r, "dst_kind", 0));
        row.putLong(8, JsonTree.number(r, "bytes", 0)).putLong(16, start).putLong(24, start + length(r));
        row.putInt(36, 1).putInt(40, (int) JsonTree.number(r, "stream", 0)).putInt(44, correlation);
    }

    private static void kernel(
            ByteBuffer out, Map<String, @Nullable Object> r, long start, int correlation, Map<String, Integer> names) {
        ByteBuffer row = record(out, 10, 216);
        row.putLong(16, start).putLong(24, start + length(r));
        row.putInt(44, 1).putInt(48, (int) JsonTree.number(r, "stream", 0)).putInt(92, correlation);
        row.putLong(104, Objects.requireNonNull(names.get(JsonTree.text(r, "name"))));
        row.putLong(144, JsonTree.number(r, "graph_node_id", 0)).putInt(156, (int) JsonTree.number(r, "graph_id", 0));
    }

    private static void wait(ByteBuffer out, Map<String, @Nullable Object> r, long start, int correlation) {
        ByteBuffer row = record(out, 38, 56);
        row.putInt(4, 3).putLong(8, start).putLong(16, start + length(r)).putInt(24, correlation);
        row.putInt(28, 1).putInt(32, (int) JsonTree.number(r, "stream", 0));
    }

    /// Rows of a token and of its splits.
    void rows(TraceStore store, int token, long at, Optional<Long> unobserved) {
        try (RowWriter tokens = new RowWriter(Tables.TOKEN, store);
                RowWriter plain = new RowWriter(Tables.TOKEN_UNPROFILED, store);
                RowWriter splits = new RowWriter(Tables.ENGINE_SPLIT, store)) {
            tokens.set("token", (long) token)
                    .set("ts", at)
                    .set("dur", dur)
                    .set("position", 100L + token)
                    .end();
            unobserved.ifPresent(ns -> plain.set("token", (long) token)
                    .set("ts", at)
                    .set("dur", ns)
                    .set("position", 100L + token)
                    .end());
            int nth = 0;
            for (Span split : splits()) {
                boolean cpu = split.what().equals("CPU");
                if (nth > 0) {
                    splits.set("layer", (long) (nth - 1) / 2);
                }
                splits.set("token", (long) token)
                        .set("split", (long) nth++)
                        .set("backend", split.what())
                        .set("component", !cpu ? "t_gpu_computation" : nth == 1 ? "embedding" : "t_cpu_computation")
                        .set("name", !cpu ? "ffn_norm" : nth == 1 ? "embd" : "ffn_moe_down")
                        .set("kind", "MUL_MAT_ID")
                        .set("nodes", 4L)
                        .set("weight_bytes", cpu ? 8L * 2_654_208 : 0)
                        .set("flops", 0L)
                        .set("ts", at + split.ts())
                        .set("begin_ts", at + split.end())
                        .end();
            }
        }
    }
}
