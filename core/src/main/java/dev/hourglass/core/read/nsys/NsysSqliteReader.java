package dev.hourglass.core.read.nsys;

import dev.hourglass.core.read.DamagedArchiveException;
import dev.hourglass.core.read.Scratch;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// SQLite export of Nsight Systems (`nsys export --type sqlite`), schemas 2 and 3.
public final class NsysSqliteReader implements TraceReader {
    private static final String MAGIC = "SQLite format 3\0";
    private static final List<String> SUPPORTED = List.of("2", "3");

    /// Found by `ServiceLoader`.
    public NsysSqliteReader() {}

    @Override
    public String format() {
        return "nsys-sqlite";
    }

    @Override
    public Match match(Head head) {
        if (!head.startsWith(MAGIC)) {
            return Match.NO;
        }
        return head.text().contains("CREATE TABLE StringIds") ? Match.YES : Match.MAYBE;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        Optional<Path> file = source.plainFile();
        if (file.isPresent()) {
            read(file.get(), source.name(), sink, context);
            context.progress(source.size());
            return;
        }
        Path unpacked = Files.createTempFile(context.scratch(), Scratch.PREFIX, ".sqlite");
        try {
            unpack(source, unpacked, context);
            read(unpacked, source.name(), sink, context);
        } finally {
            Files.deleteIfExists(unpacked);
        }
    }

    /// A broken archive leaves the pages before the break, which may be enough for some tables.
    private static void unpack(Source source, Path unpacked, ImportContext context) throws IOException {
        try (InputStream in = source.open();
                OutputStream out = Files.newOutputStream(unpacked)) {
            byte[] buffer = new byte[1 << 18];
            long length = 0;
            for (int n = in.read(buffer); n >= 0; n = nextRead(in, buffer, length, context)) {
                out.write(buffer, 0, n);
                length += n;
                context.progress(n);
            }
        }
    }

    private static int nextRead(InputStream in, byte[] buffer, long length, ImportContext context) {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            DamagedArchiveException.count(e, length, context.stats());
            return -1;
        }
    }

    private static void read(Path file, String name, BatchSink sink, ImportContext context) throws IOException {
        try (NsysDatabase database = NsysDatabase.open(file, name, context.stats())) {
            checkSchema(database, name, context);
            checkLength(file, context);
            long offset = clock(database, context);
            new NsysEvents(database, sink, context, offset).read();
        }
    }

    /// A database that is cut reads as zeros behind the cut, which no query would tell. Its header holds
    /// the size of a page at byte 16 and the number of pages at byte 28, both big-endian.
    private static void checkLength(Path file, ImportContext context) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            in.skipNBytes(16);
            int pageSize = in.readUnsignedShort();
            in.skipNBytes(10);
            long wanted = in.readInt() * (pageSize == 1 ? 65_536L : pageSize);
            long size = Files.size(file);
            if (size < wanted) {
                context.stats()
                        .count("truncated", Severity.DATA_LOSS, "the file ends at byte " + size + " of " + wanted);
            }
        }
    }

    private static void checkSchema(NsysDatabase database, String name, ImportContext context) {
        String[] version = {"", ""};
        for (String table : new String[] {"META_DATA_EXPORT", "EXPORT_META_DATA"}) {
            database.each(table, List.of("name", "value"), row -> {
                if (row.text(0).equals("EXPORT_SCHEMA_VERSION")) {
                    version[0] = row.text(1);
                } else if (row.text(0).equals("EXPORT_PRODUCT_VERSION")) {
                    version[1] = row.text(1);
                }
            });
        }
        if (version[0].isEmpty() && !database.has("StringIds")) {
            throw new TraceFormatException(name, 0, "an SQLite export of Nsight Systems, not another database");
        }
        String major = version[0].replaceFirst("\\..*", "");
        if (version[0].isEmpty()) {
            context.stats()
                    .count(
                            "schema_version_unknown",
                            Severity.NOTICE,
                            "the export does not state its schema version; read as version 3");
        } else if (!SUPPORTED.contains(major)) {
            throw new TraceFormatException(
                    name,
                    0,
                    "schema version 2 or 3 of Nsight Systems, not " + version[0]
                            + (version[1].isBlank() ? "" : " (written by version " + version[1] + ")"));
        }
    }

    /// Times count from the start of the session, which the export gives as Unix time.
    private static long clock(NsysDatabase database, ImportContext context) {
        long[] start = {0};
        database.each("TARGET_INFO_SESSION_START_TIME", List.of("utcEpochNs"), row -> start[0] = row.integer(0));
        if (start[0] < 0 || start[0] > Moments.LATEST) {
            context.stats().count("impossible_base_time", Severity.ERROR, "utcEpochNs " + start[0]);
            start[0] = 0;
        }
        context.clock(
                start[0] == 0
                        ? SourceClock.unaligned()
                        : new SourceClock(
                                SourceClock.Base.RELATIVE,
                                start[0],
                                SourceClock.Method.BASE_TIME,
                                OptionalLong.empty()));
        return start[0];
    }
}
