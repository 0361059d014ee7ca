package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import java.util.List;
import java.util.Optional;

/// How an analysis came out.
public sealed interface Outcome {
    Analysis analysis();

    /// Its answer; empty where there is none, or one without rows.
    default Optional<Rows> answered() {
        Optional<Rows> rows = switch (this) {
            case Findings found -> Optional.of(found.rows());
            case Clean clean -> Optional.of(clean.rows());
            case NotApplicable _ -> Optional.empty();
        };
        return rows.filter(answer -> answer.size() > 0);
    }

    /// It found something; the rows are the evidence.
    record Findings(Analysis analysis, Rows rows, List<Finding> findings) implements Outcome {
        public Findings {
            findings = List.copyOf(findings);
        }
    }

    /// It has an answer and nothing to object to.
    record Clean(Analysis analysis, Rows rows) implements Outcome {}

    /// The session does not hold what it needs, or holds nothing of what it asks.
    ///
    /// @param missing tables without rows; empty where all have some
    /// @param because what was not measured, in words that follow "because"
    /// @param howToRecord what to do so that it is
    record NotApplicable(Analysis analysis, List<String> missing, String because, String howToRecord)
            implements Outcome {
        public NotApplicable {
            missing = List.copyOf(missing);
        }

        /// For tables without rows.
        NotApplicable(Analysis analysis, List<String> missing) {
            this(
                    analysis,
                    missing,
                    "the session has no rows in " + String.join(", ", missing),
                    HowToRecord.of(missing));
        }
    }
}
