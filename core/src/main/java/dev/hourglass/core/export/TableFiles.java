package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One file per table that has rows, written by the database itself.
final class TableFiles {
    private TableFiles() {}

    static Exporter.Summary write(Session session, boolean parquet, Path directory) throws IOException {
        Map<String, Long> written = new LinkedHashMap<>();
        List<String> there = new ArrayList<>();
        Cells.each(session, "tables", row -> there.add(row.text(0)));
        for (Table table : Tables.all()) {
            if (there.contains(table.name())) {
                long rows = session.query(
                                Cells.QUERIES.text("row_count", Map.of("table", SqlText.identifier(table.name()))))
                        .integer(0, "n")
                        .orElse(0);
                if (rows > 0) {
                    Path file = directory.resolve(table.name() + (parquet ? ".parquet" : ".csv"));
                    session.query(Cells.QUERIES.text(
                            parquet ? "to_parquet" : "to_csv",
                            Map.of(
                                    "table",
                                    SqlText.identifier(table.name()),
                                    "file",
                                    SqlText.literal(file.toString()))));
                    written.put(table.name(), rows);
                }
            }
        }
        return new Exporter.Summary(written, List.of());
    }
}
