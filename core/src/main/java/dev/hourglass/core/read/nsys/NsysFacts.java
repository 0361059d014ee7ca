package dev.hourglass.core.read.nsys;

import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Tables;
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
    private static final int DIAGNOSTIC_WARNING = 2;

    NsysFacts(NsysPart other) {
        super(other);
    }

    @Override
    void read() {
        metadata();
        diagnostics();
        for (String table : LEFT_OUT) {
            count("table_left_out", table);
        }
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

    private void count(String kind, String table) {
        long[] rows = {0};
        database.each(table, List.of("rowid"), row -> rows[0]++);
        if (rows[0] > 0) {
            context.stats().count(kind, Severity.INFO, rows[0], "first table " + table);
        }
    }
}
