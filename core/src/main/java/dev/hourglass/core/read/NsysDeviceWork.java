package dev.hourglass.core.read;

import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;

/// Device work of one Nsight Systems export: kernels, copies, sets, graphs that were traced as wholes,
/// synchronisations.
final class NsysDeviceWork extends NsysPart {
    private static final List<String> COPY_KINDS = List.of(
            "unknown", "HtoD", "DtoH", "unknown", "unknown", "unknown", "unknown", "unknown", "DtoD", "HtoH", "PtoP",
            "HtoD", "DtoH", "DtoD");
    private static final List<String> MEMORY_KINDS =
            List.of("pageable", "pinned", "device", "device", "managed", "device", "managed", "unknown");
    private static final List<String> SYNC_KINDS =
            List.of("Sync", "Event Sync", "Stream Wait Event", "Stream Sync", "Context Sync");

    NsysDeviceWork(NsysPart other) {
        super(other);
    }

    @Override
    void read() {
        kernels();
        copies();
        sets();
        graphs();
        syncs();
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
}
