package dev.hourglass.core.analysis;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One of the seven questions, answered from what a session holds.
///
/// @param id q1 to q7
/// @param answer one or two sentences with numbers, units and spread
/// @param status how far it could be answered
/// @param evidence what the answer rests on: tables, figures, methods
/// @param query what anyone can run to see the rows behind it; empty where none is offered
public record Answer(
        String id, String question, String answer, Status status, List<String> evidence, Optional<Query> query) {

    /// How far a question could be answered.
    public enum Status {
        ANSWERED,
        NOT_APPLICABLE,
        NOT_MEASURED;

        /// Name in JSON.
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A query on the session.
    ///
    /// @param title what its answer is
    public record Query(String title, String sql) {}

    public Answer {
        evidence = List.copyOf(evidence);
    }
}
