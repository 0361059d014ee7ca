package dev.hourglass.core.read.nsys;

import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceFormatException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.sqlite.JDBC;
import org.sqlite.SQLiteErrorCode;

/// An SQLite export of Nsight Systems, opened for reading. Tables and columns come and go with the
/// tool's version and with what was traced: asked for one that is not there, it answers NULL.
final class NsysDatabase implements AutoCloseable {

    /// Takes rows.
    @FunctionalInterface
    interface RowConsumer {
        void accept(NsysRow row);
    }

    /// The least that a row takes in a file, in bytes.
    private static final int FEWEST_ROW_BYTES = 4;
    /// Values and rows that are longer are not read.
    private static final int LONGEST_VALUE_BYTES = 1 << 24;

    private final String source;
    private final Connection connection;
    private final ImportStats stats;
    private final Map<String, Set<String>> tables = new LinkedHashMap<>();
    /// Names of queries, which are never run: they may do anything, or never end.
    private final Set<String> views = new HashSet<>();
    private final Map<Long, String> strings = new HashMap<>();
    /// Tables that somebody asked for.
    private final Set<String> asked = new HashSet<>();
    /// Rows that the file has room for in all.
    private final long mostRows;

    private NsysDatabase(String source, long bytes, Connection connection, ImportStats stats) {
        this.mostRows = bytes / FEWEST_ROW_BYTES;
        this.source = source;
        this.connection = connection;
        this.stats = stats;
    }

    /// Opens a database file, which nobody else may write meanwhile.
    ///
    /// @throws TraceFormatException if its list of tables cannot be read
    static NsysDatabase open(Path file, String source, ImportStats stats) {
        String uri = "jdbc:sqlite:file:" + file.toAbsolutePath().toUri().getRawPath() + "?mode=ro&immutable=1";
        try {
            Properties properties = new Properties();
            properties.setProperty("open_mode", "65"); // read-only | URI
            properties.setProperty("limit_length", String.valueOf(LONGEST_VALUE_BYTES));
            Connection connection = JDBC.createConnection(uri, properties);
            NsysDatabase database = new NsysDatabase(source, file.toFile().length(), connection, stats);
            database.readTables();
            return database;
        } catch (SQLException e) {
            throw new TraceFormatException(source, 0, "a readable SQLite database; " + firstLine(e));
        }
    }

    boolean has(String table) {
        return tables.containsKey(table);
    }

    Set<String> tables() {
        return tables.keySet();
    }

    boolean has(String table, String column) {
        return tables.getOrDefault(table, Set.of()).contains(column.toLowerCase(Locale.ROOT));
    }

    /// Hands over every row of a table in its order on disk; does nothing where there is no such table.
    /// What cannot be read of it is counted.
    ///
    /// @param columns names; one that the table does not have reads as NULL
    void each(String table, List<String> columns, RowConsumer consumer) {
        asked.add(table);
        if (!has(table)) {
            if (views.contains(table)) {
                stats.count("view_left_out", Severity.DATA_LOSS, table + " is a query of the file's own, not a table");
            }
            return;
        }
        long[] read = {0};
        RowConsumer counting = row -> {
            consumer.accept(row);
            read[0]++;
        };
        try {
            try {
                rows(select(table, columns), table, columns, counting);
            } catch (SQLException e) {
                if (e.getErrorCode() != SQLiteErrorCode.SQLITE_TOOBIG.code) {
                    throw e;
                }
                stats.count(
                        "value_cut",
                        Severity.DATA_LOSS,
                        table + " behind row " + read[0] + ": values of more than " + LONGEST_VALUE_BYTES
                                + " bytes are left out");
                rows(bounded(table, columns) + " LIMIT -1 OFFSET " + read[0], table, columns, counting);
            }
        } catch (SQLException e) {
            stats.count("damaged_table", Severity.DATA_LOSS, table + " behind row " + read[0] + ": " + firstLine(e));
        }
    }

    /// Tables that nobody asked for so far, the database's own aside.
    List<String> unread() {
        return tables.keySet().stream()
                .filter(table -> !asked.contains(table) && !table.startsWith("sqlite_"))
                .toList();
    }

    private void rows(String sql, String table, List<String> columns, RowConsumer consumer) throws SQLException {
        long read = 0;
        try (NsysFetch rows = new NsysFetch(connection, sql, positions(table, columns))) {
            NsysRow row = new NsysRow();
            for (NsysBlock block = rows.next(); block != null; block = rows.next()) {
                for (int i = 0; i < block.rows; i++) {
                    row.move(block, i);
                    consumer.accept(row);
                }
                read += block.rows;
                if (read > mostRows) {
                    throw new SQLException("more rows than the file has room for");
                }
            }
        }
    }

    /// The registered string that a column refers to, nothing where the column is NULL. Of one that is not
    /// registered its number in angle brackets; each such number is counted once.
    String string(NsysRow row, int column) {
        return row.has(column) ? string(row.integer(column)) : "";
    }

    private String string(long id) {
        String known = strings.get(id);
        if (known == null) {
            stats.count("missing_string", Severity.DATA_LOSS, "first id " + id + ", which is not in StringIds");
            known = "<string " + id + ">";
            strings.put(id, known);
        }
        return known;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            stats.count("damaged_table", Severity.NOTICE, source + ": " + firstLine(e));
        }
    }

    private void readTables() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet names = statement.executeQuery(
                        "SELECT name, type = 'table' AND rootpage > 0 FROM sqlite_master WHERE type IN ('table', 'view')")) {
            while (names.next()) {
                if (names.getBoolean(2)) {
                    tables.put(names.getString(1), new TreeSet<>());
                } else {
                    views.add(names.getString(1));
                }
            }
        }
        for (Map.Entry<String, Set<String>> table : tables.entrySet()) {
            try (Statement statement = connection.createStatement();
                    ResultSet columns = statement.executeQuery("PRAGMA table_info(" + quoted(table.getKey()) + ")")) {
                while (columns.next()) {
                    table.getValue().add(columns.getString("name").toLowerCase(Locale.ROOT));
                }
            }
        }
        each("StringIds", List.of("id", "value"), row -> {
            if (row.has(0)) {
                strings.put(row.integer(0), row.text(1));
            }
        });
    }

    private String select(String table, List<String> columns) {
        List<String> terms = new ArrayList<>();
        for (String column : columns) {
            terms.add(has(table, column) ? quoted(column) : "NULL");
        }
        return "SELECT " + String.join(", ", terms) + " FROM " + quoted(table);
    }

    /// The same without values that are too long.
    private String bounded(String table, List<String> columns) {
        List<String> terms = new ArrayList<>();
        for (String column : columns) {
            terms.add(
                    has(table, column)
                            ? "CASE WHEN octet_length(" + quoted(column) + ") <= " + LONGEST_VALUE_BYTES / 2 + " THEN "
                                    + quoted(column) + " END"
                            : "NULL");
        }
        return "SELECT " + String.join(", ", terms) + " FROM " + quoted(table);
    }

    /// Where the answer has each column, -1 for one that the table lacks.
    private int[] positions(String table, List<String> columns) {
        int[] at = new int[columns.size()];
        for (int c = 0; c < at.length; c++) {
            at[c] = has(table, columns.get(c)) ? c : -1;
        }
        return at;
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
    }
}
