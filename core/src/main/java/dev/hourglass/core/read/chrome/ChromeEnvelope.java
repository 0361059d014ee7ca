package dev.hourglass.core.read.chrome;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Tables;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What stands around the events of a Chrome trace: the members of its object beside the list.
final class ChromeEnvelope {
    private static final Pattern RANK = Pattern.compile("\"rank\"\\s*:\\s*(\\d{1,9})");
    private static final Pattern DEVICE =
            Pattern.compile("\"id\"\\s*:\\s*(\\d+)\\s*,\\s*\"name\"\\s*:\\s*\"([^\"]*)\"");
    /// Characters of a member that are kept: what a hundred GPUs have to say of themselves.
    static final int LONGEST = 1 << 16;
    /// Members that are kept.
    private static final int MOST = 10_000;

    private final Map<String, String> members = new LinkedHashMap<>();
    private long left;
    private long cut;
    private String firstCut = "";

    ChromeEnvelope() {}

    /// Keeps a member: the text of a string, and any other value as it stands in the file.
    void put(String name, String value) {
        boolean room = members.size() < MOST || members.containsKey(name);
        left += room ? 0 : 1;
        if (!room) {
            return;
        }
        if (value.length() > LONGEST + 1) {
            cut++;
            firstCut = firstCut.isEmpty()
                    ? name + ": " + LONGEST + " of " + value.length() + " characters are kept"
                    : firstCut;
        }
        members.put(name, value.length() > LONGEST + 1 ? value.substring(0, LONGEST) + "…" : value);
    }

    /// The moment that times count from, in Unix nanoseconds; empty where the trace does not say.
    OptionalLong baseNs() {
        String text = members.getOrDefault("baseTimeNanoseconds", "");
        return text.matches("\\d{1,18}|[1-8]\\d{18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    void write(BatchSink sink, ImportContext context) {
        try (RowWriter rows = new RowWriter(Tables.METADATA, sink)) {
            String prefix = "source." + context.sourceId() + ".";
            members.forEach((name, value) -> {
                rows.set("name", prefix + name).set("value", value).end();
            });
            Matcher device = DEVICE.matcher(members.getOrDefault("deviceProperties", ""));
            while (device.find()) {
                rows.set("name", prefix + "gpu." + device.group(1) + ".name")
                        .set("value", device.group(2))
                        .end();
            }
        }
        if (cut > 0) {
            context.stats().count("value_cut", Severity.DATA_LOSS, cut, firstCut);
        }
        if (left > 0) {
            context.stats()
                    .count(
                            "facts_left_out",
                            Severity.DATA_LOSS,
                            left,
                            "more than " + MOST + " members around the events");
        }
        Matcher rank = RANK.matcher(members.getOrDefault("distributedInfo", ""));
        if (rank.find()) {
            context.rank(Long.parseLong(rank.group(1)));
        }
    }
}
