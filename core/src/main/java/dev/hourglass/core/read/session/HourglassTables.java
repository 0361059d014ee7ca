package dev.hourglass.core.read.session;

import dev.hourglass.core.read.CsvLine;
import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.read.TextLines;
import dev.hourglass.core.store.DatabaseDoor;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/// The tables of a session's database or of a directory of exported files, read by the database engine.
final class HourglassTables implements AutoCloseable {
    /// The newest session that is understood.
    static final long VERSION = 2;

    private static final String DATABASE = "session.duckdb";
    private static final String VERSION_FACT = "session.version";
    /// How the names of facts begin that speak of the stored form alone.
    private static final String STORED_FORM = "session.";
    /// Bytes of a line of CSV; the database refuses longer ones.
    private static final int LONGEST_LINE_BYTES = 64 << 20;

    /// Where a table's rows come from.
    ///
    /// @param sql what stands behind FROM
    /// @param columns names that are there
    private record Relation(String sql, Set<String> columns) {}

    private final Connection connection;
    private final ImportContext context;
    private final Map<Table, Relation> relations = new HashMap<>();

    private HourglassTables(Connection connection, ImportContext context) {
        this.connection = connection;
        this.context = context;
    }

    /// @throws TraceFormatException if it is a session of a newer version, or its database is unreadable
    static HourglassTables open(Source source, ImportContext context) throws IOException {
        try {
            boolean session = source.head().entries().contains(DATABASE);
            HourglassTables tables = new HourglassTables(
                    session ? DatabaseDoor.reading(source.path().resolve(DATABASE)) : DatabaseDoor.empty(), context);
            try {
                tables.execute("SET memory_limit = '512MB'");
                if (session) {
                    tables.session(source);
                } else {
                    tables.files(source);
                }
                return tables;
            } catch (SQLException | IOException | RuntimeException e) {
                tables.close();
                throw e;
            }
        } catch (SQLException e) {
            throw new TraceFormatException(source.name(), 0, "a readable session; " + firstLine(e));
        }
    }

    boolean has(Table table) {
        return relations.containsKey(table);
    }

    /// The largest value of a column of identifiers; 0 where there is none.
    long largest(Table table, Column column) {
        Relation relation = relations.get(table);
        if (relation == null || !relation.columns().contains(column.name())) {
            return 0;
        }
        String sql =
                "SELECT coalesce(max(try_cast(" + quoted(column.name()) + " AS BIGINT)), 0) FROM " + relation.sql();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        } catch (SQLException e) {
            return 0;
        }
    }

    /// Hands over every row of a table; what cannot be read of it is counted.
    ///
    /// @return the number of rows
    long copy(Table table, HourglassIds ids, BatchSink sink) {
        Relation relation = relations.get(table);
        if (relation == null) {
            return 0;
        }
        List<Column> columns = table.columns().stream()
                .filter(column -> relation.columns().contains(column.name()))
                .toList();
        String terms = String.join(
                ", ", columns.stream().map(column -> quoted(column.name())).toList());
        long read = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT " + terms + " FROM " + relation.sql());
                RowWriter writer = new RowWriter(table, sink)) {
            while (rows.next()) {
                if (row(table, columns, rows, ids, writer)) {
                    read++;
                }
            }
        } catch (SQLException e) {
            context.stats()
                    .count(
                            "damaged_table",
                            Severity.DATA_LOSS,
                            table.name() + " behind row " + read + ": " + firstLine(e));
        }
        return read;
    }

    @Override
    public void close() {
        try {
            rejected();
            connection.close();
        } catch (SQLException e) {
            context.stats().count("damaged_table", Severity.NOTICE, firstLine(e));
        }
    }

    private void session(Source source) throws SQLException {
        execute("SET enable_external_access = false; SET lock_configuration = true");
        Map<String, Set<String>> there = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'session' AND table_name IN"
                                + " (SELECT table_name FROM duckdb_tables() WHERE database_name = 'session')")) {
            while (rows.next()) {
                there.computeIfAbsent(rows.getString(1), name -> new LinkedHashSet<>())
                        .add(rows.getString(2));
            }
        }
        for (Table table : Tables.all()) {
            Set<String> columns = there.remove(table.name());
            if (columns != null && rows("session.main." + quoted(table.name())) > 0) {
                relations.put(table, new Relation("session.main." + quoted(table.name()), columns));
            }
        }
        there.keySet().forEach(name -> context.stats().count("unknown_table", Severity.NOTICE, "first " + name));
        checkVersion(source);
    }

    private void checkVersion(Source source) throws SQLException {
        if (!has(Tables.METADATA)) {
            return;
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT try_cast(value AS BIGINT) FROM session.main.metadata WHERE name = '" + VERSION_FACT
                                + "'")) {
            if (rows.next() && rows.getLong(1) > VERSION) {
                throw new TraceFormatException(
                        source.name(),
                        0,
                        "a session of version " + VERSION + " or older, not " + rows.getLong(1)
                                + "; update Hourglass to read it");
            }
        }
    }

    private void files(Source source) throws IOException, SQLException {
        for (String entry : source.head().entries()) {
            int point = entry.lastIndexOf('.');
            String suffix = point < 0 ? "" : entry.substring(point);
            Optional<Table> table = point < 0 ? Optional.empty() : Tables.find(entry.substring(0, point));
            if (table.isPresent() && suffix.equals(".parquet")) {
                parquet(table.get(), source.path().resolve(entry));
            } else if (table.isPresent() && suffix.equals(".csv")) {
                csv(table.get(), source.resolve(entry));
            } else {
                context.stats().count("unknown_file", Severity.NOTICE, "first " + entry);
            }
        }
    }

    private void parquet(Table table, Path file) {
        String sql = "read_parquet(" + DatabaseDoor.literal(file) + ")";
        Set<String> columns = new LinkedHashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("DESCRIBE SELECT * FROM " + sql)) {
            while (rows.next()) {
                columns.add(rows.getString(1));
            }
            relations.put(table, new Relation(sql, columns));
        } catch (SQLException e) {
            context.stats().count("damaged_table", Severity.DATA_LOSS, file.getFileName() + ": " + firstLine(e));
        }
    }

    /// All cells are read as text: an empty one is NULL, a quoted empty one is an empty text.
    private void csv(Table table, Source file) throws IOException {
        String header;
        try (TextInput input = new TextInput(file, context)) {
            String line = input.next();
            header = line == null ? "" : line;
        }
        List<String> names = CsvLine.split(header).orElse(List.of());
        if (names.stream()
                .noneMatch(name -> table.columns().stream()
                        .anyMatch(column -> column.name().equals(name)))) {
            context.stats().count("unknown_columns", Severity.ERROR, file.name() + ": " + header);
            return;
        }
        List<String> columns = new ArrayList<>();
        names.forEach(name -> columns.add("'" + name.replace("'", "''") + "': 'VARCHAR'"));
        String sql = "read_csv(" + DatabaseDoor.literal(file.path())
                + ", auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"',"
                + " nullstr = '', allow_quoted_nulls = false, ignore_errors = true, store_rejects = true, max_line_size = "
                + LONGEST_LINE_BYTES
                + ", columns = {" + String.join(", ", columns) + "})";
        relations.put(table, new Relation(sql, new LinkedHashSet<>(names)));
    }

    /// Lines of CSV that the engine refused, each counted once however often the file was read.
    private void rejected() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT count(DISTINCT (s.file_path, e.line)), any_value(s.file_path), min(e.line), any_value(e.error_message) FROM reject_errors e"
                                + " JOIN reject_scans s USING (scan_id, file_id)")) {
            if (rows.next() && rows.getLong(1) > 0) {
                context.stats()
                        .count(
                                "damaged_line",
                                Severity.DATA_LOSS,
                                rows.getLong(1),
                                rows.getString(2) + ", line " + rows.getLong(3) + ": "
                                        + TextLines.clean(rows.getString(4)));
            }
        } catch (SQLException e) {
            // No CSV file was read: the table of refusals does not exist.
        }
    }

    private long rows(String relation) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + relation)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private boolean row(Table table, List<Column> columns, ResultSet rows, HourglassIds ids, RowWriter writer)
            throws SQLException {
        boolean facts = table.equals(Tables.METADATA);
        if (facts && String.valueOf(rows.getString("name")).startsWith(STORED_FORM)) {
            return false;
        }
        for (int i = 0; i < columns.size(); i++) {
            Object value = rows.getObject(i + 1);
            if (value != null) {
                set(table, columns.get(i), value, ids, writer);
            }
        }
        writer.end();
        return true;
    }

    private void set(Table table, Column column, Object value, HourglassIds ids, RowWriter writer) {
        String name = column.name();
        switch (column.type()) {
            case LONG -> {
                OptionalLong number =
                        value instanceof Number n ? OptionalLong.of(n.longValue()) : Decimals.integer(value.toString());
                number.ifPresentOrElse(v -> writer.set(name, ids.renumbered(table, column, v)), () -> bad(table, name));
            }
            case DOUBLE -> {
                OptionalDouble number = value instanceof Number n
                        ? OptionalDouble.of(n.doubleValue())
                        : Decimals.real(value.toString());
                number.ifPresentOrElse(v -> writer.set(name, v), () -> bad(table, name));
            }
            case BOOLEAN -> writer.set(name, value.equals(true) || value.equals("true"));
            case TEXT ->
                writer.set(
                        name,
                        table.equals(Tables.METADATA) && name.equals("name")
                                ? ids.renamedFact(value.toString())
                                : value.toString());
        }
    }

    private void bad(Table table, String column) {
        context.stats().count("bad_number", Severity.DATA_LOSS, table.name() + "." + column);
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
    }
}
