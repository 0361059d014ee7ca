package dev.hourglass.core.read.session;

import dev.hourglass.core.read.DamagedArchiveException;
import dev.hourglass.core.read.TextLines;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// A small JSON file as facts of the table `metadata`: one per number, text or flag, named by its path.
public final class JsonFacts {
    /// Facts of one file: more are none that anybody reads.
    private static final int MOST_FACTS = 100_000;

    /// Characters of the names from the outermost to a fact, beyond which each is cut: a few long ones around
    /// many facts would come again with every one.
    private static final int LONGEST_PATH = 1_000;

    private JsonFacts() {}

    private static String bounded(Deque<String> path, String name) {
        int room = Math.max(
                0, LONGEST_PATH - path.stream().mapToInt(String::length).sum());
        return name.length() <= room ? name : name.substring(0, room) + "…";
    }

    /// @param prefix what stands before each path, with its point
    public static void read(Source source, ImportContext context, String prefix, RowWriter row) throws IOException {
        try (InputStream in = source.open();
                JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), in)) {
            long beyond = walk(parser, prefix, row) - MOST_FACTS;
            if (beyond > 0) {
                context.stats()
                        .count(
                                "facts_left_out",
                                Severity.DATA_LOSS,
                                beyond,
                                source.name() + " holds more than " + MOST_FACTS + " facts");
            }
        } catch (JacksonException e) {
            if (e.getCause() instanceof DamagedArchiveException end) {
                context.stats().count("damaged_archive", Severity.DATA_LOSS, source.name() + ": " + end.getMessage());
                return;
            }
            context.stats()
                    .count(
                            "damaged_json",
                            Severity.DATA_LOSS,
                            source.name() + ", "
                                    + String.valueOf(e.getOriginalMessage())
                                            .lines()
                                            .findFirst()
                                            .orElse(""));
        }
    }

    /// @return how many facts there are; those behind the first [#MOST_FACTS] are only counted
    private static long walk(JsonParser parser, String prefix, RowWriter row) {
        Deque<String> path = new ArrayDeque<>();
        String name = "";
        long facts = 0;
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            if (token == JsonToken.PROPERTY_NAME) {
                name = bounded(path, parser.currentName());
            } else if (token.isStructStart()) {
                path.addLast(name);
                name = "";
            } else if (token.isStructEnd()) {
                name = path.removeLast();
            } else if (token != JsonToken.VALUE_NULL) {
                facts++;
                if (facts <= MOST_FACTS) {
                    row.set("name", prefix + named(path, name))
                            .set("value", TextLines.clean(parser.getString()))
                            .end();
                }
            }
        }
        return facts;
    }

    private static String named(Deque<String> path, String name) {
        return Stream.concat(path.stream(), Stream.of(name))
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("."));
    }
}
