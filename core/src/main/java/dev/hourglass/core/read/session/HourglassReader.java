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
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// Hourglass's own sessions, and the directories of tables that it exports as CSV or Parquet.
///
/// Every row comes back; identifiers are numbered on from those of the session that it goes into.
public final class HourglassReader implements TraceReader {
    private static final String DATABASE = "session.duckdb";
    /// What stands in a file of the database engine behind a check sum.
    private static final byte[] MAGIC = "DUCK".getBytes(StandardCharsets.US_ASCII);

    private static final int MAGIC_AT = 8;

    /// Found by `ServiceLoader`.
    public HourglassReader() {}

    @Override
    public String format() {
        return "hourglass";
    }

    /// By the names in it; [#claim(Source)] says whether it is what they say.
    @Override
    public Match match(Head head) {
        boolean ours = head.entries().contains(DATABASE)
                || head.entries().contains("slice.csv")
                || head.entries().contains("slice.parquet");
        return ours ? Match.YES : Match.NO;
    }

    @Override
    public Claim claim(Source directory) {
        List<ExportedFile> files = directory.head().entries().stream()
                .flatMap(entry -> ExportedFile.of(directory, entry).stream())
                .toList();
        if (directory.head().entries().contains(DATABASE)) {
            return session(directory, files);
        }
        Map<String, String> others = new HashMap<>();
        boolean ours = files.stream().anyMatch(ExportedFile::tells);
        Set<String> entries = new HashSet<>();
        for (ExportedFile file : files) {
            if (ours && file.isExport()) {
                entries.add(file.entry());
            } else {
                others.put(
                        file.entry(),
                        file.isExport() ? "alone tells too little to be an export of Hourglass" : file.why());
            }
        }
        return new Claim(entries, others);
    }

    /// A directory is a session or an export, not both.
    private static Claim session(Source directory, List<ExportedFile> files) {
        boolean database = isDatabase(directory);
        Map<String, String> others = new HashMap<>();
        files.forEach(file -> others.put(
                file.entry(), file.isExport() ? "lies beside a " + DATABASE + ", which is read alone" : file.why()));
        if (!database) {
            others.put(DATABASE, "is no database of a session");
        }
        return new Claim(database ? Set.of(DATABASE) : Set.of(), others);
    }

    private static boolean isDatabase(Source directory) {
        try {
            byte[] begin = directory.resolve(DATABASE).head().bytes();
            int end = MAGIC_AT + MAGIC.length;
            return begin.length >= end && Arrays.equals(begin, MAGIC_AT, end, MAGIC, 0, MAGIC.length);
        } catch (IOException | TraceFormatException e) {
            return false;
        }
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
