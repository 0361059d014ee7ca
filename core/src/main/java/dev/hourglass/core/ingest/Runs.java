package dev.hourglass.core.ingest;

import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which recordings of a directory are of one run, by machine, time and process. Steps of several runs have no common
/// mean: of a directory one run is read, the one of which most was recorded, and the others are named.
final class Runs {
    /// Recordings that are farther apart are of other runs, even where a process has the same number: an hour.
    private static final long LONGEST_PAUSE_NS = 3_600_000_000_000L;

    /// What is known of one recording.
    private static final class Recording {
        private final TraceImport.ReadSource source;
        private final Set<Long> processes = new HashSet<>();
        private final Set<String> gpus = new HashSet<>();
        private long first;
        private long last;
        private long slices;

        Recording(TraceImport.ReadSource source) {
            this.source = source;
        }

        boolean timed() {
            return source.clock().method() != SourceClock.Method.UNALIGNED;
        }

        /// Time between the two; negative where they overlap.
        long pause(Recording other) {
            return Math.max(first, other.first) - Math.min(last, other.last);
        }

        /// Whether nothing speaks against that both are of one run.
        boolean belongs(Recording other) {
            boolean otherMachine = !gpus.isEmpty() && !other.gpus.isEmpty() && Collections.disjoint(gpus, other.gpus);
            boolean onOneClock = timed() && other.timed();
            return !otherMachine && (onOneClock ? isNear(other) : mayShareProcess(other));
        }

        private boolean isNear(Recording other) {
            long pause = pause(other);
            return pause <= 0 || (pause <= LONGEST_PAUSE_NS && (areRanks(other) || mayShareProcess(other)));
        }

        private boolean mayShareProcess(Recording other) {
            return processes.isEmpty()
                    || other.processes.isEmpty()
                    || !Collections.disjoint(processes, other.processes);
        }

        private boolean areRanks(Recording other) {
            return source.rank().isPresent()
                    && other.source.rank().isPresent()
                    && !source.rank().equals(other.source.rank());
        }
    }

    private Runs() {}

    /// The recordings that are of other runs than the one of which most was recorded, each with the reason.
    ///
    /// @param read what was read
    /// @param free files that nobody named, of which one run may be chosen
    static Map<Path, String> others(List<TraceImport.ReadSource> read, Set<Path> free, TraceStore store) {
        if (free.size() < 2) {
            return Map.of();
        }
        List<Recording> recordings = recordings(read, store);
        List<List<Recording>> runs = runs(recordings);
        if (runs.size() < 2) {
            return Map.of();
        }
        List<Recording> chosen =
                runs.stream().max((a, b) -> Long.compare(slices(a), slices(b))).orElseThrow();
        Recording shown = chosen.getFirst();
        Map<Path, String> others = new LinkedHashMap<>();
        for (Recording other : recordings) {
            if (!chosen.contains(other) && free.contains(other.source.path())) {
                others.put(other.source.path(), why(other, shown));
            }
        }
        return others;
    }

    private static long slices(List<Recording> run) {
        return run.stream().mapToLong(one -> one.slices).sum();
    }

    private static String why(Recording other, Recording shown) {
        long pause = other.pause(shown);
        boolean timed = other.timed() && shown.timed() && pause > 0;
        String when = timed
                ? ", " + Format.value((double) pause, Unit.NANOSECONDS)
                        + (other.first < shown.first ? " before " : " after ")
                : ", not that of ";
        String machine =
                other.gpus.isEmpty() || other.gpus.equals(shown.gpus) ? "" : " on " + String.join(", ", other.gpus);
        return "a recording of another run" + machine + when
                + shown.source.path().getFileName()
                + ": left out, because steps of several runs have no common mean; report it on its own";
    }

    /// Recordings in groups: each belongs to one of its group.
    private static List<List<Recording>> runs(List<Recording> recordings) {
        List<List<Recording>> runs = new ArrayList<>();
        for (Recording one : recordings) {
            List<Recording> joined = new ArrayList<>(List.of(one));
            List<List<Recording>> apart = new ArrayList<>();
            for (List<Recording> run : runs) {
                if (run.stream().anyMatch(one::belongs)) {
                    joined.addAll(0, run);
                } else {
                    apart.add(run);
                }
            }
            apart.add(joined);
            runs = apart;
        }
        return runs;
    }

    private static List<Recording> recordings(List<TraceImport.ReadSource> read, TraceStore store) {
        Map<Long, Recording> byId = new HashMap<>();
        read.forEach(source -> byId.put(source.id(), new Recording(source)));
        store.each(
                "SELECT t.source_id, min(s.ts), max(s.ts + greatest(s.dur, 0)), count(*) FROM slice s"
                        + " JOIN track t ON t.id = s.track_id WHERE s.ts IS NOT NULL GROUP BY t.source_id",
                row -> {
                    Recording one = byId.get(row.number(0));
                    if (one != null) {
                        one.first = row.number(1);
                        one.last = row.number(2);
                        one.slices = row.number(3);
                    }
                });
        store.each(
                "SELECT DISTINCT t.source_id, p.pid FROM track t JOIN process p ON p.upid = t.upid"
                        + " WHERE t.type = 'thread' AND p.pid IS NOT NULL",
                row -> {
                    Recording one = byId.get(row.number(0));
                    if (one != null) {
                        one.processes.add(row.number(1));
                    }
                });
        store.each(
                "SELECT regexp_extract(name, '^source\\.([0-9]{1,18})\\.', 1)::BIGINT,"
                        + " unnest(regexp_extract_all(value, '\"name\"\\s*:\\s*\"([^\"]{1,200})\"', 1)) FROM metadata"
                        + " WHERE regexp_matches(name, '^source\\.[0-9]{1,18}\\.deviceProperties$')",
                row -> {
                    Recording one = byId.get(row.number(0));
                    if (one != null) {
                        one.gpus.add(row.text(1));
                    }
                });
        return read.stream()
                .map(source -> byId.get(source.id()))
                .filter(one -> one.slices > 0)
                .toList();
    }
}
