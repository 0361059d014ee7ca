package dev.hourglass.core.read.nsys;

import dev.hourglass.core.read.LaunchCalls;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
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

    private static final String[] KERNEL_SHAPE = {
        "registers", "grid_x", "grid_y", "grid_z", "block_x", "block_y", "block_z"
    };

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
                        if (!starts(row, 0, table)) {
                            return;
                        }
                        String name = database.string(row, row.has(7) ? 7 : 8);
                        device(out, row, table, name, "kernel");
                        for (int i = 0; i < KERNEL_SHAPE.length; i++) {
                            set(out, KERNEL_SHAPE[i], row, 9 + i);
                        }
                        if (row.has(16) || row.has(17)) {
                            out.set("shared_bytes", row.integer(16) + row.integer(17));
                        }
                        node(out, row, 18);
                        set(out, "graph_id", row, 19);
                        out.end();
                        counted++;
                    });
        }
        context.stats().read("kernel", counted);
    }

    /// Columns that kernels and copies share: the row's first seven are start, end, device, context,
    /// stream, correlation and process.
    private void device(RowWriter out, NsysRow row, String table, String name, String category) {
        long ts = at(row.integer(0));
        long dur = worked(row, table);
        OptionalLong on = NsysGraphDevices.told(row.integer(2, -1));
        long track = threads.streamTrack(row, on, "");
        long id = slices.add(track, ts, dur, name, category);
        correlate(row);
        out.set("id", id).set("ts", ts).set("dur", dur).set("name", name).set("track_id", track);
        on.ifPresent(d -> out.set("device", d));
        set(out, "context", row, 3);
        set(out, "stream", row, 4);
        if (row.integer(5) != 0) {
            out.set("correlation", row.integer(5));
        }
        long launch = started(id, row, ts, dur);
        if (launch == LaunchCalls.NONE) {
            context.stats()
                    .count("no_launch", Severity.INFO, "device work whose launch call was not recorded, first " + name);
        } else {
            out.set("launch_id", launch);
        }
        if (row.has(6)) {
            out.set("upid", threads.upid(row.integer(6)));
        }
        out.set("source_id", context.sourceId());
    }

    /// The duration of device work; -1 where the tool wrote no times, or an end before the start.
    private long worked(NsysRow row, String table) {
        boolean unwritten = row.integer(0) == 0 && row.integer(1) == 0;
        boolean backwards = row.has(1) && row.integer(1) < row.integer(0);
        if (backwards) {
            context.stats()
                    .count("negative_duration", Severity.NOTICE, table + ": not known, first at " + row.integer(0));
        }
        return unwritten || backwards ? -1 : duration(row, table);
    }

    private long started(long id, NsysRow row, long ts, long dur) {
        long process = row.has(6) ? LaunchCalls.process(row.integer(6)) : LaunchCalls.NONE;
        return launches.started(id, process, row.integer(5), ts, dur);
    }

    /// Gives the last slice the row's number; 0 is none.
    private void correlate(NsysRow row) {
        if (row.integer(5) != 0) {
            slices.withCorrelation(row.integer(5));
        }
    }

    private static void node(RowWriter out, NsysRow row, int column) {
        if (row.integer(column) != 0) {
            out.set("graph_node_id", row.integer(column));
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
                        if (!starts(row, 0, table)) {
                            return;
                        }
                        String kind = word(COPY_KINDS, row, 8);
                        String from = word(MEMORY_KINDS, row, 9);
                        String to = word(MEMORY_KINDS, row, 10);
                        device(out, row, table, "Memcpy " + kind + " (" + from + " -> " + to + ")", "gpu_memcpy");
                        out.set("kind", kind).set("src_kind", from).set("dst_kind", to);
                        set(out, "bytes", row, 7);
                        if (kind.equals("PtoP")) {
                            set(out, "src_device", row, 11);
                            set(out, "dst_device", row, 12);
                        }
                        node(out, row, 13);
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
                        if (!starts(row, 0, table)) {
                            return;
                        }
                        long ts = at(row.integer(0));
                        long dur = worked(row, table);
                        long id = slices.add(
                                threads.streamTrack(row, NsysGraphDevices.told(row.integer(2, -1)), ""),
                                ts,
                                dur,
                                "Memset (" + word(MEMORY_KINDS, row, 8) + ")",
                                "gpu_memset");
                        slices.withArgs();
                        correlate(row);
                        started(id, row, ts, dur);
                        arg(args, id, "bytes", row, 7);
                        counted++;
                    });
        }
        context.stats().read("memset", counted);
    }

    /// Graphs that were traced as wholes: their kernels are not in the recording.
    private void graphs() {
        String table = "CUPTI_ACTIVITY_KIND_GRAPH_TRACE";
        counted = 0;
        NsysGraphDevices devices = new NsysGraphDevices(database, threads);
        database.each(
                table,
                List.of("start", "end", "deviceId", "contextId", "streamId", "correlationId", "globalPid", "graphId"),
                row -> {
                    if (!starts(row, 0, table)) {
                        return;
                    }
                    long ts = at(row.integer(0));
                    long dur = worked(row, table);
                    long track = threads.streamTrack(row, devices.of(row), "");
                    long id = slices.add(track, ts, dur, "CUDA graph " + row.integer(7), "cuda_graph");
                    correlate(row);
                    started(id, row, ts, dur);
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
                    if (!starts(row, 0, table)) {
                        return;
                    }
                    slices.add(
                            threads.streamTrack(row, NsysGraphDevices.told(row.integer(2, -1)), "synchronisation of "),
                            at(row.integer(0)),
                            duration(row, table),
                            word(SYNC_KINDS, row, 7),
                            "cuda_sync");
                    correlate(row);
                    counted++;
                });
        context.stats().read("cuda_sync", counted);
    }
}
