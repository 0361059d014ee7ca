package dev.hourglass.core.analysis;

import java.util.stream.Collectors;

/// The queries that stand behind answers, for anyone to run.
public final class Queries {
    private Queries() {}

    /// An analysis of the library, ready to run: parameters in place, without its declaring head.
    public static Answer.Query library(String id) {
        Analysis analysis = AnalysisLibrary.find(id);
        String sql = AnalysisLibrary.bound(analysis)
                .lines()
                .dropWhile(l -> l.startsWith("--"))
                .collect(Collectors.joining("\n"));
        return new Answer.Query(analysis.question(), sql);
    }

    /// Why something is unknown.
    ///
    /// @param item one of our own names
    static Answer.Query absence(String item) {
        return new Answer.Query(
                "Why it is unknown",
                "SELECT item, status, reason, how_to_record\nFROM not_measured\nWHERE item = '" + item + "'");
    }
}
