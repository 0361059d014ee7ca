package dev.hourglass.core.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What a session's database holds, as it is stored.
///
/// @param tables columns of each table
/// @param views names of the views
public record Catalog(Map<String, Set<String>> tables, Set<String> views) {
    private static final String HERE = " WHERE NOT internal AND database_name = current_database()";

    public Catalog {
        tables = Map.copyOf(tables);
        views = Set.copyOf(views);
    }

    /// Reads the catalogue of the database that a connection is opened on; what is temporary does not count.
    public static Catalog of(Connection connection) throws SQLException {
        Map<String, Set<String>> tables = new HashMap<>();
        Set<String> views = new HashSet<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT table_name FROM duckdb_tables()" + HERE)) {
                while (rows.next()) {
                    tables.put(rows.getString(1), new HashSet<>());
                }
            }
            try (ResultSet rows = statement.executeQuery("SELECT view_name FROM duckdb_views()" + HERE)) {
                while (rows.next()) {
                    views.add(rows.getString(1));
                }
            }
            try (ResultSet rows =
                    statement.executeQuery("SELECT table_name, column_name FROM duckdb_columns()" + HERE)) {
                while (rows.next()) {
                    tables.getOrDefault(rows.getString(1), new HashSet<>()).add(rows.getString(2));
                }
            }
        }
        return new Catalog(tables, views);
    }

    /// Whether nothing stands under the name.
    public boolean isFree(String name) {
        return !tables.containsKey(name) && !views.contains(name);
    }
}
