package dev.hourglass.core.read.session;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.util.OptionalLong;

/// Hourglass's own sessions, and the directories of tables that it exports as CSV or Parquet.
///
/// Every row comes back; identifiers are numbered on from those of the session that it goes into.
public final class HourglassReader implements TraceReader {
    private static final String DATABASE = "session.duckdb";

    /// Found by `ServiceLoader`.
    public HourglassReader() {}

    @Override
    public String format() {
        return "hourglass";
    }

    @Override
    public Match match(Head head) {
        boolean ours = head.entries().contains(DATABASE)
                || head.entries().contains("slice.csv")
                || head.entries().contains("slice.parquet")
                || (head.isDirectory() && head.entries().stream().allMatch(HourglassReader::isTable));
        return ours ? Match.YES : Match.NO;
    }

    private static boolean isTable(String file) {
        boolean known = file.endsWith(".csv") || file.endsWith(".parquet");
        return known && Tables.find(file.substring(0, file.lastIndexOf('.'))).isPresent();
    }

    /// @throws TraceFormatException if it is a session of a newer version, or its database is unreadable
    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        try (HourglassTables tables = HourglassTables.open(source, context)) {
            boolean imported = tables.has(TraceTables.SOURCE);
            context.clock(new SourceClock(
                    imported ? SourceClock.Base.UNIX : SourceClock.Base.MONOTONIC,
                    0,
                    imported ? SourceClock.Method.BASE_TIME : SourceClock.Method.UNALIGNED,
                    OptionalLong.empty()));
            HourglassIds ids = HourglassIds.of(tables, context);
            for (Table table : Tables.all()) {
                if (!table.equals(Tables.SCHEMA_DOC) && tables.has(table)) {
                    context.stats().read(table.name(), tables.copy(table, ids, sink));
                }
            }
        }
    }
}
