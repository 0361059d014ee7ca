package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.CollectedRows;
import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What became of a Chrome trace, and what traces are made of.
public record ChromeRead(CollectedRows rows, ImportContext context) {
    static ChromeRead of(Path file) throws IOException {
        return of(file, ImportContext.standalone());
    }

    static ChromeRead of(Path file, ImportContext context) throws IOException {
        return of(new ChromeTraceReader(), file, context);
    }

    static ChromeRead of(ChromeTraceReader reader, Path file, ImportContext context) throws IOException {
        CollectedRows rows = new CollectedRows();
        reader.read(FileSource.of(file), rows, context);
        return new ChromeRead(rows, context);
    }

    /// A bare list.
    public static String events(String... events) {
        return "[" + String.join(",\n", events) + "]";
    }

    /// @param ts microseconds
    /// @param dur microseconds
    public static String span(String name, long ts, long dur) {
        return "{\"ph\": \"X\", \"cat\": \"c\", \"name\": \"" + name + "\", \"pid\": 1, \"tid\": 1, \"ts\": " + ts
                + ", \"dur\": " + dur + "}";
    }

    List<Map<String, Object>> slices() {
        return rows.of(TraceTables.SLICE);
    }

    List<ImportStats.Loss> losses() {
        return context.stats().losses();
    }

    long lost(String kind) {
        return losses().stream()
                .filter(loss -> loss.kind().equals(kind))
                .mapToLong(ImportStats.Loss::count)
                .sum();
    }
}
