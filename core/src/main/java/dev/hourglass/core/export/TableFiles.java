package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One file per table that has rows, written by the database itself.
final class TableFiles {
    private TableFiles() {}

    static Exporter.Summary write(Session session, boolean parquet, Path directory) throws IOException {
        Map<String, Long> written = new LinkedHashMap<>();
        for (Table table : Tables.all()) {
            String name = SqlText.identifier(table.name());
            long rows = session.query(Cells.QUERIES.text("row_count", Map.of("table", name)))
                    .integer(0, "n")
                    .orElse(0);
            if (rows > 0) {
                Path file = directory.resolve(table.name() + (parquet ? ".parquet" : ".csv"));
                session.query(Cells.QUERIES.text(
                        parquet ? "to_parquet" : "to_csv",
                        Map.of("table", name, "file", SqlText.literal(file.toString()))));
                written.put(table.name(), rows);
            }
        }
        return new Exporter.Summary(written, List.of());
    }
}
