package dev.hourglass.core.analysis;

import dev.hourglass.core.query.QueryFile;
import dev.hourglass.core.query.SqlText;
import java.util.Map;
import java.util.Objects;

/// What the explanation of a session asks beside the analyses, by the names of `explanation.sql`.
final class ExplanationQueries {
    private static final QueryFile ALL =
            QueryFile.read(Objects.requireNonNull(ExplanationQueries.class.getResourceAsStream("explanation.sql")));

    private ExplanationQueries() {}

    static String text(String name) {
        return ALL.text(name);
    }

    /// @param places SQL by the word of its place
    static String text(String name, Map<String, String> places) {
        return ALL.text(name, places);
    }

    /// A query with one place, for the name of a stage.
    static String ofStage(String name, String stage) {
        return text(name, Map.of("stage", SqlText.literal(stage)));
    }

    /// The same without its head, to be shown or to stand within another.
    static String bare(String name, Map<String, String> places) {
        return text(name, places).replaceFirst("^(--[^\n]*\n)+", "");
    }
}
