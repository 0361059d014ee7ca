package dev.hourglass.core.analysis;

import dev.hourglass.core.query.QueryFile;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Tells an answer without rows that means "none" from one that means "not measured", by the queries of
/// `unmeasured.sql`.
final class Unmeasured {
    private static final QueryFile ALL =
            QueryFile.read(Objects.requireNonNull(Unmeasured.class.getResourceAsStream("unmeasured.sql")));

    private Unmeasured() {}

    /// Why an analysis without an answer has none; empty where there is nothing to tell.
    static Optional<Outcome> of(Analysis analysis, Session session) {
        if (!ALL.has(analysis.id())) {
            return Optional.empty();
        }
        Rows why = session.query(ALL.text(analysis.id()));
        return why.size() == 0
                ? Optional.empty()
                : Optional.of(new Outcome.NotApplicable(
                        analysis, List.of(), why.text(0, "because", ""), why.text(0, "how", "")));
    }
}
