package dev.hourglass.core.export;

import dev.hourglass.core.file.FileTree;
import dev.hourglass.core.file.Leftovers;
import dev.hourglass.core.file.WholeFile;
import dev.hourglass.core.query.QueryException;
import dev.hourglass.core.query.Session;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.exc.JacksonIOException;

/// Writes a session in a format of other tools. The target appears when it is whole, never half-written.
public final class Exporter {
    /// Bytes that are written at once.
    private static final int BUFFER_BYTES = 1 << 18;

    /// What was written.
    ///
    /// @param written records by kind
    /// @param notes what the format cannot carry, in sentences; empty where it carries everything
    public record Summary(Map<String, Long> written, List<String> notes) {
        public Summary {
            written = Map.copyOf(written);
            notes = List.copyOf(notes);
        }
    }

    /// The session holds nothing that the format could carry.
    public static final class NothingToExport extends IOException {
        private static final long serialVersionUID = 1L;

        NothingToExport(ExportFormat format) {
            super("the session holds nothing that " + format.word() + " carries");
        }
    }

    private Exporter() {}

    /// Exports a session.
    ///
    /// @throws FileAlreadyExistsException if something stands at the target
    /// @throws NothingToExport if the file would say nothing; none is written then
    /// @throws IOException if the target cannot be written
    public static Summary export(Path session, ExportFormat format, Path target) throws IOException {
        if (FileTree.isThere(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        Path absolute = target.toAbsolutePath();
        Files.createDirectories(Optional.ofNullable(absolute.getParent()).orElse(absolute));
        WholeFile.sweep(absolute);
        Path growing = WholeFile.part(absolute);
        Leftovers.add(growing);
        try {
            Summary summary = format.isDirectory() ? tables(session, format, growing) : file(session, format, growing);
            if (!format.isDirectory() && summary.written().isEmpty()) {
                throw new NothingToExport(format);
            }
            Leftovers.done(growing);
            WholeFile.place(growing, absolute);
            return summary;
        } finally {
            FileTree.delete(growing);
            Leftovers.done(growing);
        }
    }

    private static Summary tables(Path session, ExportFormat format, Path directory) throws IOException {
        Files.createDirectory(directory);
        try (Session opened = Session.open(session, Session.Dialect.within(directory))) {
            return format == ExportFormat.PROFILEMATE
                    ? new Summary(ProfileMateFiles.write(opened, directory), List.of())
                    : TableFiles.write(opened, format, directory);
        } catch (QueryException e) {
            if (isAboutFile(e)) {
                throw new IOException(e.getMessage(), e);
            }
            throw e;
        }
    }

    /// A full disk, for one: nobody's query is wrong.
    private static boolean isAboutFile(QueryException e) {
        return String.valueOf(e.getMessage()).startsWith("IO Error");
    }

    private static Summary file(Path session, ExportFormat format, Path file) throws IOException {
        try (Session opened = Session.open(session);
                OutputStream out = new BufferedOutputStream(
                        Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), BUFFER_BYTES)) {
            return switch (format) {
                case PERFETTO -> new PerfettoFile(opened, out).write();
                case PERFETTO_JSON -> new ChromeFile(opened, out).write();
                case SPEEDSCOPE -> new SpeedscopeFile(opened, out).write();
                case PROMETHEUS -> new PrometheusFile(opened, out).write();
                case PARQUET, CSV, CSV_SAFE, PROFILEMATE ->
                    throw new IllegalArgumentException(format + " is a directory");
            };
        } catch (JacksonIOException e) {
            throw e.getCause();
        }
    }
}
