package dev.hourglass.core.read.text;

import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Counts of `perf stat`, as `-x SEPARATOR` or `-j` write them, with or without `-I`, `-A` and `-r`.
public final class PerfStatReader implements TraceReader {
    /// Found by `ServiceLoader`.
    public PerfStatReader() {}

    @Override
    public String format() {
        return "perf-stat";
    }

    @Override
    public Match match(Head head) {
        return head.text()
                        .lines()
                        .limit(20)
                        .filter(line -> !isComment(line))
                        .findFirst()
                        .filter(PerfStatReader::isCount)
                        .isPresent()
                ? Match.YES
                : Match.NO;
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        try (TextInput input = new TextInput(source, context);
                RowWriter row = new RowWriter(TraceTables.PERF_STAT, sink)) {
            new Counts(input, row).read();
        }
    }

    private static boolean isComment(String line) {
        return line.isBlank() || line.startsWith("#");
    }

    private static boolean isCount(String line) {
        return line.startsWith("{")
                ? line.contains("\"counter-value\"") && line.contains("\"event\"")
                : PerfStatLine.separator(line).isPresent();
    }

    /// One file in reading.
    private static final class Counts {
        private final TextInput input;
        private final RowWriter row;
        private final JsonFactory json = new JsonFactory();
        private Optional<Character> separator = Optional.empty();
        private String lastEvent = "";
        private String lastInterval = "";
        private String lastScope = "";
        private boolean timed;
        private long counts;

        Counts(TextInput input, RowWriter row) {
            this.input = input;
            this.row = row;
        }

        void read() throws IOException {
            for (String line = input.next(); line != null; line = input.next()) {
                if (isComment(line)) {
                    comment(line);
                    continue;
                }
                if (line.startsWith("{")) {
                    jsonLine(line);
                } else {
                    textLine(line);
                }
            }
            input.context().stats().read("perf_stat", counts);
            input.context().clock(timed ? SourceClock.unaligned() : SourceClock.none());
        }

        private void comment(String line) {
            if (!line.isBlank() && !line.startsWith("# started on")) {
                input.note("comment", Severity.INFO);
            }
        }

        private void textLine(String line) {
            if (separator.isEmpty()) {
                separator = PerfStatLine.separator(line);
            }
            char c = separator.orElse(',');
            Optional<PerfStatLine> parsed = PerfStatLine.parse(line, c);
            Optional<PerfStatLine> metric = PerfStatLine.metric(line, c);
            if (parsed.isPresent() && (input.ended() || parsed.get().rest().size() >= 4)) {
                input.noteUnended();
                count(parsed.get(), c);
            } else if (metric.isPresent() && !lastEvent.isEmpty()) {
                input.noteUnended();
                count(metric.get(), c);
            } else if (PerfStatLine.separator(line).isEmpty() && input.ended() && !line.contains(String.valueOf(c))) {
                input.foreign();
            } else {
                input.lost();
            }
        }

        private void count(PerfStatLine line, char c) {
            boolean decimalComma = c != ',';
            variance(line.variance());
            write(
                    point(line.interval(), decimalComma),
                    line.scope(),
                    point(line.value(), decimalComma),
                    line.unit(),
                    line.event(),
                    line.rest(0),
                    point(line.rest(1), decimalComma),
                    point(line.rest(2), decimalComma),
                    line.rest(3));
        }

        private static String point(String number, boolean decimalComma) {
            return decimalComma ? number.replace(',', '.') : number;
        }

        private void jsonLine(String line) {
            try (JsonParser parser = json.createParser(ObjectReadContext.empty(), line)) {
                Map<String, String> fields = new HashMap<>();
                parser.nextToken();
                for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                    JsonToken value = parser.nextToken();
                    if (value.isStructStart()) {
                        parser.skipChildren();
                    } else {
                        fields.put(name, parser.getValueAsString(""));
                    }
                }
                boolean whole = parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
                boolean continues = fields.containsKey("metric-unit") && !lastEvent.isEmpty();
                if (!whole || !(fields.containsKey("event") || continues)) {
                    input.lost();
                } else {
                    input.noteUnended();
                    object(fields);
                }
            } catch (JacksonException e) {
                input.lost();
            }
        }

        private void object(Map<String, String> fields) {
            String scope = "";
            for (String key : new String[] {"cpu", "core", "die", "socket", "node", "thread", "cgroup"}) {
                scope = scope.isEmpty() ? fields.getOrDefault(key, "") : scope;
            }
            variance(fields.getOrDefault("variance", ""));
            String metricUnit = fields.getOrDefault("metric-unit", "");
            write(
                    fields.getOrDefault("interval", ""),
                    scope,
                    fields.getOrDefault("counter-value", ""),
                    fields.getOrDefault("unit", ""),
                    fields.getOrDefault("event", ""),
                    fields.getOrDefault("event-runtime", ""),
                    fields.getOrDefault("pcnt-running", ""),
                    metricUnit.isEmpty() ? "" : fields.getOrDefault("metric-value", ""),
                    metricUnit);
        }

        private void variance(String printed) {
            if (!printed.isEmpty()) {
                input.note("variance_left_out", Severity.INFO);
            }
        }

        /// @param event empty for a row that continues the event before with a further metric
        private void write(
                String interval,
                String scope,
                String value,
                String unit,
                String event,
                String running,
                String percent,
                String metric,
                String metricUnit) {
            if (!event.isEmpty()) {
                lastEvent = event;
                lastInterval = interval;
                lastScope = scope;
            }
            Decimals.scaled(interval.isEmpty() ? lastInterval : interval, 9).ifPresent(ts -> {
                timed = true;
                row.set("ts", ts);
            });
            if (value.startsWith("<")) {
                row.set("reason", value.replace("<", "").replace(">", ""));
            } else if (!value.isEmpty()) {
                Decimals.real(value)
                        .ifPresentOrElse(v -> row.set("value", v), () -> input.note("bad_number", Severity.DATA_LOSS));
            }
            text("cpu", scope.isEmpty() ? lastScope : scope);
            text("unit", unit);
            text("event", lastEvent);
            Decimals.integer(running).ifPresent(ns -> row.set("running_ns", ns));
            Decimals.real(percent).ifPresent(p -> row.set("running_ratio", p / 100));
            Decimals.real(metric).ifPresentOrElse(v -> row.set("metric_value", v), () -> noMetric(metric));
            text("metric_unit", metricUnit);
            row.set("source_id", input.context().sourceId()).end();
            counts++;
        }

        private void noMetric(String printed) {
            if (Decimals.isNonFinite(printed)) {
                input.note("non_finite_value", Severity.NOTICE);
            }
        }

        private void text(String column, String value) {
            if (!value.isEmpty()) {
                row.set(column, value);
            }
        }
    }
}
