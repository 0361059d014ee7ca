package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Timeline;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.nio.file.Path;
import java.util.Map;

/// Writes a session whose figures are known in advance.
final class PlantedRun {
    private PlantedRun() {}

    /// Four tokens of two layers. Token i takes 1000 + 10·i µs; its parts are 100 µs of routing, 600 of
    /// experts and 200 of attention, half in each layer; the rest is the remainder. Its unprofiled
    /// neighbour takes 1000/1.01 µs at i = 0, and so on: 1 % less.
    static Session moe(Path directory) {
        try (TraceStore store = TraceStore.create(new SessionLayout(directory).database(), BlockSize.SMALL)) {
            for (int token = 0; token < 4; token++) {
                token(store, token);
            }
            facts(
                    store,
                    Map.of(
                            "model.experts",
                            "4",
                            "model.experts_used",
                            "2",
                            "model.moe_layers",
                            "2",
                            "model.layers_full",
                            "6",
                            "model.layers",
                            "2",
                            "engine.threads",
                            "2"));
            row(store, Tables.CEILING, Map.of("name", "dram_read", "device", "cpu", "value", 20e9, "unit", "B/s"));
            row(
                    store,
                    Tables.BARRIER,
                    Map.of("step", 0L, "thread", 1L, "wait_ns", 40_000L, "hits", 5L, "step_dur", 1_100_000L));
            row(
                    store,
                    Tables.BARRIER,
                    Map.of("step", 0L, "thread", 2L, "wait_ns", 60_000L, "hits", 5L, "step_dur", 1_100_000L));
            row(
                    store,
                    Tables.NOT_MEASURED,
                    Map.of("item", "t_pcie_transfer", "status", "not_measured", "reason", "no GPU takes part"));
            Timeline.lay(store);
            Views.create(store);
        }
        return Session.open(directory);
    }

    static void facts(TraceStore store, Map<String, String> facts) {
        facts.forEach((name, value) -> row(store, Tables.METADATA, Map.of("name", name, "value", value)));
    }

    static void row(TraceStore store, Table table, Map<String, Object> values) {
        try (RowWriter rows = new RowWriter(table, store)) {
            values.forEach((name, value) -> {
                switch (value) {
                    case Long l -> rows.set(name, l);
                    case Double d -> rows.set(name, d);
                    default -> rows.set(name, value.toString());
                }
            });
            rows.end();
        }
    }

    private static void token(TraceStore store, int token) {
        long dur = 1_000_000L + 10_000L * token;
        long ts = start(token);
        row(
                store,
                Tables.TOKEN,
                Map.of("token", (long) token, "ts", ts, "dur", dur, "position", 16L + 2 * token, "token_id", 7L));
        row(
                store,
                Tables.TOKEN_UNPROFILED,
                Map.of(
                        "token",
                        (long) token,
                        "ts",
                        ts + dur,
                        "dur",
                        Math.round(dur / 1.01),
                        "position",
                        17L + 2 * token));
        for (int layer = 0; layer < 2; layer++) {
            long at = ts + layer * 450_000L;
            op(store, token, layer, "attention", "attn_out", at, 100_000L, 1_000_000L);
            op(store, token, layer, "t_routing", "ffn_moe_logits", at + 100_000L, 50_000L, 8_192L);
            op(store, token, layer, "t_cpu_computation", "ffn_moe_down", at + 150_000L, 300_000L, 3_000_000L);
            choice(store, token, layer, 0, token % 4, 0.75);
            choice(store, token, layer, 1, (token + 1) % 4, 0.25);
        }
    }

    /// Steps follow each other without anything between.
    private static long start(int token) {
        long ts = 0;
        for (int i = 0; i < token; i++) {
            ts += 1_000_000L + 10_000L * i + Math.round((1_000_000L + 10_000L * i) / 1.01);
        }
        return ts;
    }

    private static void op(
            TraceStore store, int token, int layer, String component, String name, long ts, long dur, long bytes) {
        row(
                store,
                Tables.OP,
                Map.of(
                        "token", (long) token,
                        "layer", (long) layer,
                        "component", component,
                        "name", name,
                        "ts", ts,
                        "dur", dur,
                        "kind", "MUL_MAT",
                        "nodes", 1L,
                        "weight_bytes", bytes));
    }

    private static void choice(TraceStore store, int token, int layer, int slot, int expert, double weight) {
        row(
                store,
                Tables.EXPERT_CHOICE,
                Map.of(
                        "token", (long) token,
                        "layer", (long) layer,
                        "slot", (long) slot,
                        "expert", (long) expert,
                        "weight", weight));
    }
}
