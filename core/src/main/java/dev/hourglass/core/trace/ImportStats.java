package dev.hourglass.core.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Counts what was read from one source, and what was not. Thread-safe.
public final class ImportStats {
    /// A kind of loss or repair, counted.
    ///
    /// @param kind short identifier, for example `bad_event`
    /// @param severity how bad
    /// @param count how often
    /// @param place where it happened first, for example `byte 1234`
    public record Loss(String kind, Severity severity, long count, String place) {}

    /// Characters of a place that are kept: a path and a sentence. What stands in an input may be of any length.
    private static final int LONGEST_PLACE = 8_192;

    private final Map<String, Loss> losses = new LinkedHashMap<>();
    private final Map<String, Long> events = new TreeMap<>();

    /// Nothing counted yet.
    public ImportStats() {}

    /// Counts one.
    public void count(String kind, Severity severity, String place) {
        count(kind, severity, 1, place);
    }

    /// Counts several that began at a place.
    public synchronized void count(String kind, Severity severity, long count, String place) {
        losses.merge(
                kind,
                new Loss(
                        kind,
                        severity,
                        count,
                        place.length() > LONGEST_PLACE ? place.substring(0, LONGEST_PLACE) + "…" : place),
                (old, more) -> new Loss(kind, old.severity(), old.count() + count, old.place()));
    }

    /// Adds what another one counted.
    public void add(ImportStats other) {
        for (Loss loss : other.losses()) {
            count(loss.kind(), loss.severity(), loss.count(), loss.place());
        }
        other.events().forEach(this::read);
    }

    /// Counts records that were read, by kind (a slice's category, `metadata`, `flow`, `counter`, …).
    public synchronized void read(String kind, long count) {
        if (count > 0) {
            events.merge(kind, count, Long::sum);
        }
    }

    /// What was lost or repaired, in the order of first occurrence.
    public synchronized List<Loss> losses() {
        return new ArrayList<>(losses.values());
    }

    /// Records read, by kind.
    public synchronized Map<String, Long> events() {
        return new TreeMap<>(events);
    }

    /// All records read.
    public synchronized long total() {
        return events.values().stream().mapToLong(Long::longValue).sum();
    }
}
