package dev.hourglass.device.llama;

import dev.hourglass.core.read.cupti.DeviceTimeline;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the engine's processes recorded of their GPU, as rows of the timeline.
public final class Activities {
    /// Said of every graph that was recorded as a whole: here that is how it is meant.
    private static final String MEANT = "opaque_graph";

    private static final String SOURCE = "CUPTI";

    private Activities() {}

    /// Writes calls, kernels, copies, graphs and waits of some files of activities; none where there are none.
    ///
    /// @param files those that are not there count as empty
    public static void lay(List<Path> files, BatchSink sink) throws IOException {
        List<Path> there = files.stream().filter(Files::exists).toList();
        if (there.isEmpty()) {
            return;
        }
        ImportContext context = ImportContext.standalone();
        try (DeviceTimeline timeline = new DeviceTimeline(sink, context)) {
            for (Path file : there) {
                ActivityFile.read(file, timeline, "llama.cpp");
            }
        }
        source(context, sink);
        losses(context.stats(), sink);
    }

    private static void source(ImportContext context, BatchSink sink) {
        try (RowWriter rows = new RowWriter(TraceTables.SOURCE, sink)) {
            rows.set("id", context.sourceId())
                    .set("name", SOURCE)
                    .set("format", "cupti")
                    .set("time_base", "monotonic")
                    .set("offset_ns", 0)
                    .set("align_method", "base_time")
                    .set("residual_ns", 0)
                    .set("events", context.stats().total())
                    .end();
        }
    }

    private static void losses(ImportStats stats, BatchSink sink) {
        try (RowWriter rows = new RowWriter(Tables.IMPORT_STAT, sink)) {
            for (ImportStats.Loss loss : stats.losses()) {
                if (!loss.kind().equals(MEANT)) {
                    rows.set("source", SOURCE)
                            .set("kind", loss.kind())
                            .set("severity", loss.severity().word())
                            .set("count", loss.count())
                            .set("place", loss.place())
                            .end();
                }
            }
        }
    }
}
