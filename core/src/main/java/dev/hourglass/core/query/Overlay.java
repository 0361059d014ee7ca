package dev.hourglass.core.query;

import dev.hourglass.core.store.Catalog;
import dev.hourglass.core.store.Declared;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.EventBatch;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a session of another form lacks, laid over it, so that every declared table, column, view and function can
/// be read. Nothing is written to the session.
///
/// In a connection a temporary view goes before what is stored under its name, in stored views too. So a table that
/// is not there becomes an empty one, a table without a column gets one of NULLs, views and functions become this
/// build's. Derived tables are read as they were stored; where one lacks something, all are computed in memory.
final class Overlay {
    /// Tables in memory stand under names of their own, because [Session#restrict] puts a view under the table's name.
    private static final String IN_MEMORY = "temp.main.own_";

    private final Connection connection;
    private final String stored;
    private final Map<String, String> relations = new HashMap<>();

    private Overlay(Connection connection, String stored) {
        this.connection = connection;
        this.stored = stored;
    }

    /// Lays nothing over a session that has everything.
    static Overlay none(Connection connection, String stored) {
        return new Overlay(connection, stored);
    }

    /// Lays what a session lacks over it.
    ///
    /// @param stored name of the database with its schema, as SQL
    static Overlay on(Connection connection, String stored) throws SQLException {
        Overlay overlay = new Overlay(connection, stored);
        Catalog there = Catalog.of(connection);
        for (Table table : Tables.all()) {
            if (!table.equals(Tables.SCHEMA_DOC)) {
                overlay.complete(table, there);
            }
        }
        overlay.document();
        if (!hasDerived(there)) {
            overlay.derive();
        }
        overlay.execute(Views.script("TEMP "));
        return overlay;
    }

    /// The relation that stands under a name, as SQL.
    String relation(String name) {
        return relations.getOrDefault(name, stored + "." + name);
    }

    /// Computes the derived tables in memory.
    void derive() throws SQLException {
        for (NameTable table : NameTable.ALL) {
            derive(table.name(), table.definition());
            table.write(texts(table.names()), rows -> insert(rows, IN_MEMORY + table.name()));
        }
        for (String name : Derived.computed()) {
            derive(name, Derived.definition(name));
            if (Derived.isCritical(name)) {
                new CriticalTable(this::each).write(rows -> insert(rows, IN_MEMORY + name));
            }
        }
    }

    private void each(String query, int columns, Consumer<long[]> taker) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                long[] row = new long[columns];
                for (int c = 0; c < columns; c++) {
                    row[c] = rows.getLong(c + 1);
                }
                taker.accept(row);
            }
        } catch (SQLException e) {
            throw new QueryException("cannot run: " + query.strip(), e);
        }
    }

    private List<String> texts(String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    private void derive(String name, String definition) throws SQLException {
        execute(SqlFile.replacing(definition, "TEMP ")
                .replaceFirst("TEMP TABLE " + name + "\\b", "TEMP TABLE " + IN_MEMORY + name));
        lay(name, IN_MEMORY + name);
    }

    private void complete(Table table, Catalog there) throws SQLException {
        Set<String> columns = there.tables().get(table.name());
        if (columns != null && !columns.containsAll(names(table))) {
            lay(table.name(), "(SELECT *, " + nulls(table, columns) + " FROM " + relation(table.name()) + ")");
        } else if (there.isFree(table.name())) {
            lay(table.name(), "(SELECT " + nulls(table, Set.of()) + " WHERE false)");
        }
    }

    private void lay(String name, String relation) throws SQLException {
        relations.put(name, relation);
        execute("CREATE OR REPLACE TEMP VIEW " + name + " AS SELECT * FROM " + relation);
    }

    private static List<String> names(Table table) {
        return table.columns().stream().map(Column::name).toList();
    }

    private static String nulls(Table table, Set<String> there) {
        return table.columns().stream()
                .filter(column -> !there.contains(column.name()))
                .map(column -> "NULL::" + column.type().sql() + " AS " + column.name())
                .collect(Collectors.joining(", "));
    }

    private void document() throws SQLException {
        String name = Tables.SCHEMA_DOC.name();
        execute("CREATE OR REPLACE TEMP TABLE " + IN_MEMORY + name + " AS SELECT " + nulls(Tables.SCHEMA_DOC, Set.of())
                + " WHERE false");
        BatchSink sink = rows -> insert(rows, IN_MEMORY + name);
        try (RowWriter docs = new RowWriter(Tables.SCHEMA_DOC, sink)) {
            Declared.describe(docs);
            Views.describe(docs);
        }
        lay(name, IN_MEMORY + name);
    }

    private static boolean hasDerived(Catalog there) {
        return Derived.all().stream()
                .allMatch(table -> there.tables()
                        .getOrDefault(table.name(), Set.of())
                        .containsAll(table.columns().stream()
                                .map(Views.ViewColumn::name)
                                .toList()));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// Rows of a table that has nothing but texts and integers.
    private void insert(EventBatch rows, String into) {
        int columns = rows.table().columns().size();
        String places = String.join(", ", Collections.nCopies(columns, "?"));
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO " + into + " VALUES (" + places + ")")) {
            for (int row = 0; row < rows.size(); row++) {
                for (int column = 0; column < columns; column++) {
                    insert.setObject(column + 1, value(rows, column, row));
                }
                insert.addBatch();
            }
            insert.executeBatch();
        } catch (SQLException e) {
            throw new QueryException("cannot fill " + into, e);
        }
    }

    private static @Nullable Object value(EventBatch rows, int column, int row) {
        if (rows.isNull(column, row)) {
            return null;
        }
        if (!rows.table()
                .columns()
                .get(column)
                .type()
                .equals(Column.text("any", "any").type())) {
            return rows.longs(column)[row];
        }
        byte[] text = rows.texts(column)[row];
        return text == null ? null : new String(text, StandardCharsets.UTF_8);
    }
}
