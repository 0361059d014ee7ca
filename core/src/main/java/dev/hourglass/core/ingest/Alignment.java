package dev.hourglass.core.ingest;

import dev.hourglass.core.store.SourceTimes;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.SourceClock.Method;
import dev.hourglass.core.trace.TraceTables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Lays sources that do not say what their times count from on the clock of those that do, by what the
/// two share: device work that both recorded under the same number, or annotations of the same name.
///
/// A source that states its base, but not how exactly, is moved too where what it shares agrees with
/// the base to within a second. Where no source of a group states a base, the first stays on its own
/// time and the others join it. What cannot be aligned stays where it is and says why.
final class Alignment {
    /// How far a base that a source states vaguely may be from what it shares with others.
    private static final long MOST_OFF_NS = 1_000_000_000;
    /// Events of one name in one source: a more frequent name tells no moments apart.
    private static final int MOST_OF_A_NAME = 5_000;
    /// Characters of what several sources refuse, after which no more is added.
    private static final int LONGEST_REFUSAL = 300;

    private static final String ANNOTATIONS = "('user_annotation', 'annotation', 'nvtx')";

    /// A source whose clock others may be laid on.
    private record Reference(long id, String name, long residualNs) {}

    /// A way to lay one source on another.
    private record Way(Reference onto, Method method, ClockMatch.Found found) {}

    private final TraceStore store;
    private final Map<Long, Map<String, long[]>> annotations = new HashMap<>();
    private final Map<Long, Long> moved = new HashMap<>();
    private final Map<Long, String> refusals = new HashMap<>();
    private final Map<List<Long>, Optional<Way>> ways = new HashMap<>();

    private Alignment(TraceStore store) {
        this.store = store;
    }

    /// Aligns what can be aligned, in the store too.
    ///
    /// @param read the sources of this import; those of earlier ones stay as they are
    /// @return the same sources with their final clocks
    static List<TraceImport.ReadSource> align(List<TraceImport.ReadSource> read, TraceStore store) {
        boolean open = read.stream().anyMatch(Alignment::isMovable);
        long known = store.largest(TraceTables.SOURCE, "id");
        if (!open || (known == 0 && read.size() < 2)) {
            return read;
        }
        return new Alignment(store).all(read);
    }

    /// Whether its times may be moved: they have no base, or one of unknown exactness.
    private static boolean isMovable(TraceImport.ReadSource source) {
        SourceClock clock = source.clock();
        boolean vague = clock.method() == Method.BASE_TIME
                && clock.residualNs().isEmpty()
                && !source.format().equals("hourglass");
        return vague || clock.method() == Method.UNALIGNED;
    }

    private List<TraceImport.ReadSource> all(List<TraceImport.ReadSource> read) {
        Map<Long, TraceImport.ReadSource> open = new LinkedHashMap<>();
        List<Reference> references = earlier();
        for (TraceImport.ReadSource source : read) {
            if (isMovable(source)) {
                open.put(source.id(), source);
            } else if (source.clock().method() != Method.NONE) {
                references.add(reference(source));
            }
        }
        loadAnnotations();
        Map<Long, TraceImport.ReadSource> done = new HashMap<>();
        while (!open.isEmpty()) {
            Optional<TraceImport.ReadSource> next = best(open, references);
            TraceImport.ReadSource placed = next.orElseGet(() -> stay(open));
            open.remove(placed.id());
            done.put(placed.id(), placed);
            references.add(reference(placed));
        }
        return read.stream()
                .map(source -> done.getOrDefault(source.id(), source))
                .toList();
    }

    private List<Reference> earlier() {
        List<Reference> found = new ArrayList<>();
        store.each(
                "SELECT id, name, coalesce(residual_ns, 0) FROM source WHERE align_method <> 'none' ORDER BY id",
                row -> found.add(new Reference(row.number(0), row.text(1), row.number(2))));
        return found;
    }

    private static Reference reference(TraceImport.ReadSource source) {
        return new Reference(
                source.id(), fileName(source), source.clock().residualNs().orElse(0));
    }

    private static String fileName(TraceImport.ReadSource source) {
        return String.valueOf(source.path().getFileName());
    }

    /// Times of annotations by source and name, of names that occur in two sources and not too often.
    private void loadAnnotations() {
        Map<Long, Map<String, List<Long>>> times = new HashMap<>();
        store.each(
                "WITH a AS (SELECT t.source_id AS source, s.name, s.ts FROM slice s JOIN track t ON t.id = s.track_id"
                        + " WHERE s.category IN " + ANNOTATIONS + " AND s.name IS NOT NULL),"
                        + " few AS (SELECT source, name FROM a GROUP BY source, name HAVING count(*) <= "
                        + MOST_OF_A_NAME + "), common AS (SELECT name FROM few GROUP BY name HAVING count(*) > 1)"
                        + " SELECT source, name, ts FROM a SEMI JOIN few USING (source, name) SEMI JOIN common USING (name)"
                        + " ORDER BY source, name, ts",
                row -> times.computeIfAbsent(row.number(0), id -> new HashMap<>())
                        .computeIfAbsent(row.text(1), name -> new ArrayList<>())
                        .add(row.number(2)));
        times.forEach((source, byName) -> {
            Map<String, long[]> arrays = new HashMap<>();
            byName.forEach((name, list) ->
                    arrays.put(name, list.stream().mapToLong(Long::longValue).toArray()));
            annotations.put(source, arrays);
        });
    }

    /// Of all ways to lay an open source on a reference, the one that most events speak for; taken.
    private Optional<TraceImport.ReadSource> best(Map<Long, TraceImport.ReadSource> open, List<Reference> references) {
        TraceImport.ReadSource source = null;
        Way way = null;
        for (TraceImport.ReadSource candidate : open.values()) {
            for (Reference onto : references) {
                Optional<Way> found =
                        ways.computeIfAbsent(List.of(candidate.id(), onto.id()), pair -> find(candidate, onto));
                if (found.isPresent()
                        && (way == null
                                || found.get().found().matches() > way.found().matches())) {
                    source = candidate;
                    way = found.get();
                }
            }
        }
        return source == null || way == null ? Optional.empty() : Optional.of(move(source, way));
    }

    private Optional<Way> find(TraceImport.ReadSource source, Reference onto) {
        Optional<Way> way = byCorrelation(source, onto).or(() -> byAnnotation(source, onto));
        boolean contradicts = source.clock().method() == Method.BASE_TIME
                && way.isPresent()
                && Math.abs(way.get().found().offsetNs()) > MOST_OFF_NS;
        return contradicts
                ? Optional.empty()
                : way.filter(w ->
                        new SourceTimes(store, source.id()).canShift(w.found().offsetNs()));
    }

    private Optional<Way> byAnnotation(TraceImport.ReadSource source, Reference onto) {
        ClockMatch.Answer answer = ClockMatch.of(annotations(source.id()), annotations(onto.id()));
        return switch (answer) {
            case ClockMatch.Found found -> Optional.of(new Way(onto, Method.ANNOTATION, found));
            case ClockMatch.Refused refused -> {
                if (refused.shared() > 0) {
                    refusals.merge(
                            source.id(),
                            onto.name() + ": " + refused.why(),
                            (first, more) -> first.length() < LONGEST_REFUSAL ? first + "; " + more : first);
                }
                yield Optional.empty();
            }
        };
    }

    /// Where two sources recorded the same device work, numbers, names and order are the same in both,
    /// and so is the distance in time, but for the rounding of the two formats.
    private Optional<Way> byCorrelation(TraceImport.ReadSource source, Reference onto) {
        if (store.number("SELECT count(DISTINCT source_id) FROM kernel WHERE correlation IS NOT NULL AND source_id IN ("
                        + source.id() + ", " + onto.id() + ")")
                < 2) {
            return Optional.empty();
        }
        List<Long> differences = new ArrayList<>();
        long[] named = {0};
        store.each(
                "WITH k AS (SELECT source_id, correlation, name, ts, row_number() OVER (PARTITION BY source_id,"
                        + " correlation ORDER BY ts, id) AS nth FROM kernel WHERE correlation IS NOT NULL AND source_id IN ("
                        + source.id() + ", " + onto.id() + "))"
                        + " SELECT b.ts - a.ts, (a.name = b.name)::BIGINT FROM k a JOIN k b ON a.correlation = b.correlation"
                        + " AND a.nth = b.nth WHERE a.source_id = " + source.id() + " AND b.source_id = " + onto.id()
                        + " LIMIT 1000000",
                row -> {
                    differences.add(row.number(0));
                    named[0] += row.number(1);
                });
        return CorrelationMatch.of(
                        differences.stream().mapToLong(Long::longValue).toArray(), named[0])
                .map(found -> new Way(onto, Method.CORRELATION, found));
    }

    private Map<String, long[]> annotations(long source) {
        long offset = moved.getOrDefault(source, 0L);
        Map<String, long[]> own = annotations.getOrDefault(source, Map.of());
        if (offset == 0) {
            return own;
        }
        Map<String, long[]> there = new HashMap<>();
        own.forEach((name, times) -> there.put(
                name, Arrays.stream(times).map(ts -> Moments.plus(ts, offset)).toArray()));
        return there;
    }

    private TraceImport.ReadSource move(TraceImport.ReadSource source, Way way) {
        ClockMatch.Found found = way.found();
        new SourceTimes(store, source.id()).shift(found.offsetNs());
        moved.put(source.id(), found.offsetNs());
        SourceClock clock = new SourceClock(
                source.clock().base(),
                Moments.plus(source.clock().offsetNs(), found.offsetNs()),
                way.method(),
                OptionalLong.of(Moments.plus(found.residualNs(), way.onto().residualNs())));
        String what = way.method() == Method.CORRELATION ? " kernels" : " annotations";
        return source.placed(
                clock,
                found.matches() + " of " + found.shared() + what + " shared with "
                        + way.onto().name() + " agree");
    }

    /// No source knows better: the first open one stays where it is, one with a base before others.
    private TraceImport.ReadSource stay(Map<Long, TraceImport.ReadSource> open) {
        Optional<TraceImport.ReadSource> based = open.values().stream()
                .filter(one -> one.clock().method() == Method.BASE_TIME)
                .findFirst();
        if (based.isPresent()) {
            return based.get();
        }
        TraceImport.ReadSource source = open.values().iterator().next();
        String name = fileName(source);
        String nothing = annotations(source.id()).isEmpty()
                ? "it shares no annotations with another source"
                : "no source with a clock shares its annotations";
        String why = refusals.getOrDefault(source.id(), nothing);
        source.stats()
                .count(
                        "unaligned",
                        Severity.NOTICE,
                        "stays on its own time: " + why + "; --offset " + name + "=NANOSECONDS"
                                + (source.clock().base() == SourceClock.Base.UNIX ? " or --time-zone ZONE" : "")
                                + " lays it on the clock");
        return source.placed(source.clock(), why);
    }
}
