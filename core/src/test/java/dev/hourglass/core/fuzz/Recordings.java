package dev.hourglass.core.fuzz;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.sqlite.JDBC;

/// The inputs of the golden cases, as they are or with something done to them.
final class Recordings {
    private static final String ARCHIVE = ".gz";
    private static final String SCRIPT = ".sqlite.sql";
    private static final List<String> NOT_INPUT = List.of("query.sql", "expected.csv");

    private Recordings() {}

    /// The names of the cases, one for each format.
    static List<String> names() {
        try (Stream<Path> entries = Files.list(root())) {
            return entries.filter(Files::isDirectory)
                    .map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Path root() {
        try {
            return Path.of(Objects.requireNonNull(Recordings.class.getResource("/golden"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Writes the inputs of a case, each text after `change`.
    ///
    /// @return files and directories to be read together
    static List<Path> write(String name, Path directory, UnaryOperator<String> change) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> entries = Files.list(root().resolve(name))) {
            List<Path> inputs = entries.filter(entry -> !NOT_INPUT.contains(String.valueOf(entry.getFileName())))
                    .sorted()
                    .toList();
            List<Path> written = new java.util.ArrayList<>();
            for (Path input : inputs) {
                written.add(write(input, directory, change));
            }
            return written;
        }
    }

    private static Path write(Path input, Path directory, UnaryOperator<String> change) throws IOException {
        String name = String.valueOf(input.getFileName());
        if (Files.isDirectory(input)) {
            Path copy = Files.createDirectories(directory.resolve(name));
            try (Stream<Path> entries = Files.list(input)) {
                for (Path entry : entries.sorted().toList()) {
                    write(entry, copy, change);
                }
            }
            return copy;
        }
        if (name.endsWith(".parquet")) {
            return Files.copy(input, directory.resolve(name));
        }
        String text = change.apply(text(input).replace("INTEGER PRIMARY KEY", "INTEGER"));
        return name.endsWith(SCRIPT)
                ? database(text, directory.resolve(name.replace(SCRIPT, ".sqlite")))
                : Files.writeString(directory.resolve(name.replace(ARCHIVE, "")), text);
    }

    private static String text(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (String.valueOf(file.getFileName()).endsWith(ARCHIVE)) {
            try (GZIPInputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(bytes))) {
                bytes = in.readAllBytes();
            }
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// The database that a script makes; of one that cannot be run whole, what its statements make until then.
    private static Path database(String script, Path file) throws IOException {
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN; " + script + "; COMMIT");
            return file;
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
