package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.text.Json;
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
import tools.jackson.core.JsonGenerator;
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

    /// Where a track's events stand: process and thread, each a number or a text.
    private record Place(Object pid, Object tid) {}

    private final Session session;
    private final JsonGenerator json;
    private final JsonFactory factory = new JsonFactory();
    private final Map<String, Long> written = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<Long, Place> places = new HashMap<>();
    private Timeline timeline = new Timeline(Map.of(), Map.of());
    private long base;

    ChromeFile(Session session, OutputStream out) {
        this.session = session;
        this.json = Json.lines(out, 2);
    }

    Exporter.Summary write() throws IOException {
        timeline = Timeline.of(session);
        json.writeStartObject();
        envelope();
        json.writeArrayPropertyStart("traceEvents");
        metadata();
        slices();
        flows();
        counters();
        sampled();
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
        return new Exporter.Summary(written, notes);
    }

    private void count(String kind) {
        written.merge(kind, 1L, Long::sum);
    }

    /// The members of a single source's own envelope come back as they were.
    private void envelope() throws IOException {
        base = Timeline.firstMoment(session);
        long sources = session.query(Cells.QUERIES.text("source_count"))
                .integer(0, "n")
                .orElse(0);
        Map<String, String> members = new LinkedHashMap<>();
        if (sources == 1) {
            Cells.each(session, "envelope", row -> members.put(row.text(0), row.text(1)));
        } else if (sources > 1) {
            notes.add("The facts around " + sources + " sources are left out: the format has room for one source's.");
        }
        boolean timed = session.query(Cells.QUERIES.text("timed_source")).size() > 0;
        if (sources > 0 && !timed) {
            base = 0; // times that count from nowhere in particular have no base, there and back
        }
        String stated = members.remove("baseTimeNanoseconds");
        if (stated != null && stated.matches("\\d{1,18}|[1-8]\\d{18}") && Long.parseLong(stated) <= base) {
            base = Long.parseLong(stated);
        }
        if (sources == 0 || timed) {
            json.writeNumberProperty("baseTimeNanoseconds", base);
        }
        for (Map.Entry<String, String> member : members.entrySet()) {
            json.writeName(member.getKey());
            value(member.getValue());
        }
        run();
    }

    /// What is told of the run itself, as one member beside the events.
    private void run() throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        Cells.each(session, "run_facts", row -> facts.put(row.text(0), row.text(1)));
        if (facts.isEmpty()) {
            return;
        }
        json.writeObjectPropertyStart("hourglass_run");
        facts.forEach(json::writeStringProperty);
        json.writeEndObject();
        written.merge("fact of the run", (long) facts.size(), Long::sum);
    }

    /// JSON as it is, any other text as a string.
    private void value(String text) {
        boolean candidate = text.matches("(?s)[\\[{].*[\\]}]|-?\\d{1,17}(\\.\\d{1,15})?|true|false|null");
        if (candidate && isJson(text)) {
            json.writeRawValue(text);
        } else {
            json.writeString(text);
        }
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

    private void begin(String phase) {
        json.writeStartObject();
        json.writeStringProperty("ph", phase);
    }

    private void at(Place place) {
        json.writeName("pid");
        Json.value(json, place.pid);
        json.writeName("tid");
        Json.value(json, place.tid);
    }

    private void micros(String name, long nanos) {
        json.writeName(name);
        json.writeNumber(Micros.of(nanos));
    }

    private void metadata() {
        Map<Long, Object> pids = new HashMap<>();
        Set<Object> taken = new HashSet<>();
        for (Timeline.ProcessInfo process : timeline.processes().values()) {
            Object pid = process.pid().isPresent() ? process.pid().getAsLong() : process.name();
            if (!taken.add(pid)) {
                pid = (process.pid().isPresent() ? process.pid().getAsLong() + " " : "") + process.title() + " #"
                        + process.upid();
            }
            pids.put(process.upid(), pid);
            if (process.pid().isPresent() && !process.name().isEmpty()) {
                fact("process_name", new Place(pid, 0L), "name", process.name());
            }
            if (!process.labels().isEmpty()) {
                fact("process_labels", new Place(pid, 0L), "labels", process.labels());
            }
        }
        tracks(pids);
    }

    private void tracks(Map<Long, Object> pids) {
        Set<Place> taken = new HashSet<>();
        for (Timeline.Track track : timeline.tracks().values()) {
            Object pid =
                    track.upid().isPresent() ? pids.getOrDefault(track.upid().getAsLong(), "") : "";
            Place place = new Place(pid, tid(track));
            if (!taken.add(place)) {
                place = new Place(pid, FREE_TIDS + track.id());
            }
            places.put(track.id(), place);
            if (!track.isCounter() && !(track.isThread() && track.tid().isEmpty())) {
                fact("thread_name", place, "name", track.isThread() ? track.threadName() : track.name());
            }
        }
    }

    private static Object tid(Timeline.Track track) {
        if (track.tid().isPresent()) {
            return track.tid().getAsLong();
        }
        if (track.stream().isPresent() && track.type().equals("stream")) {
            return track.stream().getAsLong();
        }
        return track.isThread() ? track.threadName() : (Object) (FREE_TIDS + track.id());
    }

    private void fact(String name, Place place, String key, String value) {
        begin("M");
        json.writeStringProperty("name", name);
        at(place);
        json.writeObjectPropertyStart("args");
        json.writeStringProperty(key, value);
        json.writeEndObject();
        json.writeEndObject();
        count("name");
    }

    private Place place(long track) {
        return places.getOrDefault(track, new Place("", FREE_TIDS + track));
    }

    private void slices() throws IOException {
        Cells.each(session, "slices", row -> {
            long dur = row.integer(3);
            begin(dur < 0 ? "B" : "X");
            if (!row.isNull(4)) {
                json.writeStringProperty("cat", row.text(4));
            }
            json.writeStringProperty("name", row.text(5));
            at(place(row.integer(1)));
            micros("ts", row.integer(2) - base);
            if (dur >= 0) {
                micros("dur", dur);
            }
            args(Timeline.args(row.text(8)));
            json.writeEndObject();
            count("slice");
        });
    }

    private void args(List<Timeline.Arg> args) {
        if (args.isEmpty()) {
            return;
        }
        json.writeObjectPropertyStart("args");
        for (Timeline.Arg arg : args) {
            json.writeName(arg.key());
            arg(arg);
        }
        json.writeEndObject();
    }

    private void arg(Timeline.Arg arg) {
        if (arg.key().equals("Device Type") && DEVICE_TYPES.contains(arg.value())) {
            json.writeNumber(DEVICE_TYPES.indexOf(arg.value()));
            return;
        }
        switch (arg.type()) {
            case "int", "real" -> json.writeNumber(arg.value());
            case "string" -> {
                if (arg.value().startsWith("[") || arg.value().startsWith("{")) {
                    value(arg.value());
                } else {
                    json.writeString(arg.value());
                }
            }
            default -> json.writeNull();
        }
    }

    private void flows() throws IOException {
        Cells.each(session, "links", row -> {
            flow("s", row, 3);
            flow("f", row, 5);
            count("link");
        });
    }

    private void flow(String phase, Cells row, int track) {
        begin(phase);
        String category = row.isNull(1) ? "flow" : row.text(1);
        json.writeNumberProperty("id", row.integer(0));
        json.writeStringProperty("cat", category);
        json.writeStringProperty("name", category);
        at(place(row.integer(track)));
        micros("ts", row.integer(track + 1) - base);
        if (phase.equals("f")) {
            json.writeStringProperty("bp", "e");
        }
        json.writeEndObject();
    }

    private void counters() throws IOException {
        Cells.each(session, "counters", row -> {
            begin("C");
            json.writeStringProperty("name", row.text(3));
            at(place(row.integer(0)));
            micros("ts", row.integer(1) - base);
            json.writeObjectPropertyStart("args");
            json.writeName("value");
            Json.value(json, row.realOrNone(2).orElse(Double.NaN));
            json.writeEndObject();
            json.writeEndObject();
            count("counter");
        });
    }

    /// What was sampled beside the timeline, as counters of no process.
    private void sampled() throws IOException {
        Cells.each(session, "sampled", row -> {
            begin("C");
            json.writeStringProperty("name", row.text(0) + (row.text(1).isEmpty() ? "" : " [" + row.text(1) + "]"));
            at(new Place("sampled", 0L));
            micros("ts", row.integer(2) - base);
            json.writeObjectPropertyStart("args");
            json.writeName("value");
            Json.value(json, row.realOrNone(3).orElse(Double.NaN));
            json.writeEndObject();
            json.writeEndObject();
            written.merge("sample", 1L, Long::sum);
        });
    }
}
