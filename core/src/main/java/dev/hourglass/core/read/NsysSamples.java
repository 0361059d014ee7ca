package dev.hourglass.core.read;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What one Nsight Systems export sampled: metrics of the GPUs, stacks of threads.
final class NsysSamples extends NsysPart {
    NsysSamples(NsysPart other) {
        super(other);
    }

    @Override
    void read() {
        metrics();
        samples();
    }

    private void metrics() {
        Map<Long, Map<Long, String>> names = new HashMap<>();
        database.each(
                "TARGET_INFO_GPU_METRICS",
                List.of("typeId", "metricId", "metricName"),
                row -> names.computeIfAbsent(row.integer(0).orElse(0), type -> new HashMap<>())
                        .put(row.integer(1).orElse(0), row.text(2)));
        Map<Long, Long> devices = new HashMap<>();
        database.each(
                "TARGET_INFO_GPU",
                List.of("pwGpuId", "id"),
                row -> devices.put(row.integer(0).orElse(0), row.integer(1).orElse(0)));
        Map<String, Long> tracks = new HashMap<>();
        counted = 0;
        try (RowWriter out = new RowWriter(TraceTables.COUNTER, sink)) {
            database.each("GPU_METRICS", List.of("timestamp", "typeId", "metricId", "value"), row -> {
                if (!starts(row.integer(0), "GPU_METRICS") || Double.isNaN(row.real(3))) {
                    return;
                }
                long type = row.integer(1).orElse(0);
                long metric = row.integer(2).orElse(0);
                long device = devices.getOrDefault(type & 0xFF, type & 0xFF);
                long track = tracks.computeIfAbsent(type + "/" + metric, key -> {
                    String name = names.getOrDefault(type, Map.of()).getOrDefault(metric, "metric " + metric);
                    return threads.counterTrack(name, name.contains("%") ? "%" : "", OptionalLong.of(device));
                });
                out.set("id", context.take(ImportContext.Id.COUNTER, 1))
                        .set("ts", at(row.integer(0)))
                        .set("track_id", track)
                        .set("value", row.real(3))
                        .end();
                counted++;
            });
        }
        context.stats().read("gpu_metric", counted);
    }

    /// The frames of a sample from the outermost to the innermost, and where the innermost is from.
    private record Stack(String frames, String leaf, String dso) {}

    /// Stacks by number. Most samples share theirs with others; the frames of one stand together.
    private static final class Stacks {
        private final Map<Stack, Stack> unique = new HashMap<>();
        private final Map<Long, Stack> byId = new HashMap<>();
        private long id = Long.MIN_VALUE;
        private StringBuilder frames = new StringBuilder();
        private String leaf = "";
        private String dso = "";

        /// Frames are numbered from the innermost.
        void frame(long of, String symbol, String module, boolean innermost) {
            if (of != id) {
                end();
                id = of;
                Stack begun = byId.getOrDefault(of, new Stack("", "", ""));
                frames = new StringBuilder(begun.frames());
                leaf = begun.leaf();
                dso = begun.dso();
            }
            frames.insert(0, frames.isEmpty() ? symbol : symbol + ";");
            if (innermost) {
                leaf = symbol;
                dso = module;
            }
        }

        void end() {
            if (!frames.isEmpty()) {
                Stack stack = new Stack(frames.toString(), leaf, dso);
                byId.put(id, unique.computeIfAbsent(stack, s -> s));
            }
            frames.setLength(0);
        }
    }

    private void samples() {
        Stacks stacks = new Stacks();
        database.each("SAMPLING_CALLCHAINS", List.of("id", "symbol", "module", "stackDepth"), row -> {
            String symbol = database.string(row.integer(1)).replace(';', ':');
            stacks.frame(
                    row.integer(0).orElse(-1),
                    symbol,
                    database.string(row.integer(2)),
                    row.integer(3).orElse(0) == 0);
        });
        stacks.end();
        counted = 0;
        try (RowWriter out = new RowWriter(TraceTables.CPU_SAMPLE, sink)) {
            database.each("COMPOSITE_EVENTS", List.of("id", "start", "cpu", "globalTid", "cpuCycles"), row -> {
                if (!starts(row.integer(1), "COMPOSITE_EVENTS")) {
                    return;
                }
                long thread = row.integer(3).orElse(0);
                out.set("ts", at(row.integer(1)))
                        .set("pid", NsysThreads.pid(thread))
                        .set("tid", NsysThreads.tid(thread));
                out.set("thread", threads.threadName(thread)).set("event", "cpu-cycles");
                set(out, "cpu", row.integer(2));
                out.set("period", Math.max(1, row.integer(4).orElse(1)));
                Stack stack = stacks.byId.get(row.integer(0).orElse(-1));
                if (stack != null) {
                    out.set("stack", stack.frames());
                    if (!stack.leaf().isEmpty() || !stack.dso().isEmpty()) {
                        out.set("leaf", stack.leaf()).set("dso", stack.dso());
                    }
                }
                out.set("source_id", context.sourceId()).end();
                counted++;
            });
        }
        context.stats().read("cpu_sample", counted);
    }
}
