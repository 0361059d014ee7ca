package dev.hourglass.core.read.nsys;

import dev.hourglass.core.read.LaunchCalls;
import dev.hourglass.core.read.StageRanges;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Annotations of one Nsight Systems export, and where graph nodes were made.
final class NsysAnnotations extends NsysPart {
    private static final int NVTX_MARK = 34;
    private static final int NVTX_PUSH_POP = 59;
    private static final int NVTX_START_END = 60;
    private static final int NVTXT_MARK = 65;
    private static final int NVTXT_PUSH_POP = 70;
    private static final int NVTXT_START_END = 71;
    private static final int NVTX_DOMAIN = 75;

    NsysAnnotations(NsysPart other) {
        super(other);
    }

    @Override
    void read() {
        graphNodes();
        nvtx();
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
                            if (!starts(row, 0, table)) {
                                return;
                            }
                            long track = threads.asyncTrack(row.integer(2), "graph nodes");
                            long id = slices.add(
                                    track,
                                    at(row.integer(0)),
                                    duration(row, table),
                                    LaunchCalls.plainName(database.string(row, 3)),
                                    "cuda_graph_node");
                            slices.withArgs();
                            arg(args, id, "graph_node_id", row, 4);
                            arg(args, id, "original_graph_node_id", row, 5);
                            counted++;
                        });
            }
        }
        context.stats().read("cuda_graph_node", counted);
    }

    private void nvtx() {
        String table = "NVTX_EVENTS";
        Map<Long, String> domains = new HashMap<>();
        database.each(table, List.of("eventType", "domainId", "text", "textId"), row -> {
            if (row.integer(0) == NVTX_DOMAIN) {
                domains.put(row.integer(1), label(row, 2, 3));
            }
        });
        counted = 0;
        StageRanges stages = new StageRanges(context);
        try (RowWriter args = new RowWriter(TraceTables.ARG_VALUE, sink)) {
            database.each(
                    table,
                    List.of("start", "end", "eventType", "text", "textId", "globalTid", "domainId", "jsonText"),
                    row -> {
                        long type = row.integer(2);
                        if (!isSlice(type) || !starts(row, 0, table)) {
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

    private static boolean isSlice(long type) {
        return type == NVTX_MARK
                || type == NVTX_PUSH_POP
                || type == NVTX_START_END
                || type == NVTXT_MARK
                || type == NVTXT_PUSH_POP
                || type == NVTXT_START_END;
    }

    private String label(NsysRow row, int text, int textId) {
        String inline = row.text(text);
        return inline.isEmpty() ? database.string(row, textId) : inline;
    }

    private void nvtxSlice(
            NsysRow row, long type, String table, Map<Long, String> domains, RowWriter args, StageRanges stages) {
        long ts = at(row.integer(0));
        long thread = row.integer(5);
        boolean startEnd = type == NVTX_START_END || type == NVTXT_START_END;
        boolean mark = type == NVTX_MARK || type == NVTXT_MARK;
        long track = startEnd ? threads.asyncTrack(thread, "NVTX ranges") : threads.threadTrack(thread);
        long dur = mark ? 0 : duration(row, table);
        String name = label(row, 3, 4);
        long id = slices.add(track, ts, dur, name, "nvtx");
        stages.offer(id, track, ts, dur, name);
        String domain = domains.getOrDefault(row.integer(6), "");
        String payload = row.text(7);
        if (!domain.isEmpty() || !payload.isEmpty()) {
            slices.withArgs();
            text(args, id, "domain", domain);
            text(args, id, "payload", payload);
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
}
