package dev.hourglass.app.bench;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// Rows as they were measured, to be shown and kept.
public final class Measured implements BatchSink {
    private final List<EventBatch> batches = new ArrayList<>();

    /// A row by the names of its columns, in their order.
    ///
    /// @param values null where there is none
    public record Row(Map<String, @Nullable Object> values) {
        /// A text; empty where there is none.
        public String text(String column) {
            Object value = values.get(column);
            return value == null ? "" : value.toString();
        }

        /// A number; empty where there is none.
        public OptionalDouble number(String column) {
            return values.get(column) instanceof Number n ? OptionalDouble.of(n.doubleValue()) : OptionalDouble.empty();
        }
    }

    @Override
    public synchronized void accept(EventBatch batch) {
        batches.add(batch);
    }

    /// Hands all over.
    public synchronized void into(BatchSink sink) {
        batches.forEach(sink::accept);
    }

    /// All rows of a table.
    public synchronized List<Row> rows(Table table) {
        List<Row> rows = new ArrayList<>();
        for (EventBatch batch : batches) {
            for (int r = 0; r < batch.size() && batch.table().equals(table); r++) {
                rows.add(row(batch, r));
            }
        }
        return rows;
    }

    private static Row row(EventBatch batch, int r) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        List<Column> columns = batch.table().columns();
        for (int c = 0; c < columns.size(); c++) {
            values.put(columns.get(c).name(), value(batch, c, r).orElse(null));
        }
        return new Row(values);
    }

    private static Optional<Object> value(EventBatch batch, int c, int r) {
        if (batch.isNull(c, r)) {
            return Optional.empty();
        }
        return switch (batch.table().columns().get(c).type()) {
            case LONG, BOOLEAN -> Optional.of(batch.longs(c)[r]);
            case DOUBLE -> Optional.of(batch.doubles(c)[r]);
            case TEXT -> Optional.ofNullable(batch.texts(c)[r]).map(text -> new String(text, StandardCharsets.UTF_8));
        };
    }
}
