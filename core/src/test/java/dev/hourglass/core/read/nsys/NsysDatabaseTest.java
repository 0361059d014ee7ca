package dev.hourglass.core.read.nsys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.read.TextLines;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/// Values of an export beside what the driver's result sets say of them.
final class NsysDatabaseTest {
    private static final int ROWS = 5000;
    private static final List<String> COLUMNS = List.of("a", "none", "b", "c");

    @TempDir
    private Path directory;

    @Test
    void readsEveryFormOfValue() throws SQLException {
        Path file = file();
        List<String> read = new ArrayList<>();
        ImportStats stats = new ImportStats();
        try (NsysDatabase database = NsysDatabase.open(file, "odd", stats)) {
            database.each("odd", COLUMNS, row -> read.add(values(row)));
        }

        assertThat(read).hasSize(ROWS).isEqualTo(expected(file));
        assertThat(stats.losses()).isEmpty();
    }

    /// A query under a table's name may never end: it is not asked, and that is said.
    @Test
    void onlyTablesAreRead() throws SQLException {
        Path file = directory.resolve("views.sqlite");
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1);"
                    + " CREATE VIEW endless AS WITH RECURSIVE n (a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT a FROM n;"
                    + " CREATE VIEW StringIds AS SELECT a AS id, 'x' AS value FROM endless");
        }
        ImportStats stats = new ImportStats();
        List<String> read = new ArrayList<>();
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            try (NsysDatabase database = NsysDatabase.open(file, "views", stats)) {
                for (String table : List.of("t", "endless", "none")) {
                    database.each(table, List.of("a"), row -> read.add(table));
                }
            }
        });
        assertThat(read).containsExactly("t");
        assertThat(stats.losses()).singleElement().satisfies(loss -> {
            assertThat(loss.kind()).isEqualTo("view_left_out");
            assertThat(loss.count()).isEqualTo(2);
        });
    }

    /// A value that fills the memory costs itself, not the rows around it.
    @Test
    void aValueThatIsTooLongIsCounted() throws SQLException {
        Path file = directory.resolve("long.sqlite");
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "CREATE TABLE t (a INTEGER, b TEXT, c BLOB);"
                            + " INSERT INTO t VALUES (1, 'x', NULL), (2, 'y', zeroblob(30000000)), (3, 'z', 1);"
                            + " INSERT INTO t SELECT 4, replace(hex(zeroblob(20000000)), '0', 'w'), NULL; INSERT INTO t VALUES (5, 'v', NULL)");
        }
        ImportStats stats = new ImportStats();
        List<String> read = new ArrayList<>();
        try (NsysDatabase database = NsysDatabase.open(file, "long", stats)) {
            database.each("t", List.of("a", "b", "c"), row -> read.add(row.integer(0) + row.text(1) + row.has(2)));
        }
        assertThat(stats.losses()).extracting(ImportStats.Loss::kind).containsExactly("value_cut");
        assertThat(read).containsExactly("1xfalse", "2yfalse", "3ztrue", "4false", "5vfalse");
    }

    private static String values(NsysRow row) {
        StringBuilder text = new StringBuilder();
        for (int c = 0; c < COLUMNS.size(); c++) {
            text.append(row.has(c) ? row.integer(c) : "-").append('|');
            text.append(row.integer(c, 7)).append('|').append(row.text(c)).append('|');
            text.append(row.real(c)).append('\n');
        }
        return text.toString();
    }

    private static List<String> expected(Path file) throws SQLException {
        List<String> all = new ArrayList<>();
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT a, NULL, b, c FROM odd")) {
            while (rows.next()) {
                StringBuilder text = new StringBuilder();
                for (int c = 1; c <= COLUMNS.size(); c++) {
                    Object value = rows.getObject(c);
                    String integer = integer(value);
                    text.append(integer.isEmpty() ? "-" : integer).append('|');
                    text.append(integer.isEmpty() ? "7" : integer).append('|');
                    String plain = rows.getString(c);
                    text.append(plain == null ? "" : TextLines.clean(plain.replaceAll("\\s*\\R\\s*", " ")))
                            .append('|');
                    text.append(value == null ? Double.NaN : rows.getDouble(c)).append('\n');
                }
                all.add(text.toString());
            }
        }
        return all;
    }

    private static String integer(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Integer i -> i.toString();
            case Long l -> l.toString();
            case Double d -> d == Math.rint(d) && Math.abs(d) < 9e15 ? Long.toString(d.longValue()) : "";
            case String s when s.strip().matches("[+-]?\\d{1,18}") -> Long.toString(Long.parseLong(s.strip()));
            default -> "";
        };
    }

    private Path file() throws SQLException {
        @Nullable
        Object[] forms = {
            null,
            0,
            -1,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            1L << 40,
            2.0,
            1.5,
            -0.0,
            9.1e15,
            1e300,
            "12",
            " 12 ",
            "12abc",
            "x",
            "",
            "two\r\n  lines",
            "\u2028 and\u0085\f",
            "\u0007bell\ttab",
            "grüße 日本 🎈",
            new byte[] {65, 66},
            new byte[0]
        };
        Path file = directory.resolve("odd.sqlite");
        Random random = new Random(3);
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("CREATE TABLE odd (a, b, c)");
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO odd VALUES (?, ?, ?)")) {
                for (int i = 0; i < ROWS; i++) {
                    insert.setObject(1, forms[i % forms.length]);
                    insert.setObject(2, forms[random.nextInt(forms.length)]);
                    insert.setObject(3, (long) i);
                    insert.executeUpdate();
                }
            }
            connection.commit();
        }
        return file;
    }

    @Test
    void readsTheRowsBeforeADamage() throws SQLException, IOException {
        Path file = file();
        byte[] bytes = Files.readAllBytes(file);
        int pageSize = ByteBuffer.wrap(bytes).getShort(16) & 0xFFFF;
        int page = bytes.length / pageSize * 2 / 3;
        bytes[page * pageSize] = 77; // no kind of page
        Files.write(file, bytes);
        List<Long> read = new ArrayList<>();
        ImportStats stats = new ImportStats();
        try (NsysDatabase database = NsysDatabase.open(file, "odd", stats)) {
            database.each("odd", COLUMNS, row -> read.add(row.integer(3)));
        }

        assertThat(read).hasSizeBetween(ROWS / 3, ROWS - 1);
        for (int i = 0; i < read.size(); i++) {
            assertThat(read.get(i)).isEqualTo(i);
        }
        assertThat(stats.losses()).singleElement().satisfies(loss -> {
            assertThat(loss.kind()).isEqualTo("damaged_table");
            assertThat(loss.place()).startsWith("odd behind row " + read.size() + ": ");
        });
    }

    @Test
    void whatARowFailsWithEndsTheReading() throws SQLException {
        Path file = file();
        int[] taken = {0};
        try (NsysDatabase database = NsysDatabase.open(file, "odd", new ImportStats())) {
            assertThatThrownBy(() -> database.each("odd", COLUMNS, row -> {
                        if (++taken[0] == 3000) {
                            throw new IllegalStateException("full");
                        }
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("full");
            List<Long> again = new ArrayList<>();
            database.each("odd", COLUMNS, row -> again.add(row.integer(3)));

            assertThat(again).hasSize(ROWS);
        }
        assertThat(taken[0]).isEqualTo(3000);
    }

    @Test
    void framesOfASampleMayStandApart() throws Exception {
        Path file = directory.resolve("samples.sqlite");
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("""
                    CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
                    CREATE TABLE COMPOSITE_EVENTS (id INTEGER PRIMARY KEY, start INTEGER, cpu INTEGER, globalTid INTEGER, cpuCycles INTEGER);
                    CREATE TABLE SAMPLING_CALLCHAINS (id INTEGER, symbol INTEGER, module INTEGER, stackDepth INTEGER);
                    INSERT INTO StringIds VALUES (1, 'leaf'), (2, 'middle'), (3, 'main'), (4, 'lib.so');
                    INSERT INTO COMPOSITE_EVENTS VALUES (1, 10, 0, 5, 1), (2, 20, 0, 5, 1), (3, 30, 0, 5, 1), (4, 40, 0, 5, 1);
                    INSERT INTO SAMPLING_CALLCHAINS VALUES (1, 1, 4, 0), (1, 2, 4, 1), (2, 1, 4, 0), (2, 2, 4, 1), (3, 1, 4, 0), (1, 3, 4, 2), (3, 3, 4, 2), (2, 3, 4, 2);
                    """);
        }
        Imported nsys = Imported.of(new NsysSqliteReader(), FileSource.of(file));

        assertThat(nsys.table(TraceTables.CPU_SAMPLE, "ts", "stack", "leaf", "dso"))
                .containsExactly(
                        "10 | main;middle;leaf | leaf | lib.so",
                        "20 | main;middle;leaf | leaf | lib.so",
                        "30 | main;leaf | leaf | lib.so",
                        "40 | - | - | -");
    }
}
