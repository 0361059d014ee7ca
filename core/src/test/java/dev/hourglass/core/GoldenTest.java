package dev.hourglass.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.SqlText;
import dev.hourglass.core.store.SessionLayout;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sqlite.JDBC;

/// Input, query and expected table of every format, in `src/test/resources/golden`.
final class GoldenTest {
    private static final String QUERY = "query.sql";
    private static final String EXPECTED = "expected.csv";
    private static final String SQLITE = ".sqlite.sql";
    private static final Set<String> NOT_INPUT = Set.of(QUERY, EXPECTED);

    @TempDir
    Path directory;

    static Stream<String> formats() throws IOException {
        return entries(root()).stream().filter(Files::isDirectory).map(path -> String.valueOf(path.getFileName()));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void isReadAsWorkedOut(String format) throws Exception {
        Path golden = root().resolve(format);
        SessionLayout session = new SessionLayout(Files.createDirectory(directory.resolve("session")));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).into(inputs(golden), session.database());

        List<List<List<String>>> answers = answers(session, Files.readString(golden.resolve(QUERY)));
        List<List<List<String>>> expected = tables(Files.readString(golden.resolve(EXPECTED)));

        assertThat(answers).as("statements of %s", golden.resolve(QUERY)).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(canonical(answers.get(i)))
                    .as("answer %d of %s", i + 1, golden.resolve(QUERY))
                    .containsExactlyElementsOf(canonical(expected.get(i)));
        }
    }

    /// The list of formats for people names every directory.
    @Test
    void everyDirectoryStandsInTheList() throws IOException {
        assertThat(Files.readString(root().resolve("README.md")))
                .contains(formats().toList());
    }

    private List<Path> inputs(Path golden) throws IOException, SQLException {
        List<Path> inputs = new ArrayList<>();
        for (Path entry : entries(golden)) {
            String name = String.valueOf(entry.getFileName());
            if (name.endsWith(SQLITE)) {
                inputs.add(database(entry, directory.resolve(name.replace(SQLITE, ".sqlite"))));
            } else if (!NOT_INPUT.contains(name)) {
                inputs.add(entry);
            }
        }
        return inputs;
    }

    private static Path database(Path script, Path file) throws IOException, SQLException {
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(Files.readString(script));
        }
        return file;
    }

    private static List<List<List<String>>> answers(SessionLayout session, String script) {
        List<List<List<String>>> answers = new ArrayList<>();
        try (Session opened = Session.open(session.directory(), Session.Dialect.TRACE)) {
            for (String statement : SqlText.statements(script)) {
                Rows rows = opened.query(SqlText.adapted(statement));
                List<List<String>> table = new ArrayList<>();
                table.add(rows.columns());
                rows.rows()
                        .forEach(row ->
                                table.add(row.stream().map(GoldenTest::text).toList()));
                answers.add(table);
            }
        }
        return answers;
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    /// Rows in which every number is written in one way.
    private static List<String> canonical(List<List<String>> table) {
        return table.stream()
                .map(row ->
                        String.join(" | ", row.stream().map(GoldenTest::number).toList()))
                .toList();
    }

    /// Integers to the last digit, other numbers to twelve.
    private static String number(String cell) {
        if (cell.matches("-?\\d+(\\.0)?")) {
            return cell.replaceFirst("\\.0$", "");
        }
        return cell.matches("-?\\d+\\.\\d+(E-?\\d+)?")
                ? new java.math.BigDecimal(cell)
                        .round(new java.math.MathContext(12))
                        .stripTrailingZeros()
                        .toPlainString()
                : cell;
    }

    /// Tables of CSV between blank lines.
    private static List<List<List<String>>> tables(String text) {
        return Stream.of(text.strip().split("\\n\\s*\\n", -1))
                .map(table -> table.lines().map(GoldenTest::cells).toList())
                .toList();
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"' && quoted && line.startsWith("\"\"", i)) {
                cell.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString());
        return cells;
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    private static Path root() {
        try {
            return Path.of(Objects.requireNonNull(GoldenTest.class.getResource("/golden/README.md"))
                            .toURI())
                    .resolveSibling("");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
