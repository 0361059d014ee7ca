package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;

/// Writes what a collector lost.
final class ImportStats {
    private ImportStats() {}

    static void write(BatchSink sink, String source, String kind, String severity, long count, String place) {
        try (RowWriter rows = new RowWriter(Tables.IMPORT_STAT, sink)) {
            rows.set("source", source).set("kind", kind).set("severity", severity);
            rows.set("count", count).set("place", place);
            rows.end();
        }
    }
}
