package dev.hourglass.app.cli;

import dev.hourglass.core.query.QueryFile;
import java.util.Map;
import java.util.Objects;

/// What the verbs ask a session beside the analyses, by the names of `verbs.sql`.
final class VerbQueries {
    private static final QueryFile ALL =
            QueryFile.read(Objects.requireNonNull(VerbQueries.class.getResourceAsStream("verbs.sql")));

    private VerbQueries() {}

    static String text(String name) {
        return ALL.text(name);
    }

    /// @param place word of the query's only place
    /// @param value SQL
    static String text(String name, String place, String value) {
        return ALL.text(name, Map.of(place, value));
    }
}
