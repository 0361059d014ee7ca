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
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// What stands in a trace that is JSON to the letter, by another parser: how many events of each kind.
///
/// @param timed slices to be
/// @param flows s, t and f
/// @param metadata M
/// @param others elements of the list that are none of these
record SlowChrome(long timed, long flows, long metadata, long others) {
    private static final JsonFactory JSON = new JsonFactory();

    /// Empty for what is not JSON to the letter, or has no list of events.
    static Optional<SlowChrome> of(byte[] bytes) {
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), tolerated(bytes))) {
            List<Integer> phases = new ArrayList<>();
            JsonToken first = in.nextToken();
            boolean list = first == JsonToken.START_ARRAY;
            int lists = list ? 1 : 0;
            if (list) {
                elements(in, phases);
            } else if (first == JsonToken.START_OBJECT) {
                while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                    boolean events = in.currentName().equals("traceEvents");
                    JsonToken value = in.nextToken();
                    if (events && value == JsonToken.START_ARRAY) {
                        lists++;
                        elements(in, phases);
                    } else {
                        in.skipChildren();
                    }
                }
            }
            return lists == 1 && in.nextToken() == null ? Optional.of(counted(phases)) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /// Producers write control bytes, and numbers that are none: neither costs an event.
    private static String tolerated(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}", " ")
                .replaceAll("(?i)[-+]?\\b(nan|inf|infinity)\\b", "0");
    }

    private static SlowChrome counted(List<Integer> phases) {
        long timed = count(phases, "XBbnSiIRP");
        long flows = count(phases, "stf");
        long metadata = count(phases, "M");
        return new SlowChrome(timed, flows, metadata, phases.size() - timed - flows - metadata);
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
        Optional<SlowChrome> counted = of(bytes);
        if (counted.isEmpty()) {
            boolean said = read.context().stats().losses().stream().anyMatch(loss -> loss.severity() != Severity.INFO);
            assertThat(said).as("what is not JSON to the letter is said").isTrue();
            return;
        }
        SlowChrome all = counted.get();
        long slices = read.rows(TraceTables.SLICE).size();
        long flows = read.context().stats().events().getOrDefault("flow", 0L);
        long metadata = read.context().stats().events().getOrDefault("metadata", 0L);
        assertThat(slices).as("slices").isLessThanOrEqualTo(all.timed);
        assertThat(flows).as("flows").isLessThanOrEqualTo(all.flows);
        assertThat(metadata).as("metadata").isLessThanOrEqualTo(all.metadata);
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
