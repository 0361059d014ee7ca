package dev.hourglass.core.analysis;

import dev.hourglass.core.query.SqlText;
import java.util.Map;

/// The queries that stand behind answers, for anyone to run.
public final class Queries {
    private Queries() {}

    /// An analysis of the library, ready to run: parameters in place, without its declaring head.
    public static Answer.Query library(String id) {
        Analysis analysis = AnalysisLibrary.find(id);
        return new Answer.Query(
                analysis.question(), AnalysisLibrary.query(analysis).stripTrailing());
    }

    /// How fast the parts of a token read their weights.
    static Answer.Query reading() {
        return new Answer.Query(
                "How fast each part of a token reads its weights", ExplanationQueries.bare("reading", Map.of()));
    }

    /// Why something is unknown.
    ///
    /// @param item one of our own names
    static Answer.Query absence(String item) {
        return new Answer.Query(
                "Why it is unknown", ExplanationQueries.bare("absence", Map.of("item", SqlText.literal(item))));
    }
}
