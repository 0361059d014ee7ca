package dev.hourglass.device.collect;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.EventBatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A sink that keeps rows as maps; a NULL has no entry.
public final class RowList implements BatchSink {
    final List<Map<String, Object>> rows = new ArrayList<>();

    public RowList() {}

    @Override
    public void accept(EventBatch batch) {
        for (int r = 0; r < batch.size(); r++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("table", batch.table().name());
            List<Column> columns = batch.table().columns();
            for (int c = 0; c < columns.size(); c++) {
                if (!batch.isNull(c, r)) {
                    row.put(columns.get(c).name(), value(batch, c, r));
                }
            }
            rows.add(row);
        }
    }

    private static Object value(EventBatch batch, int c, int r) {
        return switch (batch.table().columns().get(c).type()) {
            case LONG, BOOLEAN -> batch.longs(c)[r];
            case DOUBLE -> batch.doubles(c)[r];
            case TEXT -> new String(batch.texts(c)[r], StandardCharsets.UTF_8);
        };
    }

    public List<Map<String, Object>> of(String table) {
        return rows.stream().filter(row -> table.equals(row.get("table"))).toList();
    }

    long sum(String table, String column) {
        return of(table).stream()
                .mapToLong(row -> row.get(column) instanceof Long value ? value : 0)
                .sum();
    }
}
