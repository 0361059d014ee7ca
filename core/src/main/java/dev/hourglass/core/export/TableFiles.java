package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// One file per table that has rows, written by the database itself.
final class TableFiles {
    private static final String DISARMED =
            "Texts that a spreadsheet would compute begin with an apostrophe that the session has not.";

    private TableFiles() {}

    static Exporter.Summary write(Session session, ExportFormat format, Path directory) throws IOException {
        Map<String, Long> written = new LinkedHashMap<>();
        for (Table table : Tables.all()) {
            String name = SqlText.identifier(table.name());
            long rows = session.query(Cells.QUERIES.text("row_count", Map.of("table", name)))
                    .integer(0, "n")
                    .orElse(0);
            if (rows > 0) {
                Path file = directory.resolve(table.name() + (format == ExportFormat.PARQUET ? ".parquet" : ".csv"));
                session.query(copy(table, format, SqlText.literal(file.toString())));
                written.put(table.name(), rows);
            }
        }
        return new Exporter.Summary(written, format == ExportFormat.CSV_SAFE ? List.of(DISARMED) : List.of());
    }

    private static String copy(Table table, ExportFormat format, String file) {
        String disarmed = table.columns().stream()
                .filter(column -> column.type() == Column.Type.TEXT)
                .map(column -> Cells.QUERIES.text("disarmed", Map.of("column", SqlText.identifier(column.name()))))
                .collect(Collectors.joining(", "));
        String query = format == ExportFormat.PARQUET
                ? "to_parquet"
                : format == ExportFormat.CSV || disarmed.isEmpty() ? "to_csv" : "to_csv_safe";
        return Cells.QUERIES.text(
                query, Map.of("table", SqlText.identifier(table.name()), "disarmed", disarmed, "file", file));
    }
}
