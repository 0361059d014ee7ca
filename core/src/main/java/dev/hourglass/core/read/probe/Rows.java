package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import java.util.LinkedHashMap;
import java.util.Map;

/// Rows of many tables, all of one source.
final class Rows implements AutoCloseable {
    private final Map<Table, RowWriter> writers = new LinkedHashMap<>();
    private final BatchSink sink;
    private final long sourceId;

    Rows(BatchSink sink, long sourceId) {
        this.sink = sink;
        this.sourceId = sourceId;
    }

    /// A row to be filled and ended.
    RowWriter row(Table table) {
        RowWriter row = writers.computeIfAbsent(table, wanted -> new RowWriter(wanted, sink));
        return table.has("source_id") ? row.set("source_id", sourceId) : row;
    }

    @Override
    public void close() {
        writers.values().forEach(RowWriter::close);
    }
}
