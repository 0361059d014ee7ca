package dev.hourglass.core.read.chrome;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
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
    private static final int LONGEST = 4096;

    private final Map<String, String> members = new LinkedHashMap<>();

    ChromeEnvelope() {}

    /// Keeps a member: the text of a string, and any other value as it stands in the file.
    void put(String name, String value) {
        members.put(name, value);
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
                String kept = value.length() > LONGEST ? value.substring(0, LONGEST) + "…" : value;
                rows.set("name", prefix + name).set("value", kept).end();
            });
            Matcher device = DEVICE.matcher(members.getOrDefault("deviceProperties", ""));
            while (device.find()) {
                rows.set("name", prefix + "gpu." + device.group(1) + ".name")
                        .set("value", device.group(2))
                        .end();
            }
        }
        Matcher rank = RANK.matcher(members.getOrDefault("distributedInfo", ""));
        if (rank.find()) {
            context.rank(Long.parseLong(rank.group(1)));
        }
    }
}
