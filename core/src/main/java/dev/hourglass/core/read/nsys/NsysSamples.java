package dev.hourglass.core.read.nsys;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.util.ArrayList;
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
                row -> names.computeIfAbsent(row.integer(0), type -> new HashMap<>())
                        .put(row.integer(1), row.text(2)));
        Map<Long, Long> devices = new HashMap<>();
        database.each("TARGET_INFO_GPU", List.of("pwGpuId", "id"), row -> devices.put(row.integer(0), row.integer(1)));
        Map<Metric, Long> tracks = new HashMap<>();
        counted = 0;
        try (RowWriter out = new RowWriter(TraceTables.COUNTER, sink)) {
            database.each("GPU_METRICS", List.of("timestamp", "typeId", "metricId", "value"), row -> {
                double value = row.real(3);
                if (!starts(row, 0, "GPU_METRICS") || Double.isNaN(value)) {
                    return;
                }
                long track = tracks.computeIfAbsent(new Metric(row.integer(1), row.integer(2)), key -> {
                    long device = devices.getOrDefault(key.type & 0xFF, key.type & 0xFF);
                    String name =
                            names.getOrDefault(key.type, Map.of()).getOrDefault(key.metric, "metric " + key.metric);
                    return threads.counterTrack(name, name.contains("%") ? "%" : "", OptionalLong.of(device));
                });
                out.set("id", context.take(ImportContext.Id.COUNTER, 1))
                        .set("ts", at(row.integer(0)))
                        .set("track_id", track)
                        .set("value", value)
                        .end();
                counted++;
            });
        }
        context.stats().read("gpu_metric", counted);
    }

    private record Metric(long type, long metric) {}

    /// The frames of a sample from the outermost to the innermost, and where the innermost is from.
    private record Stack(String frames, String leaf, String dso) {}

    private static final Stack NOTHING = new Stack("", "", "");

    /// Frames as they stand in the export, the innermost first. Equal frames make equal stacks.
    private record Frames(List<String> symbols, String leaf, String dso) {}

    /// Stacks by number. Most samples share theirs with others; the frames of one stand together.
    private static final class Stacks {
        private final Map<Frames, Stack> known = new HashMap<>();
        private final Map<Long, Stack> byId = new HashMap<>();
        private final List<String> symbols = new ArrayList<>();
        private long id = Long.MIN_VALUE;
        private Stack begun = NOTHING;
        private String leaf = "";
        private String dso = "";

        /// Frames are numbered from the innermost.
        void frame(long of, String symbol, String module, boolean innermost) {
            if (of != id) {
                end();
                id = of;
                begun = byId.getOrDefault(of, NOTHING);
                leaf = begun.leaf();
                dso = begun.dso();
            }
            symbols.add(symbol);
            if (innermost) {
                leaf = symbol;
                dso = module;
            }
        }

        void end() {
            if (!symbols.isEmpty()) {
                put();
            }
            symbols.clear();
        }

        private void put() {
            boolean whole = begun.frames().isEmpty();
            Stack stack = whole ? known.get(new Frames(symbols, leaf, dso)) : null;
            if (stack == null) {
                stack = stack();
                if (whole) {
                    known.put(new Frames(List.copyOf(symbols), leaf, dso), stack);
                }
            }
            if (!stack.frames().isEmpty()) {
                byId.put(id, stack);
            }
        }

        private Stack stack() {
            StringBuilder text = new StringBuilder(begun.frames());
            for (String symbol : symbols) {
                text.insert(0, text.isEmpty() ? symbol : symbol + ";");
            }
            return new Stack(text.toString(), leaf, dso);
        }
    }

    private void samples() {
        Stacks stacks = new Stacks();
        database.each("SAMPLING_CALLCHAINS", List.of("id", "symbol", "module", "stackDepth"), row -> {
            String symbol = database.string(row, 1).replace(';', ':');
            stacks.frame(row.integer(0, -1), symbol, database.string(row, 2), row.integer(3) == 0);
        });
        stacks.end();
        counted = 0;
        try (RowWriter out = new RowWriter(TraceTables.CPU_SAMPLE, sink)) {
            database.each("COMPOSITE_EVENTS", List.of("id", "start", "cpu", "globalTid", "cpuCycles"), row -> {
                if (!starts(row, 1, "COMPOSITE_EVENTS")) {
                    return;
                }
                long thread = row.integer(3);
                out.set("ts", at(row.integer(1)))
                        .set("pid", NsysThreads.pid(thread))
                        .set("tid", NsysThreads.tid(thread));
                out.set("thread", threads.threadName(thread)).set("event", "cpu-cycles");
                set(out, "cpu", row, 2);
                out.set("period", Math.max(1, row.integer(4, 1)));
                Stack stack = stacks.byId.get(row.integer(0, -1));
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
