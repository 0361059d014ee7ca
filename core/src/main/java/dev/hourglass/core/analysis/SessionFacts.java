package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a session says of itself: how it came to be, what it could not measure, what got lost.
///
/// @param facts metadata by dotted name, for example `model.shape`, `engine.version`, `host.cpu`
/// @param notMeasured what the recorder itself could not measure, with the reason
/// @param losses what was lost or repaired on the way, with severity
record SessionFacts(Map<String, String> facts, List<NotMeasured> notMeasured, List<Loss> losses) {
    private static final Pattern WHOLE = Pattern.compile("-?\\d{1,18}");

    SessionFacts {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        notMeasured = List.copyOf(notMeasured);
        losses = List.copyOf(losses);
    }

    static SessionFacts of(Session session) {
        return new SessionFacts(facts(session), notMeasured(session), losses(session));
    }

    /// Why an item was not measured; empty where the recorder says nothing of it.
    Optional<NotMeasured> absence(String item) {
        return notMeasured.stream().filter(n -> n.item().equals(item)).findFirst();
    }

    /// A fact, or the fallback where the run did not record it.
    String fact(String name, String fallback) {
        return facts.getOrDefault(name, fallback);
    }

    /// A whole number among the facts; 0 where the run did not record one.
    long number(String name) {
        String value = fact(name, "0");
        return WHOLE.matcher(value).matches() ? Long.parseLong(value) : 0;
    }

    private static Map<String, String> facts(Session session) {
        Rows rows = session.query(ExplanationQueries.text("facts"));
        Map<String, String> facts = new LinkedHashMap<>();
        for (int r = 0; r < rows.size(); r++) {
            facts.put(rows.text(r, "name", ""), rows.text(r, "value", ""));
        }
        return facts;
    }

    private static List<NotMeasured> notMeasured(Session session) {
        Rows rows = session.query(ExplanationQueries.text("not_measured"));
        List<NotMeasured> all = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            Object how = rows.value(r, "how_to_record");
            all.add(new NotMeasured(
                    rows.text(r, "item", ""),
                    rows.text(r, "status", "not_measured"),
                    rows.text(r, "reason", ""),
                    how == null ? null : how.toString()));
        }
        return all;
    }

    private static List<Loss> losses(Session session) {
        Rows rows = session.query(ExplanationQueries.text("losses"));
        List<Loss> losses = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            losses.add(new Loss(
                    rows.text(r, "source", ""),
                    rows.text(r, "kind", ""),
                    rows.text(r, "severity", ""),
                    rows.integer(r, "count").orElse(0),
                    rows.text(r, "place", "")));
        }
        return losses;
    }
}
