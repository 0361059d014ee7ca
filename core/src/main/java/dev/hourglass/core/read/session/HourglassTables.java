package dev.hourglass.core.read.session;

import dev.hourglass.core.read.Decimals;
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
import java.io.UncheckedIOException;
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
import java.util.stream.Collectors;

/// The tables of a session's database or of a directory of exported files, read by the database engine.
final class HourglassTables implements AutoCloseable {
    /// The newest session that is understood.
    static final long VERSION = 2;

    private static final String DATABASE = "session.duckdb";
    private static final String VERSION_FACT = "session.version";
    /// How the names of facts begin that speak of the stored form alone.
    private static final String STORED_FORM = "session.";
    /// Bytes of a record of CSV. The engine has as much again and again in memory: of a line of 300 MB, where it may
    /// have 64 MiB, 1.3 GB.
    private static final int LONGEST_RECORD_BYTES = 16 << 20;
    /// Bytes that the engine may copy for one record, which it does for each cell too many: a second's work.
    private static final long MOST_COPIED_BYTES = 1 << 28;

    /// Integers up to here are exact as reals.
    private static final double MOST_EXACT_REAL = 1L << 53;

    /// Where a table's rows come from.
    ///
    /// @param sql what stands behind FROM
    /// @param columns by the names that are there, what stands for them in SQL
    private record Relation(String sql, Map<String, String> columns) {
        static Relation of(String sql, Set<String> names) {
            Map<String, String> columns = new HashMap<>();
            names.forEach(name -> columns.put(name, quoted(name)));
            return new Relation(sql, columns);
        }
    }

    private final Connection connection;
    private final ImportContext context;
    private final Map<Table, Relation> relations = new HashMap<>();
    /// Files that are read, by the name that the engine has for each.
    private final Map<EngineName, String> files = new HashMap<>();

    private HourglassTables(Connection connection, ImportContext context) {
        this.connection = connection;
        this.context = context;
    }

    /// @throws TraceFormatException if it is a session of a newer version, or its database is unreadable
    static HourglassTables open(Source source, ImportContext context) {
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
            } catch (SQLException | RuntimeException e) {
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

    /// The largest value of a column of identifiers that one may have; 0 where there is none.
    long largest(Table table, Column column) {
        Relation relation = relations.get(table);
        if (relation == null || !relation.columns().containsKey(column.name())) {
            return 0;
        }
        String sql = "SELECT coalesce(max(id), 0) FROM (SELECT try_cast("
                + relation.columns().get(column.name()) + " AS BIGINT) AS id FROM " + relation.sql() + ") WHERE id <= "
                + HourglassIds.LARGEST;
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
                .filter(column -> relation.columns().containsKey(column.name()))
                .toList();
        String terms = columns.stream()
                .map(column -> relation.columns().get(column.name()) + " AS " + quoted(column.name()))
                .collect(Collectors.joining(", "));
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
                            table.name() + " behind row " + read + ": " + shown(firstLine(e)));
        }
        return read;
    }

    @Override
    public void close() {
        try {
            rejected();
            connection.close();
            for (EngineName file : files.keySet()) {
                file.close();
            }
        } catch (SQLException e) {
            context.stats().count("damaged_table", Severity.NOTICE, shown(firstLine(e)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
                relations.put(table, Relation.of("session.main." + quoted(table.name()), columns));
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

    /// Directories that are called `key=value` are none of columns: every file holds all of its own.
    private void files(Source source) {
        for (String entry : source.head().entries()) {
            Optional<ExportedFile> file = ExportedFile.of(source, entry);
            if (file.isPresent() && file.get().isExport()) {
                file(file.get(), source);
            }
        }
    }

    private void file(ExportedFile export, Source directory) {
        String shown = directory.name() + "/" + export.entry();
        try {
            EngineName name = EngineName.of(directory.path().resolve(export.entry()));
            files.put(name, shown);
            switch (export.form()) {
                case PARQUET -> parquet(export.table(), name);
                case CSV -> bounded(export, name, directory.path().resolve(export.entry()), shown);
            }
        } catch (IOException e) {
            context.stats().count("unreadable_file", Severity.DATA_LOSS, shown + ": " + e.getMessage());
        }
    }

    private void bounded(ExportedFile export, EngineName name, Path file, String shown) throws IOException {
        LongRecords records =
                LongRecords.in(file, LONGEST_RECORD_BYTES, export.header().size());
        if (records.tooLong() > 0) {
            String bound = shown + ": lines of more than " + LONGEST_RECORD_BYTES + " bytes";
            context.stats().count("overlong_line", Severity.DATA_LOSS, records.tooLong(), bound);
        }
        if (records.copied() > MOST_COPIED_BYTES) {
            throw new IOException("a line has far more cells than the first one");
        }
        csv(export, name);
    }

    private void parquet(Table table, EngineName file) {
        String sql = "read_parquet(" + file.literal() + ", hive_partitioning = false)";
        Set<String> columns = new LinkedHashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("DESCRIBE SELECT * FROM " + sql)) {
            while (rows.next()) {
                columns.add(rows.getString(1));
            }
        } catch (SQLException e) {
            context.stats().count("damaged_table", Severity.DATA_LOSS, shown(file + ": " + firstLine(e)));
            return;
        }
        if (columns.stream().anyMatch(table::has)) {
            relations.put(table, Relation.of(sql, columns));
        } else {
            context.stats()
                    .count(
                            "unknown_columns",
                            Severity.DATA_LOSS,
                            shown(file.toString()) + " has not the columns of the table " + table.name());
        }
    }

    /// All cells are read as text: an empty one is NULL, a quoted empty one is an empty text. Columns go by their
    /// number: their names may be anything, and come again.
    private void csv(ExportedFile export, EngineName file) {
        List<String> types = new ArrayList<>();
        Map<String, String> columns = new HashMap<>();
        for (String name : export.header()) {
            String number = "c" + types.size();
            types.add(number + ": 'VARCHAR'");
            columns.putIfAbsent(name, number);
        }
        export.repeated()
                .forEach(name -> context.stats()
                        .count(
                                "repeated_column",
                                Severity.DATA_LOSS,
                                shown(file.toString()) + ": the first column " + name + " is read"));
        String sql = "read_csv(" + file.literal()
                + ", auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"',"
                + " hive_partitioning = false, compression = 'none',"
                + " nullstr = '', allow_quoted_nulls = false, ignore_errors = true, store_rejects = true, max_line_size = "
                + LONGEST_RECORD_BYTES + ", buffer_size = " + LONGEST_RECORD_BYTES
                + ", columns = {" + String.join(", ", types) + "})";
        relations.put(export.table(), new Relation(sql, columns));
    }

    /// A message of the engine with the names that people know.
    private String shown(String message) {
        String text = message;
        for (Map.Entry<EngineName, String> file : files.entrySet()) {
            text = text.replace(file.getKey().toString(), file.getValue());
        }
        return text;
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
                                shown(rows.getString(2) + ", line " + rows.getLong(3) + ": "
                                        + TextLines.clean(rows.getString(4))));
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
                OptionalLong number = integer(value);
                OptionalLong own = number.isEmpty() ? number : ids.renumbered(table, column, number.getAsLong());
                own.ifPresentOrElse(v -> writer.set(name, v), () -> bad(table, name));
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

    private static OptionalLong integer(Object value) {
        return switch (value) {
            case Double real
            when real == Math.rint(real) && Math.abs(real) <= MOST_EXACT_REAL -> OptionalLong.of(real.longValue());
            default -> Decimals.integer(value.toString());
        };
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
