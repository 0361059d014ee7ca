package dev.hourglass.core.read.nsys;

import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What one Nsight Systems export says about itself: versions, GPUs, what the tool lost, and which tables
/// are left out here.
final class NsysFacts extends NsysPart {
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
    /// Columns that only tables of events have.
    private static final List<String> MOMENTS = List.of("start", "timestamp", "rawTimestamp", "time");
    /// Tables of which each is named.
    private static final int MOST_NAMED = 20;

    private static final int DIAGNOSTIC_WARNING = 2;

    NsysFacts(NsysPart other) {
        super(other);
    }

    @Override
    void read() {
        metadata();
        diagnostics();
        leftOut("table_left_out", Severity.INFO, LEFT_OUT);
        List<String> unknown = database.unread().stream()
                .filter(table -> MOMENTS.stream().anyMatch(column -> database.has(table, column)))
                .toList();
        leftOut("unknown_table", Severity.DATA_LOSS, unknown);
    }

    private void metadata() {
        String prefix = "source." + context.sourceId() + ".";
        try (RowWriter row = new RowWriter(Tables.METADATA, sink)) {
            for (String table : new String[] {"META_DATA_EXPORT", "EXPORT_META_DATA"}) {
                database.each(table, List.of("name", "value"), fact -> {
                    if (fact.text(0).matches("EXPORT_(PRODUCT|SCHEMA)_VERSION")) {
                        row.set(
                                        "name",
                                        prefix + "nsys."
                                                + fact.text(0)
                                                        .substring("EXPORT_".length())
                                                        .toLowerCase(Locale.ROOT))
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

    private void diagnostics() {
        database.each("DIAGNOSTIC_EVENT", List.of("severity", "text"), row -> {
            long severity = row.integer(0);
            String text = row.text(1);
            if (text.matches("(?i).*\\b(lost|dropped|discarded)\\b.*")) {
                context.stats().count("tool_lost_events", Severity.DATA_LOSS, text);
            } else if (severity == DIAGNOSTIC_WARNING || severity == 3) {
                context.stats().count("tool_warning", Severity.NOTICE, text);
            }
        });
    }

    /// Counts the rows of tables that are left out, and names the tables.
    private void leftOut(String kind, Severity severity, List<String> left) {
        long all = 0;
        List<String> named = new ArrayList<>();
        for (String table : left) {
            long[] rows = {0};
            database.each(table, List.of("rowid"), row -> rows[0]++);
            all += rows[0];
            if (rows[0] > 0 && named.size() < MOST_NAMED) {
                named.add(table + " (" + rows[0] + (rows[0] == 1 ? " row)" : " rows)"));
            }
        }
        if (all > 0) {
            context.stats().count(kind, severity, all, "not read: " + String.join(", ", named));
        }
    }
}
