package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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

    private Exporter() {}

    /// Exports a session.
    ///
    /// @throws FileAlreadyExistsException if something stands at the target
    /// @throws IOException if the target cannot be written
    public static Summary export(Path session, ExportFormat format, Path target) throws IOException {
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        Path absolute = target.toAbsolutePath();
        Files.createDirectories(Optional.ofNullable(absolute.getParent()).orElse(absolute));
        Path growing = absolute.resolveSibling("." + absolute.getFileName() + ".growing-"
                + ProcessHandle.current().pid());
        try {
            Summary summary = format.isDirectory() ? tables(session, format, growing) : file(session, format, growing);
            Files.move(growing, absolute, StandardCopyOption.ATOMIC_MOVE);
            return summary;
        } finally {
            delete(growing);
        }
    }

    private static Summary tables(Path session, ExportFormat format, Path directory) throws IOException {
        Files.createDirectory(directory);
        try (Session opened = Session.open(session, Session.Dialect.within(directory))) {
            return TableFiles.write(opened, format, directory);
        }
    }

    private static Summary file(Path session, ExportFormat format, Path file) throws IOException {
        try (Session opened = Session.open(session);
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
            return switch (format) {
                case PERFETTO -> new PerfettoFile(opened, out).write();
                case PERFETTO_JSON -> new ChromeFile(opened, out).write();
                case SPEEDSCOPE -> new SpeedscopeFile(opened, out).write();
                case PROMETHEUS -> new PrometheusFile(opened, out).write();
                case PARQUET, CSV, CSV_SAFE -> throw new IllegalArgumentException(format + " is a directory");
            };
        } catch (JacksonIOException e) {
            throw e.getCause();
        }
    }

    private static void delete(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
