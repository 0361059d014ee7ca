package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
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
            long rows = session.query("SELECT count(*) AS n FROM " + table.name())
                    .integer(0, "n")
                    .orElse(0);
            if (rows > 0) {
                Path file = directory.resolve(table.name() + (parquet ? ".parquet" : ".csv"));
                session.query("COPY (SELECT * FROM " + table.name() + ") TO '"
                        + file.toString().replace("'", "''") + "' "
                        + (parquet ? "(FORMAT parquet, COMPRESSION zstd)" : "(FORMAT csv, HEADER)"));
                written.put(table.name(), rows);
            }
        }
        return new Exporter.Summary(written, List.of());
    }
}
