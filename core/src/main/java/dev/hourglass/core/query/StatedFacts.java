package dev.hourglass.core.query;

import dev.hourglass.core.store.Catalog;
import dev.hourglass.core.store.TraceStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// What a session states about itself.
///
/// @param version of its stored form; 0 where it states none
/// @param form its stored form; empty where it states none
/// @param pending whether its derived tables are still to be computed
record StatedFacts(long version, String form, boolean pending) {
    private static final Set<String> NAMES = Set.of("name", "value");

    static StatedFacts of(Connection connection) throws SQLException {
        Map<String, String> facts = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name, value FROM metadata WHERE name IN ('"
                        + TraceStore.VERSION_FACT + "', '" + Form.FACT + "', '" + Derived.PENDING_FACT + "')")) {
            while (rows.next()) {
                facts.put(rows.getString(1), String.valueOf(rows.getString(2)));
            }
        } catch (SQLException e) {
            if (Catalog.of(connection)
                    .tables()
                    .getOrDefault("metadata", Set.of())
                    .containsAll(NAMES)) {
                throw e;
            }
        }
        String version = facts.getOrDefault(TraceStore.VERSION_FACT, "0");
        return new StatedFacts(
                version.matches("\\d{1,18}") ? Long.parseLong(version) : 0,
                facts.getOrDefault(Form.FACT, ""),
                facts.containsKey(Derived.PENDING_FACT));
    }
}
