package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.text.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// Speedscope's JSON: an evented profile per track and lane, a sampled one per thread of CPU samples.
/// Times count from the session's first moment, because the format holds them as doubles.
final class SpeedscopeFile {
    private static final String SCHEMA = "https://www.speedscope.app/file-format-schema.json";

    /// One event of an evented profile.
    private record Event(boolean open, int frame, long at) {}

    private final Session session;
    private final JsonGenerator json;
    private final Map<String, Integer> frames = new LinkedHashMap<>();
    private final Map<String, Long> written = new LinkedHashMap<>();
    private final Map<Integer, List<Event>> lanes = new LinkedHashMap<>();
    private final Map<Long, Integer> frameOf = new HashMap<>();
    private long base;
    private long last;

    SpeedscopeFile(Session session, OutputStream out) {
        this.session = session;
        this.json = Json.lines(out, 3);
    }

    Exporter.Summary write() throws IOException {
        base = firstMoment();
        Cells.each(session, "slice_names", row -> frame(row.text(0)));
        Cells.each(session, "frame_names", row -> frame(row.text(0)));
        json.writeStartObject();
        json.writeStringProperty("$schema", SCHEMA);
        json.writeStringProperty("exporter", "hourglass");
        json.writeObjectPropertyStart("shared");
        json.writeArrayPropertyStart("frames");
        frames.keySet().forEach(name -> {
            json.writeStartObject();
            json.writeStringProperty("name", name);
            json.writeEndObject();
        });
        json.writeEndArray();
        json.writeEndObject();
        json.writeArrayPropertyStart("profiles");
        tracks(Timeline.of(session));
        samples();
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
        return new Exporter.Summary(
                written, List.of("Links, counters and arguments are left out: the format has none."));
    }

    private long firstMoment() {
        return session.query(Cells.QUERIES.text("first_moment_of_stacks"))
                .integer(0, "ts")
                .orElse(0);
    }

    private int frame(String name) {
        Integer known = frames.putIfAbsent(name, frames.size());
        return known == null ? frames.size() - 1 : known;
    }

    private void tracks(Timeline timeline) throws IOException {
        long[] track = {Long.MIN_VALUE};
        Lanes spread = new Lanes(new Lanes.Listener() {
            @Override
            public void begin(int lane, long slice, long ts) {
                lane(lane).add(new Event(true, frameOf.getOrDefault(slice, 0), ts));
            }

            @Override
            public void end(int lane, long slice, long ts) {
                lane(lane).add(new Event(false, frameOf.getOrDefault(slice, 0), ts));
            }
        });
        Cells.each(session, "closed_slices", row -> {
            if (row.integer(1) != track[0]) {
                spread.finish();
                flush(timeline, track[0]);
                track[0] = row.integer(1);
            }
            frameOf.put(row.integer(0), frame(row.text(4)));
            spread.add(row.integer(0), row.integer(2), row.integer(3));
            written.merge("slice", 1L, Long::sum);
        });
        spread.finish();
        flush(timeline, track[0]);
    }

    private List<Event> lane(int lane) {
        return lanes.computeIfAbsent(lane, l -> new ArrayList<>());
    }

    private void flush(Timeline timeline, long track) {
        Timeline.Track known = timeline.tracks().get(track);
        for (Map.Entry<Integer, List<Event>> lane : lanes.entrySet()) {
            String name = known == null ? "track " + track : title(timeline, known);
            evented(lane.getKey() == 0 ? name : name + " (overlapping, " + lane.getKey() + ")", lane.getValue());
        }
        lanes.clear();
        frameOf.clear();
    }

    private static String title(Timeline timeline, Timeline.Track track) {
        Timeline.ProcessInfo process =
                track.upid().isPresent() ? timeline.processes().get(track.upid().getAsLong()) : null;
        return process == null ? track.name() : process.title() + ": " + track.name();
    }

    private void evented(String name, List<Event> events) {
        head(
                "evented",
                name,
                "nanoseconds",
                events.getFirst().at() - base,
                events.getLast().at() - base);
        json.writeArrayPropertyStart("events");
        for (Event event : events) {
            json.writeStartObject();
            json.writeStringProperty("type", event.open() ? "O" : "C");
            json.writeNumberProperty("frame", event.frame());
            json.writeNumberProperty("at", event.at() - base);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void head(String type, String name, String unit, long start, long end) {
        json.writeStartObject();
        json.writeStringProperty("type", type);
        json.writeStringProperty("name", name);
        json.writeStringProperty("unit", unit);
        json.writeNumberProperty("startValue", start);
        json.writeNumberProperty("endValue", end);
        written.merge("profile", 1L, Long::sum);
    }

    /// Weights are the events that a sample stands for, so they have no unit of time.
    private void samples() throws IOException {
        List<String> stacks = new ArrayList<>();
        List<Long> weights = new ArrayList<>();
        String[] thread = {null};
        Cells.each(session, "stacks", row -> {
            if (!row.text(0).equals(thread[0])) {
                sampled(thread[0], stacks, weights);
                thread[0] = row.text(0);
            }
            stacks.add(row.text(1));
            weights.add(row.integer(2));
            written.merge("sample", 1L, Long::sum);
        });
        sampled(thread[0], stacks, weights);
    }

    private void sampled(@Nullable String thread, List<String> stacks, List<Long> weights) {
        if (thread == null) {
            return;
        }
        last = weights.stream().mapToLong(Long::longValue).sum();
        head("sampled", "samples of " + thread, "none", 0, last);
        Json.list(json, "samples", stacks, stack -> {
            json.writeStartArray();
            for (String name : stack.split(";", -1)) {
                json.writeNumber(frame(name));
            }
            json.writeEndArray();
        });
        Json.list(json, "weights", weights, json::writeNumber);
        json.writeEndObject();
        stacks.clear();
        weights.clear();
    }
}
