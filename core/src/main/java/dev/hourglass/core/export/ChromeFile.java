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
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Chrome's JSON trace format in the form of the PyTorch profiler: times in microseconds with three
/// decimals behind `baseTimeNanoseconds`, so that no reader needs more digits than it has.
///
/// Carries slices, links, counters, names of processes and threads, arguments, and the facts around a
/// single source. An asynchronous track becomes a thread's.
final class ChromeFile {
    /// Numbers of threads that stand for tracks without one.
    private static final long FREE_TIDS = 1L << 40;

    /// Types of device, by the number that PyTorch gives them.
    private static final List<String> DEVICE_TYPES = List.of("cpu", "cuda");

    /// Where a track's events stand: process and thread as JSON.
    private record Place(String pid, String tid) {}

    private final Session session;
    private final JsonOut json;
    private final JsonFactory factory = new JsonFactory();
    private final Map<String, Long> written = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<Long, Place> places = new HashMap<>();
    private Timeline timeline = new Timeline(Map.of(), Map.of());
    private long base;
    private boolean comma;

    ChromeFile(Session session, OutputStream out) {
        this.session = session;
        this.json = new JsonOut(out);
    }

    Exporter.Summary write() throws IOException {
        timeline = Timeline.of(session);
        json.raw("{\n");
        envelope();
        json.raw("\"traceEvents\": [\n");
        metadata();
        slices();
        flows();
        counters();
        json.raw("\n]}\n");
        return new Exporter.Summary(written, notes);
    }

    private void count(String kind) {
        written.merge(kind, 1L, Long::sum);
    }

    /// The members of a single source's own envelope come back as they were.
    private void envelope() throws IOException {
        base = Timeline.firstMoment(session);
        long sources = session.query("SELECT count(*) AS n FROM source")
                .integer(0, "n")
                .orElse(0);
        Map<String, String> members = new LinkedHashMap<>();
        if (sources == 1) {
            Cells.each(
                    session,
                    "SELECT regexp_replace(name, '^source\\.\\d+\\.', ''), value FROM metadata WHERE name SIMILAR TO 'source\\.\\d+\\.[^.]+'",
                    row -> members.put(row.text(0), row.text(1)));
        } else if (sources > 1) {
            notes.add("The facts around " + sources + " sources are left out: the format has room for one source's.");
        }
        boolean timed = session.query("SELECT id FROM source WHERE time_base IN ('unix', 'monotonic') LIMIT 1")
                        .size()
                > 0;
        if (sources > 0 && !timed) {
            base = 0; // times that count from nowhere in particular have no base, there and back
        }
        String stated = members.remove("baseTimeNanoseconds");
        if (stated != null && stated.matches("\\d{1,18}|[1-8]\\d{18}") && Long.parseLong(stated) <= base) {
            base = Long.parseLong(stated);
        }
        if (sources == 0 || timed) {
            json.raw("\"baseTimeNanoseconds\": ").raw(base).raw(",\n");
        }
        for (Map.Entry<String, String> member : members.entrySet()) {
            json.text(member.getKey()).raw(": ").raw(value(member.getValue())).raw(",\n");
        }
    }

    /// JSON as it is, any other text as a string.
    private String value(String text) {
        boolean candidate = text.matches("(?s)[\\[{].*[\\]}]|-?\\d{1,17}(\\.\\d{1,15})?|true|false|null");
        return candidate && isJson(text) ? text : JsonOut.quoted(text);
    }

    private boolean isJson(String text) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            parser.nextToken();
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (JacksonException e) {
            return false;
        }
    }

    private void begin(String phase) throws IOException {
        json.raw(comma ? ",\n" : "").raw("{\"ph\": \"").raw(phase).raw("\"");
        comma = true;
    }

    private void at(Place place) throws IOException {
        json.raw(", \"pid\": ").raw(place.pid).raw(", \"tid\": ").raw(place.tid);
    }

    private void metadata() throws IOException {
        Map<Long, String> pids = new HashMap<>();
        Set<String> taken = new HashSet<>();
        for (Timeline.ProcessInfo process : timeline.processes().values()) {
            String pid = process.pid().isPresent()
                    ? String.valueOf(process.pid().getAsLong())
                    : JsonOut.quoted(process.name());
            if (!taken.add(pid)) {
                pid = JsonOut.quoted((process.pid().isPresent() ? process.pid().getAsLong() + " " : "")
                        + process.title() + " #" + process.upid());
            }
            pids.put(process.upid(), pid);
            if (process.pid().isPresent() && !process.name().isEmpty()) {
                fact("process_name", new Place(pid, "0"), "name", process.name());
            }
            if (!process.labels().isEmpty()) {
                fact("process_labels", new Place(pid, "0"), "labels", process.labels());
            }
        }
        tracks(pids);
    }

    private void tracks(Map<Long, String> pids) throws IOException {
        Set<Place> taken = new HashSet<>();
        for (Timeline.Track track : timeline.tracks().values()) {
            String pid =
                    track.upid().isPresent() ? pids.getOrDefault(track.upid().getAsLong(), "\"\"") : "\"\"";
            String tid = track.tid().isPresent()
                    ? String.valueOf(track.tid().getAsLong())
                    : track.stream().isPresent() && track.type().equals("stream")
                            ? String.valueOf(track.stream().getAsLong())
                            : track.isThread()
                                    ? JsonOut.quoted(track.threadName())
                                    : String.valueOf(FREE_TIDS + track.id());
            Place place = new Place(pid, tid);
            if (!taken.add(place)) {
                place = new Place(pid, String.valueOf(FREE_TIDS + track.id()));
            }
            places.put(track.id(), place);
            if (!track.isCounter() && !(track.isThread() && track.tid().isEmpty())) {
                fact("thread_name", place, "name", track.isThread() ? track.threadName() : track.name());
            }
        }
    }

    private void fact(String name, Place place, String key, String value) throws IOException {
        begin("M");
        json.raw(", \"name\": \"").raw(name).raw("\"");
        at(place);
        json.raw(", \"args\": {\"").raw(key).raw("\": ").text(value).raw("}}");
        count("name");
    }

    private Place place(long track) {
        return places.getOrDefault(track, new Place("\"\"", String.valueOf(FREE_TIDS + track)));
    }

    private void slices() throws IOException {
        Cells.each(session, Timeline.slices(), row -> {
            long dur = row.integer(3);
            begin(dur < 0 ? "B" : "X");
            if (!row.isNull(4)) {
                json.raw(", \"cat\": ").text(row.text(4));
            }
            json.raw(", \"name\": ").text(row.text(5));
            at(place(row.integer(1)));
            json.raw(", \"ts\": ").raw(JsonOut.micros(row.integer(2) - base));
            if (dur >= 0) {
                json.raw(", \"dur\": ").raw(JsonOut.micros(dur));
            }
            args(Timeline.args(row.text(8)));
            json.raw("}");
            count("slice");
        });
    }

    private void args(List<Timeline.Arg> args) throws IOException {
        if (args.isEmpty()) {
            return;
        }
        json.raw(", \"args\": {");
        String separator = "";
        for (Timeline.Arg arg : args) {
            json.raw(separator).text(arg.key()).raw(": ");
            if (arg.key().equals("Device Type") && DEVICE_TYPES.contains(arg.value())) {
                json.raw(DEVICE_TYPES.indexOf(arg.value()));
                separator = ", ";
                continue;
            }
            switch (arg.type()) {
                case "int", "real" -> json.raw(arg.value());
                case "string" ->
                    json.raw(
                            arg.value().startsWith("[") || arg.value().startsWith("{")
                                    ? value(arg.value())
                                    : JsonOut.quoted(arg.value()));
                default -> json.raw("null");
            }
            separator = ", ";
        }
        json.raw("}");
    }

    private void flows() throws IOException {
        String sql = "SELECT f.id, f.category, f.trace_id, o.track_id, o.ts, i.track_id, i.ts FROM flow f"
                + " JOIN slice o ON o.id = f.slice_out JOIN slice i ON i.id = f.slice_in ORDER BY f.id";
        Cells.each(session, sql, row -> {
            flow("s", row, 3);
            flow("f", row, 5);
            count("link");
        });
    }

    private void flow(String phase, Cells row, int track) throws IOException {
        begin(phase);
        String category = row.isNull(1) ? "flow" : row.text(1);
        json.raw(", \"id\": ")
                .raw(row.integer(0))
                .raw(", \"cat\": ")
                .text(category)
                .raw(", \"name\": ")
                .text(category);
        at(place(row.integer(track)));
        json.raw(", \"ts\": ").raw(JsonOut.micros(row.integer(track + 1) - base));
        json.raw(phase.equals("f") ? ", \"bp\": \"e\"}" : "}");
    }

    private void counters() throws IOException {
        Cells.each(
                session,
                "SELECT c.track_id, c.ts, c.value, t.name FROM counter c LEFT JOIN track t ON t.id = c.track_id ORDER BY c.id",
                row -> {
                    begin("C");
                    json.raw(", \"name\": ").text(row.text(3));
                    at(place(row.integer(0)));
                    json.raw(", \"ts\": ").raw(JsonOut.micros(row.integer(1) - base));
                    json.raw(", \"args\": {\"value\": ")
                            .raw(
                                    row.realOrNone(2).isPresent()
                                            ? String.valueOf(row.realOrNone(2).getAsDouble())
                                            : "null")
                            .raw("}}");
                    count("counter");
                });
    }
}
