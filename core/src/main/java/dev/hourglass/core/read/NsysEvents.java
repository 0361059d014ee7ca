package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Reads the tables of one Nsight Systems export, the calls before the device work that they started.
final class NsysEvents {
    private static final List<String> COPY_KINDS = List.of(
            "unknown", "HtoD", "DtoH", "unknown", "unknown", "unknown", "unknown", "unknown", "DtoD", "HtoH", "PtoP",
            "HtoD", "DtoH", "DtoD");
    private static final List<String> MEMORY_KINDS =
            List.of("pageable", "pinned", "device", "device", "managed", "device", "managed", "unknown");
    private static final List<String> SYNC_KINDS =
            List.of("Sync", "Event Sync", "Stream Wait Event", "Stream Sync", "Context Sync");
    /// Tables of host calls by name: where they go, under which category.
    private static final Map<String, String> HOST_CALLS = Map.of(
            "OSRT_API", "osrt",
            "CUDNN_EVENTS", "cudnn",
            "CUBLAS_EVENTS", "cublas",
            "PROFILER_OVERHEAD", "overhead",
            "MPI_P2P_EVENTS", "mpi",
            "MPI_COLLECTIVES_EVENTS", "mpi",
            "MPI_OTHER_EVENTS", "mpi",
            "UCP_EVENTS", "ucx",
            "NVSHMEM_EVENTS", "nvshmem",
            "SYSCALL", "syscall");
    /// Tables of events that exist and are left out.
    private static final List<String> LEFT_OUT = List.of(
            "SCHED_EVENTS",
            "GPU_CONTEXT_SWITCH_EVENTS",
            "GENERIC_EVENTS",
            "NIC_METRICS",
            "IB_SWITCH_METRICS",
            "CUDA_UM_CPU_PAGE_FAULT_EVENTS",
            "CUDA_UM_GPU_PAGE_FAULT_EVENTS",
            "CUDA_GPU_MEMORY_USAGE_EVENTS",
            "ETW_EVENTS",
            "NVVIDEO_ENCODER_API",
            "NVVIDEO_DECODER_API",
            "CUPTI_ACTIVITY_KIND_CUDA_EVENT");

    private static final int NVTX_MARK = 34;
    private static final int NVTX_START_END = 60;
    private static final int NVTXT_START_END = 71;
    private static final int DIAGNOSTIC_WARNING = 2;

    private final NsysDatabase database;
    private final BatchSink sink;
    private final ImportContext context;
    private final long offset;
    private final NsysThreads threads;
    private final NsysLaunches launches;
    private final SliceWriter slices;
    private long counted;

    NsysEvents(NsysDatabase database, BatchSink sink, ImportContext context, long offset) {
        this.database = database;
        this.sink = sink;
        this.context = context;
        this.offset = offset;
        this.threads = new NsysThreads(database, sink, context);
        this.launches = new NsysLaunches(sink, context);
        this.slices = new SliceWriter(sink, context);
    }

    void read() {
        try (threads;
                slices) {
            metadata();
            calls();
            kernels();
            copies();
            sets();
            graphs();
            syncs();
            graphNodes();
            nvtx();
            HOST_CALLS.forEach(this::hostCalls);
            metrics();
            samples();
            launches.write(sink, threads);
        }
        diagnostics();
        for (String table : LEFT_OUT) {
            count("table_left_out", table);
        }
    }

    private void count(String kind, String table) {
        long[] rows = {0};
        database.each(table, List.of("rowid"), row -> rows[0]++);
        if (rows[0] > 0) {
            context.stats().count(kind, Severity.INFO, rows[0], "first table " + table);
        }
    }

    private void metadata() {
        String prefix = "source." + context.sourceId() + ".";
        try (RowWriter row = new RowWriter(dev.hourglass.core.trace.Tables.METADATA, sink)) {
            for (String table : new String[] {"META_DATA_EXPORT", "EXPORT_META_DATA"}) {
                database.each(table, List.of("name", "value"), fact -> {
                    if (fact.text(0).matches("EXPORT_(PRODUCT|SCHEMA)_VERSION")) {
                        row.set(
                                        "name",
                                        prefix + "nsys."
                                                + fact.text(0)
                                                        .substring("EXPORT_".length())
                                                        .toLowerCase(java.util.Locale.ROOT))
                                .set("value", fact.text(1))
                                .end();
                    }
                });
            }
            List<String> facts = List.of(
                    "id",
                    "name",
                    "chipName",
                    "smCount",
                    "memoryBandwidth",
                    "clockRate",
                    "totalMemory",
                    "uuid",
                    "computeMajor",
                    "computeMinor",
                    "l2CacheSize");
            database.each("TARGET_INFO_GPU", facts, gpu -> {
                for (int i = 1; i < facts.size(); i++) {
                    if (!gpu.text(i).isEmpty()) {
                        row.set("name", prefix + "gpu." + gpu.text(0) + "." + facts.get(i))
                                .set("value", gpu.text(i))
                                .end();
                    }
                }
            });
        }
    }

    private long at(OptionalLong time) {
        return time.orElse(0) + offset;
    }

    /// Whether a row has a start; one without is counted.
    private boolean starts(OptionalLong start, String table) {
        if (start.isEmpty()) {
            context.stats().count("bad_number", Severity.DATA_LOSS, table + ": a row without a start");
        }
        return start.isPresent();
    }

    /// The duration: -1 without an end, 0 where it ends before it starts, which is counted.
    private long duration(OptionalLong start, OptionalLong end, String table) {
        if (end.isEmpty()) {
            return -1;
        }
        long dur = end.getAsLong() - start.orElse(0);
        if (dur < 0) {
            context.stats()
                    .count("negative_duration", Severity.NOTICE, table + ": set to 0, first at " + start.orElse(0));
        }
        return Math.max(0, dur);
    }

    private void calls() {
        String table = "CUPTI_ACTIVITY_KIND_RUNTIME";
        counted = 0;
        database.each(table, List.of("start", "end", "globalTid", "correlationId", "nameId"), row -> {
            OptionalLong start = row.integer(0);
            if (starts(start, table)) {
                long thread = row.integer(2).orElse(0);
                String name = NsysLaunches.plainName(database.string(row.integer(4)));
                long dur = duration(start, row.integer(1), table);
                long track = threads.threadTrack(thread);
                boolean driver = name.startsWith("cu") && name.length() > 2 && Character.isUpperCase(name.charAt(2));
                long id = slices.add(track, at(start), dur, name, driver ? "cuda_driver" : "cuda_runtime");
                row.integer(3).ifPresent(slices::withCorrelation);
                launches.add(id, at(start), dur, name, row.integer(3), thread, track);
                counted++;
            }
        });
        context.stats().read("launch", counted);
    }

    private void kernels() {
        String table = "CUPTI_ACTIVITY_KIND_KERNEL";
        counted = 0;
        try (RowWriter out = new RowWriter(TraceTables.KERNEL, sink)) {
            database.each(
                    table,
                    List.of(
                            "start",
                            "end",
                            "deviceId",
                            "contextId",
                            "streamId",
                            "correlationId",
                            "globalPid",
                            "demangledName",
                            "shortName",
                            "registersPerThread",
                            "gridX",
                            "gridY",
                            "gridZ",
                            "blockX",
                            "blockY",
                            "blockZ",
                            "staticSharedMemory",
                            "dynamicSharedMemory",
                            "graphNodeId",
                            "graphId"),
                    row -> {
                        if (!starts(row.integer(0), table)) {
                            return;
                        }
                        String name = database.string(row.integer(7).isPresent() ? row.integer(7) : row.integer(8));
                        device(out, row, table, name, "kernel");
                        String[] columns = {"registers", "grid_x", "grid_y", "grid_z", "block_x", "block_y", "block_z"};
                        for (int i = 0; i < columns.length; i++) {
                            set(out, columns[i], row.integer(9 + i));
                        }
                        if (row.integer(16).isPresent() || row.integer(17).isPresent()) {
                            out.set(
                                    "shared_bytes",
                                    row.integer(16).orElse(0) + row.integer(17).orElse(0));
                        }
                        node(out, row.integer(18));
                        set(out, "graph_id", row.integer(19));
                        out.end();
                        counted++;
                    });
        }
        context.stats().read("kernel", counted);
    }

    /// Columns that kernels and copies share: the row's first seven are start, end, device, context,
    /// stream, correlation and process.
    private void device(RowWriter out, NsysDatabase.Row row, String table, String name, String category)
            throws SQLException {
        OptionalLong start = row.integer(0);
        long dur = duration(start, row.integer(1), table);
        long track = threads.streamTrack(row.integer(6), row.integer(2), row.integer(3), row.integer(4), "");
        long id = slices.add(track, at(start), dur, name, category);
        row.integer(5).ifPresent(slices::withCorrelation);
        out.set("id", id).set("ts", at(start)).set("dur", dur).set("name", name).set("track_id", track);
        set(out, "device", row.integer(2));
        set(out, "context", row.integer(3));
        set(out, "stream", row.integer(4));
        set(out, "correlation", row.integer(5));
        OptionalLong launch =
                launches.started(id, row.integer(6), row.integer(5), at(start), at(start) + Math.max(0, dur));
        set(out, "launch_id", launch);
        if (launch.isEmpty()) {
            context.stats()
                    .count("no_launch", Severity.INFO, "device work whose launch call was not recorded, first " + name);
        }
        row.integer(6).ifPresent(process -> out.set("upid", threads.upid(process)));
        out.set("source_id", context.sourceId());
    }

    private static void node(RowWriter out, OptionalLong node) {
        if (node.orElse(0) != 0) {
            out.set("graph_node_id", node.getAsLong());
        }
    }

    private void copies() {
        String table = "CUPTI_ACTIVITY_KIND_MEMCPY";
        counted = 0;
        try (RowWriter out = new RowWriter(TraceTables.MEMCPY, sink)) {
            database.each(
                    table,
                    List.of(
                            "start",
                            "end",
                            "deviceId",
                            "contextId",
                            "streamId",
                            "correlationId",
                            "globalPid",
                            "bytes",
                            "copyKind",
                            "srcKind",
                            "dstKind",
                            "srcDeviceId",
                            "dstDeviceId",
                            "graphNodeId"),
                    row -> {
                        if (!starts(row.integer(0), table)) {
                            return;
                        }
                        String kind = word(COPY_KINDS, row.integer(8));
                        String from = word(MEMORY_KINDS, row.integer(9));
                        String to = word(MEMORY_KINDS, row.integer(10));
                        device(out, row, table, "Memcpy " + kind + " (" + from + " -> " + to + ")", "gpu_memcpy");
                        out.set("kind", kind).set("src_kind", from).set("dst_kind", to);
                        set(out, "bytes", row.integer(7));
                        if (kind.equals("PtoP")) {
                            set(out, "src_device", row.integer(11));
                            set(out, "dst_device", row.integer(12));
                        }
                        node(out, row.integer(13));
                        out.end();
                        counted++;
                    });
        }
        context.stats().read("memcpy", counted);
    }

    private static String word(List<String> words, OptionalLong number) {
        long i = number.orElse(-1);
        return i < 0 || i >= words.size() ? "unknown" : words.get((int) i);
    }

    private void sets() {
        String table = "CUPTI_ACTIVITY_KIND_MEMSET";
        counted = 0;
        try (RowWriter args = new RowWriter(TraceTables.ARG_VALUE, sink)) {
            database.each(
                    table,
                    List.of(
                            "start",
                            "end",
                            "deviceId",
                            "contextId",
                            "streamId",
                            "correlationId",
                            "globalPid",
                            "bytes",
                            "memKind"),
                    row -> {
                        OptionalLong start = row.integer(0);
                        if (!starts(start, table)) {
                            return;
                        }
                        long dur = duration(start, row.integer(1), table);
                        long track =
                                threads.streamTrack(row.integer(6), row.integer(2), row.integer(3), row.integer(4), "");
                        long id = slices.add(
                                track,
                                at(start),
                                dur,
                                "Memset (" + word(MEMORY_KINDS, row.integer(8)) + ")",
                                "gpu_memset");
                        slices.withArgs();
                        row.integer(5).ifPresent(slices::withCorrelation);
                        launches.started(id, row.integer(6), row.integer(5), at(start), at(start) + Math.max(0, dur));
                        if (row.integer(7).isPresent()) {
                            args.set("arg_set_id", id)
                                    .set("key", "bytes")
                                    .set("int_value", row.integer(7).getAsLong())
                                    .end();
                        }
                        counted++;
                    });
        }
        context.stats().read("memset", counted);
    }

    /// Graphs that were traced as wholes: their kernels are not in the recording.
    private void graphs() {
        String table = "CUPTI_ACTIVITY_KIND_GRAPH_TRACE";
        counted = 0;
        database.each(
                table,
                List.of("start", "end", "deviceId", "contextId", "streamId", "correlationId", "globalPid", "graphId"),
                row -> {
                    OptionalLong start = row.integer(0);
                    if (!starts(start, table)) {
                        return;
                    }
                    long dur = duration(start, row.integer(1), table);
                    long track =
                            threads.streamTrack(row.integer(6), row.integer(2), row.integer(3), row.integer(4), "");
                    long id = slices.add(
                            track,
                            at(start),
                            dur,
                            "CUDA graph " + row.integer(7).orElse(0),
                            "cuda_graph");
                    row.integer(5).ifPresent(slices::withCorrelation);
                    launches.started(id, row.integer(6), row.integer(5), at(start), at(start) + Math.max(0, dur));
                    counted++;
                });
        if (counted > 0) {
            context.stats()
                    .count(
                            "opaque_graph",
                            Severity.NOTICE,
                            counted,
                            "graph launches traced as wholes, without their kernels; record with --cuda-graph-trace=node");
        }
        context.stats().read("cuda_graph", counted);
    }

    private void syncs() {
        String table = "CUPTI_ACTIVITY_KIND_SYNCHRONIZATION";
        counted = 0;
        database.each(
                table,
                List.of("start", "end", "deviceId", "contextId", "streamId", "correlationId", "globalPid", "syncType"),
                row -> {
                    OptionalLong start = row.integer(0);
                    if (!starts(start, table)) {
                        return;
                    }
                    long track = threads.streamTrack(
                            row.integer(6), row.integer(2), row.integer(3), row.integer(4), "synchronisation of ");
                    slices.add(
                            track,
                            at(start),
                            duration(start, row.integer(1), table),
                            word(SYNC_KINDS, row.integer(7)),
                            "cuda_sync");
                    row.integer(5).ifPresent(slices::withCorrelation);
                    counted++;
                });
        context.stats().read("cuda_sync", counted);
    }

    /// Where graph nodes were made, which tells the annotation around their creation. The table had
    /// another name until 2022.
    private void graphNodes() {
        counted = 0;
        try (RowWriter args = new RowWriter(TraceTables.ARG_VALUE, sink)) {
            for (String table : new String[] {"CUDA_GRAPH_NODE_EVENTS", "CUDA_GRAPH_EVENTS"}) {
                database.each(
                        table,
                        List.of("start", "end", "globalTid", "nameId", "graphNodeId", "originalGraphNodeId"),
                        row -> {
                            OptionalLong start = row.integer(0);
                            if (!starts(start, table)) {
                                return;
                            }
                            long track = threads.asyncTrack(row.integer(2).orElse(0), "graph nodes");
                            long id = slices.add(
                                    track,
                                    at(start),
                                    duration(start, row.integer(1), table),
                                    NsysLaunches.plainName(database.string(row.integer(3))),
                                    "cuda_graph_node");
                            slices.withArgs();
                            arg(args, id, "graph_node_id", row.integer(4));
                            arg(args, id, "original_graph_node_id", row.integer(5));
                            counted++;
                        });
            }
        }
        context.stats().read("cuda_graph_node", counted);
    }

    private static void arg(RowWriter args, long set, String key, OptionalLong value) {
        if (value.isPresent()) {
            args.set("arg_set_id", set)
                    .set("key", key)
                    .set("int_value", value.getAsLong())
                    .end();
        }
    }

    private void nvtx() {
        String table = "NVTX_EVENTS";
        Map<Long, String> domains = new HashMap<>();
        database.each(table, List.of("eventType", "domainId", "text", "textId"), row -> {
            if (row.integer(0).orElse(0) == 75) {
                domains.put(row.integer(1).orElse(0), label(row, 2, 3));
            }
        });
        counted = 0;
        StageRanges stages = new StageRanges(context);
        try (RowWriter args = new RowWriter(TraceTables.ARG_VALUE, sink)) {
            database.each(
                    table,
                    List.of("start", "end", "eventType", "text", "textId", "globalTid", "domainId", "jsonText"),
                    row -> {
                        long type = row.integer(2).orElse(0);
                        if (!List.of(34L, 59L, 60L, 65L, 70L, 71L).contains(type) || !starts(row.integer(0), table)) {
                            context.stats()
                                    .count(
                                            "nvtx_other",
                                            Severity.INFO,
                                            "rows of NVTX_EVENTS that are no ranges or marks, first type " + type);
                            return;
                        }
                        nvtxSlice(row, type, table, domains, args, stages);
                        counted++;
                    });
        }
        stages.write(sink);
        context.stats().read("nvtx", counted);
    }

    private String label(NsysDatabase.Row row, int text, int textId) throws SQLException {
        String inline = row.text(text);
        return inline.isEmpty() ? database.string(row.integer(textId)) : inline;
    }

    private void nvtxSlice(
            NsysDatabase.Row row,
            long type,
            String table,
            Map<Long, String> domains,
            RowWriter args,
            StageRanges stages)
            throws SQLException {
        OptionalLong start = row.integer(0);
        long thread = row.integer(5).orElse(0);
        boolean startEnd = type == NVTX_START_END || type == NVTXT_START_END;
        boolean mark = type == NVTX_MARK || type == 65;
        long track = startEnd ? threads.asyncTrack(thread, "NVTX ranges") : threads.threadTrack(thread);
        long dur = mark ? 0 : duration(start, row.integer(1), table);
        String name = label(row, 3, 4);
        long id = slices.add(track, at(start), dur, name, "nvtx");
        stages.offer(id, track, at(start), dur, name);
        String domain = domains.getOrDefault(row.integer(6).orElse(0), "");
        if (!domain.isEmpty() || !row.text(7).isEmpty()) {
            slices.withArgs();
            text(args, id, "domain", domain);
            text(args, id, "payload", row.text(7));
        }
    }

    private static void text(RowWriter args, long set, String key, String value) {
        if (!value.isEmpty()) {
            args.set("arg_set_id", set)
                    .set("key", key)
                    .set("string_value", value)
                    .end();
        }
    }

    private void hostCalls(String table, String category) {
        counted = 0;
        boolean byText = !database.has(table, "nameId") && database.has(table, "textId");
        database.each(table, List.of("start", "end", "globalTid", byText ? "textId" : "nameId"), row -> {
            OptionalLong start = row.integer(0);
            if (starts(start, table)) {
                long thread = row.integer(2).orElse(0);
                boolean apart = category.equals("overhead") || category.equals("syscall");
                long track = apart ? threads.asyncTrack(thread, category) : threads.threadTrack(thread);
                slices.add(
                        track,
                        at(start),
                        duration(start, row.integer(1), table),
                        database.string(row.integer(3)),
                        category);
                counted++;
            }
        });
        context.stats().read(category, counted);
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

    /// CPU samples; their frames are numbered from the innermost.
    private void samples() {
        Map<Long, StringBuilder> stacks = new HashMap<>();
        Map<Long, String[]> leaves = new HashMap<>();
        database.each("SAMPLING_CALLCHAINS", List.of("id", "symbol", "module", "stackDepth"), row -> {
            long id = row.integer(0).orElse(-1);
            String symbol = database.string(row.integer(1)).replace(';', ':');
            StringBuilder stack = stacks.computeIfAbsent(id, key -> new StringBuilder());
            stack.insert(0, stack.isEmpty() ? symbol : symbol + ";");
            if (row.integer(3).orElse(0) == 0) {
                leaves.put(id, new String[] {symbol, database.string(row.integer(2))});
            }
        });
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
                StringBuilder stack = stacks.get(row.integer(0).orElse(-1));
                if (stack != null) {
                    out.set("stack", stack.toString());
                }
                String[] leaf = leaves.get(row.integer(0).orElse(-1));
                if (leaf != null) {
                    out.set("leaf", leaf[0]).set("dso", leaf[1]);
                }
                out.set("source_id", context.sourceId()).end();
                counted++;
            });
        }
        context.stats().read("cpu_sample", counted);
    }

    private void diagnostics() {
        database.each("DIAGNOSTIC_EVENT", List.of("severity", "text"), row -> {
            long severity = row.integer(0).orElse(0);
            String text = row.text(1);
            if (text.matches("(?i).*\\b(lost|dropped|discarded)\\b.*")) {
                context.stats().count("tool_lost_events", Severity.DATA_LOSS, text);
            } else if (severity == DIAGNOSTIC_WARNING || severity == 3) {
                context.stats().count("tool_warning", Severity.NOTICE, text);
            }
        });
    }

    private static void set(RowWriter out, String column, OptionalLong value) {
        value.ifPresent(v -> out.set(column, v));
    }
}
