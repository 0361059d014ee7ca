package dev.hourglass.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.Imported;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.TraceTables;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// What stands in a trace as far as it is JSON to the letter, by another parser: how many events of each kind.
///
/// @param timed slices to be
/// @param flows s, t and f
/// @param metadata M
/// @param end where the letter of JSON ends
record SlowChrome(long timed, long flows, long metadata, End end) {
    private static final JsonFactory JSON = new JsonFactory();

    enum End {
        /// With the trace.
        WHOLE,
        /// With the trace, and something stands behind it.
        FOLLOWED,
        /// Within the trace.
        BROKEN
    }

    static SlowChrome of(byte[] bytes) {
        List<Integer> phases = new ArrayList<>();
        End end = End.BROKEN;
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), tolerated(bytes))) {
            int lists = lists(in, phases);
            end = End.FOLLOWED;
            end = in.nextToken() == null && lists == 1 ? End.WHOLE : end;
        } catch (JacksonException e) {
            // What stands before was counted.
        }
        return new SlowChrome(count(phases, "XBbnSiIRP"), count(phases, "stf"), count(phases, "M"), end);
    }

    /// @return how many lists of events there are
    private static int lists(JsonParser in, List<Integer> phases) {
        int lists = 0;
        JsonToken first = in.nextToken();
        if (first == JsonToken.START_ARRAY) {
            elements(in, phases);
            return 1;
        }
        while (first == JsonToken.START_OBJECT && in.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean events = in.currentName().equals("traceEvents");
            if (in.nextToken() == JsonToken.START_ARRAY && events) {
                elements(in, phases);
                lists++;
            } else {
                in.skipChildren();
            }
        }
        return lists;
    }

    /// Producers write control bytes, and numbers that are none: neither costs an event.
    private static String tolerated(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}", " ")
                .replaceAll("(?i)[-+]?\\b(nan|inf|infinity)\\b", "0");
    }

    private static long count(List<Integer> phases, String kinds) {
        return phases.stream().filter(phase -> kinds.indexOf(phase) >= 0).count();
    }

    private static void elements(JsonParser in, List<Integer> phases) {
        for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
            int phase = 0;
            if (token == JsonToken.START_OBJECT) {
                while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                    boolean named = in.currentName().equals("ph");
                    JsonToken value = in.nextToken();
                    if (named) {
                        String text = value == JsonToken.VALUE_STRING ? in.getString() : "";
                        phase = text.length() == 1 ? text.charAt(0) : 0;
                    }
                    in.skipChildren();
                }
            } else {
                in.skipChildren();
            }
            phases.add(phase);
        }
    }

    /// Every event is there or counted, and none is there twice.
    static void compare(Imported read, byte[] bytes) {
        long lost = read.context().stats().losses().stream()
                .filter(loss ->
                        loss.severity() == Severity.DATA_LOSS || loss.kind().equals("unknown_phase"))
                .mapToLong(ImportStats.Loss::count)
                .sum();
        SlowChrome all = of(bytes);
        if (all.end == End.FOLLOWED) {
            assertThat(lost).as("what follows is counted").isPositive();
        }
        long slices = read.rows(TraceTables.SLICE).size();
        long flows = read.context().stats().events().getOrDefault("flow", 0L);
        long metadata = read.context().stats().events().getOrDefault("metadata", 0L);
        if (all.end == End.WHOLE) {
            assertThat(slices).as("slices").isLessThanOrEqualTo(all.timed);
            assertThat(flows).as("flows").isLessThanOrEqualTo(all.flows);
            assertThat(metadata).as("metadata").isLessThanOrEqualTo(all.metadata);
        }
        assertThat(slices + flows + metadata + lost)
                .as("events that are there or counted: " + read.losses())
                .isGreaterThanOrEqualTo(all.timed + all.flows + all.metadata);
    }

    /// The same trace with each event on a line of its own.
    static byte[] oneEventALine(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), new String(bytes, StandardCharsets.UTF_8))) {
            boolean object = in.nextToken() == JsonToken.START_OBJECT;
            if (!object) {
                list(in, text);
            } else {
                text.append('{');
                String before = "";
                while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                    text.append(before).append('"').append(in.currentName()).append("\": ");
                    before = ", ";
                    boolean events = in.currentName().equals("traceEvents");
                    in.nextToken();
                    if (events) {
                        list(in, text);
                    } else {
                        text.append(copied(in));
                    }
                }
                text.append('}');
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void list(JsonParser in, StringBuilder text) {
        String before = "[\n";
        while (in.nextToken() != JsonToken.END_ARRAY) {
            text.append(before).append(copied(in));
            before = ",\n";
        }
        text.append("\n]");
    }

    private static String copied(JsonParser in) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.copyCurrentStructure(in);
        }
        return out.toString();
    }
}
