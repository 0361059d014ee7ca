package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Keeps every row that a reader hands over, by table, as a map from column to value.
public final class CollectedRows implements BatchSink {
    private final Map<String, List<Map<String, Object>>> rows = new HashMap<>();

    @Override
    public synchronized void accept(EventBatch batch) {
        for (int row = 0; row < batch.size(); row++) {
            rows.computeIfAbsent(batch.table().name(), name -> new ArrayList<>())
                    .add(row(batch, row));
        }
    }

    public List<Map<String, Object>> of(Table table) {
        return rows.getOrDefault(table.name(), List.of());
    }

    private static Map<String, Object> row(EventBatch batch, int row) {
        Map<String, Object> values = new HashMap<>();
        List<Column> columns = batch.table().columns();
        for (int c = 0; c < columns.size(); c++) {
            if (batch.isNull(c, row)) {
                continue;
            }
            switch (columns.get(c).type()) {
                case LONG -> values.put(columns.get(c).name(), batch.longs(c)[row]);
                case BOOLEAN -> values.put(columns.get(c).name(), batch.longs(c)[row] != 0);
                case DOUBLE -> values.put(columns.get(c).name(), batch.doubles(c)[row]);
                case TEXT -> {
                    byte[] text = batch.texts(c)[row];
                    if (text != null) {
                        values.put(columns.get(c).name(), new String(text, StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return values;
    }
}
