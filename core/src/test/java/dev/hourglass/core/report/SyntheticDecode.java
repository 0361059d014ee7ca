package dev.hourglass.core.report;

import dev.hourglass.core.query.Timeline;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// A session as a decode run on a CPU leaves it, invented from a seed: plausible in shape and size, true
/// of no machine.
final class SyntheticDecode {
    private record Node(String name, String kind, String component, double us, long bytes) {}

    private static final List<Node> LAYER = List.of(
            new Node("norm", "RMS_NORM", "norm", 4, 0),
            new Node("attn_norm", "MUL", "norm", 2, 8192),
            new Node("Qcur", "MUL_MAT", "attention", 160, 4_718_592),
            new Node("Kcur", "MUL_MAT", "attention", 24, 589_824),
            new Node("Vcur", "MUL_MAT", "attention", 24, 589_824),
            new Node("Qcur_normed", "RMS_NORM", "attention", 5, 512),
            new Node("Kcur_normed", "RMS_NORM", "attention", 3, 512),
            new Node("Qcur_rope", "ROPE", "attention", 9, 0),
            new Node("Kcur_rope", "ROPE", "attention", 4, 0),
            new Node("cache_k", "SET_ROWS", "attention", 2, 0),
            new Node("cache_v", "SET_ROWS", "attention", 2, 0),
            new Node("kqv_out", "FLASH_ATTN_EXT", "attention", 46, 0),
            new Node("attn_out", "MUL_MAT", "attention", 165, 4_718_592),
            new Node("ffn_inp", "ADD", "attention", 2, 0),
            new Node("norm", "RMS_NORM", "norm", 4, 0),
            new Node("ffn_norm", "MUL", "norm", 2, 8192),
            new Node("ffn_moe_logits", "MUL_MAT", "t_routing", 42, 1_048_576),
            new Node("ffn_moe_probs", "SOFT_MAX", "t_routing", 4, 0),
            new Node("ffn_moe_argsort", "ARGSORT", "t_routing", 7, 0),
            new Node("ffn_moe_topk", "VIEW", "t_routing", 1, 0),
            new Node("ffn_moe_weights", "GET_ROWS", "t_routing", 2, 0),
            new Node("ffn_moe_weights_sum", "SUM_ROWS", "t_routing", 2, 0),
            new Node("ffn_moe_weights_norm", "DIV", "t_routing", 2, 0),
            new Node("ffn_moe_gate", "MUL_MAT_ID", "t_cpu_computation", 520, 7_077_888),
            new Node("ffn_moe_up", "MUL_MAT_ID", "t_cpu_computation", 515, 7_077_888),
            new Node("ffn_moe_swiglu", "GLU", "t_cpu_computation", 9, 0),
            new Node("ffn_moe_down", "MUL_MAT_ID", "t_cpu_computation", 540, 7_077_888),
            new Node("ffn_moe_weighted", "MUL", "t_cpu_computation", 8, 0),
            new Node("ffn_moe_out", "ADD", "t_cpu_computation", 14, 0),
            new Node("l_out", "ADD", "t_cpu_computation", 3, 0));

    private final SplittableRandom random;
    private final int tokens;
    private final int layers;
    private final TraceStore store;
    private final boolean hostile;
    private long clock = 1_000_000_000L;

    private SyntheticDecode(TraceStore store, long seed, int tokens, int layers, boolean hostile) {
        this.store = store;
        this.random = new SplittableRandom(seed);
        this.tokens = tokens;
        this.layers = layers;
        this.hostile = hostile;
    }

    /// What a trace may hold as a name to harm whoever shows it.
    static final String HOSTILE = "<img src=x onerror=\"window.pwned=1\">'\"</script><script>window.pwned=1</script>"
            + "</style><!--[CDATA[ ]]>&amp;`|**[x](javascript:window.pwned=1)\u001b[31m\u202egnp.exe\u0000$(id);--{{body}}";

    /// Writes the database of a session into `directory`, with facts that override the invented ones.
    static Path write(Path directory, long seed, int tokens, int layers, Map<String, String> facts) throws IOException {
        return write(directory, seed, tokens, layers, facts, false);
    }

    /// The same with [#HOSTILE] wherever a trace can name something.
    static Path writeHostile(Path directory) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        for (String name : List.of(
                "model.shape",
                "model.quantization",
                "engine.name",
                "engine.version",
                "host.cpu",
                "run.command",
                "contention.reason",
                HOSTILE)) {
            facts.put(name, HOSTILE);
        }
        facts.put("contention.level", "some");
        return write(directory, 7, 6, 2, facts, true);
    }

    private static Path write(
            Path directory, long seed, int tokens, int layers, Map<String, String> facts, boolean hostile)
            throws IOException {
        Files.createDirectories(directory);
        try (TraceStore store = TraceStore.create(new SessionLayout(directory).database(), BlockSize.SMALL)) {
            new SyntheticDecode(store, seed, tokens, layers, hostile).all(facts);
            Timeline.lay(store);
            Views.create(store);
        }
        return directory;
    }

    private String name(String harmless) {
        return hostile ? HOSTILE : harmless;
    }

    private void all(Map<String, String> facts) {
        long start = clock;
        steps();
        if (!"0".equals(facts.get("model.experts"))) {
            experts();
        }
        samples(start, clock);
        machine();
        absences();
        losses();
        metadata(facts);
    }

    private void steps() {
        try (RowWriter token = new RowWriter(Tables.TOKEN, store);
                RowWriter unprofiled = new RowWriter(Tables.TOKEN_UNPROFILED, store);
                RowWriter op = new RowWriter(Tables.OP, store)) {
            for (int t = 0; t < tokens; t++) {
                double slow =
                        1 + 0.03 * random.nextDouble() + (random.nextInt(16) == 0 ? 0.12 * random.nextDouble() : 0);
                long begin = clock;
                step(op, t, slow);
                token.set("token", t).set("ts", begin).set("dur", clock - begin);
                token.set("position", 256L + 2L * t)
                        .set("token_id", random.nextInt(150_000))
                        .end();
                long plain = (long) ((clock - begin) * (0.985 + 0.02 * random.nextDouble()));
                unprofiled
                        .set("token", t)
                        .set("ts", clock + 40_000)
                        .set("dur", plain)
                        .set("position", 257L + 2L * t)
                        .end();
                clock += 40_000 + plain + 60_000;
            }
        }
    }

    private void step(RowWriter op, int token, double slow) {
        piece(op, token, -1, new Node("graph", "PLAN", "t_scheduling", 90, 0), slow);
        piece(op, token, -1, new Node("embd", "GET_ROWS", "embedding", 6, 2048), slow);
        for (int layer = 0; layer < layers; layer++) {
            double own = slow * (1 + 0.05 * StrictMath.sin(layer * 0.7));
            for (Node node : LAYER) {
                piece(op, token, layer, node, own);
            }
        }
        piece(op, token, -1, new Node("result_norm", "RMS_NORM", "norm", 5, 8192), slow);
        piece(op, token, -1, new Node("result_output", "MUL_MAT", "lm_head", 6200, 175_000_000), slow);
        piece(op, token, -1, new Node("sample", "ARGMAX", "sampling", 210, 0), slow);
    }

    private void piece(RowWriter op, int token, int layer, Node node, double slow) {
        clock += 200 + random.nextInt(300);
        long dur = (long) (1000 * node.us() * slow * (0.96 + 0.08 * random.nextDouble()));
        op.set("token", token).set("name", name(node.name())).set("component", component(node));
        if (layer >= 0) {
            op.set("layer", layer);
        }
        op.set("ts", clock).set("dur", dur).set("kind", name(node.kind())).set("nodes", 1);
        op.set("weight_bytes", node.bytes()).set("flops", node.bytes() * 4).end();
        clock += dur;
    }

    private String component(Node node) {
        return hostile && node.component().equals("norm") ? HOSTILE : node.component();
    }

    private void experts() {
        try (RowWriter choice = new RowWriter(Tables.EXPERT_CHOICE, store)) {
            for (int t = 0; t < tokens; t++) {
                for (int layer = 0; layer < layers; layer++) {
                    choose(choice, t, layer);
                }
            }
        }
    }

    private void choose(RowWriter choice, int token, int layer) {
        TreeSet<Integer> chosen = new TreeSet<>();
        while (chosen.size() < 8) {
            double u = random.nextDouble();
            chosen.add(random.nextInt(3) == 0 ? (int) (u * u * 128 + layer * 5) % 128 : (int) (u * 128));
        }
        int slot = 0;
        for (int expert : chosen) {
            choice.set("token", token).set("layer", layer).set("slot", slot++).set("expert", expert);
            choice.set("weight", 0.125 + 0.02 * random.nextDouble()).end();
        }
    }

    private void samples(long from, long to) {
        try (RowWriter core = new RowWriter(Tables.CORE_SAMPLE, store);
                RowWriter thread = new RowWriter(Tables.THREAD_SAMPLE, store)) {
            long step = 50_000_000;
            for (long ts = from; ts < to; ts += step) {
                for (int c = 0; c < 2; c++) {
                    double busy = 0.93 + 0.07 * random.nextDouble();
                    core.set("ts", ts).set("dur", step).set("core", c).set("busy_ratio", busy);
                    core.set("user_ratio", busy - 0.02)
                            .set("system_ratio", 0.02)
                            .set("steal_ratio", 0.003)
                            .end();
                    thread.set("ts", ts)
                            .set("dur", step)
                            .set("tid", 4711 + c)
                            .set("name", name(c == 0 ? "hourglass" : "ggml-1"));
                    thread.set("run_ns", (long) (0.96 * step)).set("wait_ns", (long) (0.01 * step));
                    thread.set("voluntary_switches", 1)
                            .set("involuntary_switches", random.nextInt(3))
                            .end();
                }
            }
        }
    }

    private void machine() {
        try (RowWriter ceiling = new RowWriter(Tables.CEILING, store);
                RowWriter perf = new RowWriter(Tables.PERF_COUNT, store)) {
            ceiling.set("name", "dram_read")
                    .set("device", "cpu")
                    .set("value", 19.4e9)
                    .set("unit", "B/s");
            ceiling.set("median", 18.9e9).set("stddev", 0.4e9).set("n", 9).set("threads", 2);
            ceiling.set("method", name("two threads read 1 GiB each, 9 passes")).end();
            perf.set("event", "page-faults")
                    .set("scope", "engine process")
                    .set("value", 412)
                    .end();
            perf.set("event", "task-clock")
                    .set("scope", "engine process")
                    .set("value", 3_912_000_000L)
                    .end();
            for (String event : List.of("instructions", "cycles", "LLC-load-misses", "L1-dcache-load-misses")) {
                perf.set("event", name(event)).set("scope", name("engine process"));
                perf.set("reason", "this virtual machine has no performance counters: perf_event_open says ENOENT")
                        .end();
            }
        }
    }

    private void absences() {
        try (RowWriter absent = new RowWriter(Tables.NOT_MEASURED, store)) {
            for (String item : List.of("t_pcie_transfer", "t_gpu_kernel_launch", "t_gpu_computation")) {
                absent.set("item", item).set("status", "not_measured").set("reason", "this machine has no GPU");
                absent.set("how_to_record", "run on a machine with an NVIDIA GPU")
                        .end();
            }
            absent.set("item", "t_sync").set("status", "not_measured");
            absent.set(
                            "reason",
                            hostile ? HOSTILE : "uprobes need perf_event_paranoid <= 1 or CAP_PERFMON; it is 3 here")
                    .end();
        }
    }

    private void losses() {
        if (hostile) {
            try (RowWriter lost = new RowWriter(Tables.IMPORT_STAT, store)) {
                lost.set("source", HOSTILE)
                        .set("kind", HOSTILE)
                        .set("severity", "data_loss")
                        .set("count", 3);
                lost.set("place", HOSTILE).end();
            }
        }
    }

    private void metadata(Map<String, String> overrides) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("model.shape", "qwen3-30b-a3b");
        facts.put("model.layers", Integer.toString(layers));
        facts.put("model.layers_full", "48");
        facts.put("model.moe_layers", Integer.toString(layers));
        facts.put("model.params", "5609349120");
        facts.put("model.quantization", "Q4_0");
        facts.put("model.experts", "128");
        facts.put("model.experts_used", "8");
        facts.put("model.expert_bytes", "2654208");
        facts.put("model.random_weights", "true");
        facts.put("engine.name", "llama.cpp");
        facts.put("engine.version", "b10000");
        facts.put("engine.library", "libllama.so");
        facts.put("engine.threads", "2");
        facts.put("host.cpu", "AMD EPYC 9B45");
        facts.put("host.cores", "2");
        facts.put("host.memory_bytes", "25276063744");
        facts.put("run.command", "hourglass profile --shape qwen3-30b-a3b --layers " + layers);
        facts.put("run.granularity", "node");
        facts.put("run.tokens", Integer.toString(tokens));
        facts.put("contention.level", "none");
        facts.put("contention.reason", "other processes used 0.4 % of the machine");
        facts.putAll(overrides);
        try (RowWriter metadata = new RowWriter(Tables.METADATA, store)) {
            facts.forEach((name, value) ->
                    metadata.set("name", name).set("value", value).end());
        }
    }
}
