package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;

/// Perfetto's protobuf trace: a list of packets, field 1 of the file. Field numbers are those of
/// Perfetto's published schema (`protos/perfetto/trace`).
///
/// One track per track of the session; where its slices overlap, more of the same name. Names are
/// written once and then meant by number.
final class PerfettoFile {
    private static final int PACKET = 1;
    private static final int TIMESTAMP = 8;
    private static final int SEQUENCE = 10;
    private static final int TRACK_EVENT = 11;
    private static final int INTERNED = 12;
    private static final int SEQUENCE_FLAGS = 13;
    private static final int TRACK_DESCRIPTOR = 60;

    private static final int FLAG_CLEARED = 1;
    private static final int FLAG_NEEDS_STATE = 2;
    private static final int BEGIN = 1;
    private static final int END = 2;
    private static final int INSTANT = 3;
    private static final int COUNTER = 4;
    /// Numbers that a track leaves for its lanes.
    private static final long LANES_PER_TRACK = 1 << 20;
    private static final long PROCESS_UUIDS = 1L << 60;
    private static final long SAMPLED_UUIDS = 1L << 61;
    private static final long RUN_UUID = SAMPLED_UUIDS - 1;
    /// The format has 32 bits with a sign for numbers of processes and threads.
    private static final long LARGEST_ID = Integer.MAX_VALUE;

    /// What is known of the slice that a lane begins next.
    private record Slice(String category, String name, List<Long> out, List<Long> in, List<Timeline.Arg> args) {}

    private final Session session;
    private final OutputStream file;
    private final ProtoOut proto = new ProtoOut();
    private final Map<String, Integer> categories = new HashMap<>();
    private final Map<String, Integer> names = new HashMap<>();
    private final Map<String, Integer> argNames = new HashMap<>();
    private final Set<Long> described = new HashSet<>();
    private final Map<String, Long> written = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private Timeline timeline = new Timeline(Map.of(), Map.of());
    private long shift;
    private boolean first = true;

    PerfettoFile(Session session, OutputStream file) {
        this.session = session;
        this.file = file;
    }

    Exporter.Summary write() throws IOException {
        timeline = Timeline.of(session);
        shift = Math.min(0, Timeline.firstMoment(session));
        if (shift < 0) {
            notes.add("Times are moved by " + -shift + " ns, because the format has none before 0.");
        }
        processes();
        slices();
        counters();
        sampled();
        run();
        return new Exporter.Summary(written, notes);
    }

    private void count(String kind, long n) {
        written.merge(kind, n, Long::sum);
    }

    private void processes() throws IOException {
        Set<Long> pids = new HashSet<>();
        for (Timeline.ProcessInfo process : timeline.processes().values()) {
            int packet = packet();
            int descriptor = proto.begin(TRACK_DESCRIPTOR);
            proto.varint(1, uuid(process));
            long pid = process.pid().orElse(0);
            if (pid > 0 && pid <= LARGEST_ID && pids.add(pid)) {
                int inner = proto.begin(3);
                proto.varint(1, pid).text(6, process.title());
                proto.end(inner);
            } else {
                proto.text(2, process.title());
            }
            proto.end(descriptor);
            end(packet);
            count("process", 1);
        }
        threads(pids);
    }

    /// Threads that the format can name by their numbers; every other track is described by its name
    /// when the first slice is on it.
    private void threads(Set<Long> pids) throws IOException {
        Set<List<Long>> pairs = new HashSet<>();
        for (Timeline.Track track : timeline.tracks().values()) {
            OptionalLong pid = pid(track);
            long tid = track.tid().orElse(0);
            boolean known = track.isThread()
                    && pid.isPresent()
                    && pids.contains(pid.getAsLong())
                    && tid > 0
                    && tid <= LARGEST_ID;
            if (known && pairs.add(List.of(pid.getAsLong(), tid))) {
                int packet = packet();
                int descriptor = proto.begin(TRACK_DESCRIPTOR);
                proto.varint(1, uuid(track.id(), 0));
                int inner = proto.begin(4);
                proto.varint(1, pid.getAsLong()).varint(2, tid).text(5, track.threadName());
                proto.end(inner);
                proto.end(descriptor);
                end(packet);
                described.add(uuid(track.id(), 0));
                count("thread", 1);
            }
        }
    }

    private OptionalLong pid(Timeline.Track track) {
        Timeline.ProcessInfo process =
                track.upid().isPresent() ? timeline.processes().get(track.upid().getAsLong()) : null;
        return process == null ? OptionalLong.empty() : process.pid();
    }

    private static long uuid(Timeline.ProcessInfo process) {
        return PROCESS_UUIDS + process.upid();
    }

    private static long uuid(long track, int lane) {
        return track * LANES_PER_TRACK + lane + 1;
    }

    private void describe(long track, int lane) throws IOException {
        if (!described.add(uuid(track, lane))) {
            return;
        }
        Timeline.Track known = timeline.tracks().get(track);
        int packet = packet();
        int descriptor = proto.begin(TRACK_DESCRIPTOR);
        proto.varint(1, uuid(track, lane)).text(2, known == null ? "track " + track : known.name());
        if (known != null && known.upid().isPresent()) {
            proto.varint(5, PROCESS_UUIDS + known.upid().getAsLong());
        }
        if (known != null && known.isCounter()) {
            int counter = proto.begin(8);
            proto.text(6, known.unit());
            proto.end(counter);
        }
        proto.end(descriptor);
        end(packet);
        count(lane == 0 ? "track" : "lane", 1);
    }

    private void slices() throws IOException {
        long[] track = {Long.MIN_VALUE};
        Map<Long, Slice> next = new HashMap<>();
        Lanes lanes = new Lanes(new Lanes.Listener() {
            @Override
            public void begin(int lane, long slice, long ts) throws IOException {
                PerfettoFile.this.begin(track[0], lane, ts, Objects.requireNonNull(next.remove(slice)));
            }

            @Override
            public void end(int lane, long slice, long ts) throws IOException {
                event(track[0], lane, ts, END);
            }
        });
        Cells.each(session, "slices", row -> {
            if (row.integer(1) != track[0]) {
                lanes.finish();
                track[0] = row.integer(1);
            }
            next.put(
                    row.integer(0),
                    new Slice(
                            row.text(4),
                            row.text(5),
                            Timeline.numbers(row.text(6)),
                            Timeline.numbers(row.text(7)),
                            Timeline.args(row.text(8))));
            lanes.add(row.integer(0), row.integer(2), row.integer(3));
        });
        lanes.finish();
    }

    private void begin(long track, int lane, long ts, Slice slice) throws IOException {
        describe(track, lane);
        int packet = packet();
        proto.varint(TIMESTAMP, ts - shift);
        intern(slice);
        int event = proto.begin(TRACK_EVENT);
        proto.varint(9, BEGIN).varint(11, uuid(track, lane)).varint(10, number(names, slice.name()));
        if (!slice.category().isEmpty()) {
            proto.varint(3, number(categories, slice.category()));
        }
        slice.out().forEach(id -> proto.fixed64(47, id));
        slice.in().forEach(id -> proto.fixed64(48, id));
        slice.args().forEach(this::arg);
        proto.end(event);
        end(packet);
        count("slice", 1);
        count("link", slice.out().size());
        count("argument", slice.args().size());
    }

    private void event(long track, int lane, long ts, int type) throws IOException {
        int packet = packet();
        proto.varint(TIMESTAMP, ts - shift);
        int event = proto.begin(TRACK_EVENT);
        proto.varint(9, type).varint(11, uuid(track, lane));
        proto.end(event);
        end(packet);
    }

    private void arg(Timeline.Arg arg) {
        int annotation = proto.begin(4);
        proto.varint(1, number(argNames, arg.key()));
        switch (arg.type()) {
            case "int" -> proto.varint(4, Long.parseLong(arg.value()));
            case "real" -> proto.real(5, Double.parseDouble(arg.value()));
            default -> proto.text(6, arg.value());
        }
        proto.end(annotation);
    }

    /// Writes the names that the slice is the first to use.
    private void intern(Slice slice) {
        boolean all = names.containsKey(slice.name())
                && (slice.category().isEmpty() || categories.containsKey(slice.category()))
                && slice.args().stream().allMatch(arg -> argNames.containsKey(arg.key()));
        if (all) {
            return;
        }
        int data = proto.begin(INTERNED);
        if (!slice.category().isEmpty()) {
            intern(1, categories, slice.category());
        }
        intern(2, names, slice.name());
        slice.args().forEach(arg -> intern(3, argNames, arg.key()));
        proto.end(data);
    }

    private void intern(int field, Map<String, Integer> known, String text) {
        if (!known.containsKey(text)) {
            known.put(text, known.size() + 1);
            int entry = proto.begin(field);
            proto.varint(1, known.size()).text(2, text);
            proto.end(entry);
        }
    }

    private static int number(Map<String, Integer> known, String text) {
        return known.getOrDefault(text, 0);
    }

    private void counters() throws IOException {
        Cells.each(session, "counters_by_track", row -> {
            describe(row.integer(0), 0);
            int packet = packet();
            proto.varint(TIMESTAMP, row.integer(1) - shift);
            int event = proto.begin(TRACK_EVENT);
            proto.varint(9, COUNTER)
                    .varint(11, uuid(row.integer(0), 0))
                    .real(44, row.realOrNone(2).orElse(0));
            proto.end(event);
            end(packet);
            count("counter", 1);
        });
    }

    /// What was sampled beside the timeline; each name is a track.
    private void sampled() throws IOException {
        Map<String, Long> tracks = new HashMap<>();
        Cells.each(session, "sampled", row -> {
            String name = row.text(0);
            if (!tracks.containsKey(name)) {
                tracks.put(name, SAMPLED_UUIDS + tracks.size());
                named(tracks.getOrDefault(name, SAMPLED_UUIDS), name, row.text(1));
            }
            int packet = packet();
            proto.varint(TIMESTAMP, Math.max(0, row.integer(2) - shift));
            int event = proto.begin(TRACK_EVENT);
            proto.varint(9, COUNTER)
                    .varint(11, tracks.getOrDefault(name, SAMPLED_UUIDS))
                    .real(44, row.realOrNone(3).orElse(0));
            proto.end(event);
            end(packet);
            count("sample", 1);
        });
    }

    /// @param unit of a counter; empty for a track of events
    private void named(long uuid, String name, String unit) throws IOException {
        int packet = packet();
        int descriptor = proto.begin(TRACK_DESCRIPTOR);
        proto.varint(1, uuid).text(2, name);
        if (!unit.isEmpty()) {
            int counter = proto.begin(8);
            proto.text(6, unit);
            proto.end(counter);
        }
        proto.end(descriptor);
        end(packet);
        count("track", 1);
    }

    /// What is told of the run, as arguments of one moment at its beginning.
    private void run() throws IOException {
        List<Timeline.Arg> facts = new ArrayList<>();
        Cells.each(session, "run_facts", row -> facts.add(new Timeline.Arg(row.text(0), "string", row.text(1))));
        if (facts.isEmpty()) {
            return;
        }
        named(RUN_UUID, "Run", "");
        int packet = packet();
        proto.varint(TIMESTAMP, Math.max(0, Timeline.firstMoment(session) - shift));
        intern(new Slice("", "run", List.of(), List.of(), facts));
        int event = proto.begin(TRACK_EVENT);
        proto.varint(9, INSTANT).varint(11, RUN_UUID).varint(10, number(names, "run"));
        facts.forEach(this::arg);
        proto.end(event);
        end(packet);
        count("fact of the run", facts.size());
    }

    private int packet() {
        proto.clear();
        int packet = proto.begin(PACKET);
        proto.varint(SEQUENCE, 1).varint(SEQUENCE_FLAGS, first ? FLAG_CLEARED | FLAG_NEEDS_STATE : FLAG_NEEDS_STATE);
        first = false;
        return packet;
    }

    private void end(int packet) throws IOException {
        proto.end(packet);
        file.write(proto.bytes());
    }
}
