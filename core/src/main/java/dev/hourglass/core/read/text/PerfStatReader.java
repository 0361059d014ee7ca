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
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
                : PerfStatLine.separator(line).isPresent() || PerfStatLine.hasDecimalCommas(line);
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

        /// @throws TraceFormatException if numbers have decimal commas where commas part the fields
        void read() throws IOException {
            for (String line = input.next(); line != null; line = input.next()) {
                if (isComment(line)) {
                    comment(line);
                    continue;
                }
                refuseDecimalCommas(line);
                if (line.startsWith("{")) {
                    jsonLine(line);
                } else {
                    textLine(line);
                }
            }
            input.context().stats().read("perf_stat", counts);
            input.context().clock(timed ? SourceClock.unaligned() : SourceClock.none());
        }

        private void refuseDecimalCommas(String line) {
            boolean json = line.startsWith("{");
            boolean commas = json
                    ? PerfStatLine.hasDecimalCommasInJson(line)
                    : separator.or(() -> PerfStatLine.separator(line)).orElse(',') == ','
                            && PerfStatLine.hasDecimalCommas(line);
            if (commas) {
                throw new TraceFormatException(
                        input.name(),
                        input.offset(),
                        "numbers with a decimal point, which " + (json ? "JSON needs" : "fields parted by commas need")
                                + "; record with `LC_ALL=C perf stat …`"
                                + (json ? "" : ", or with another separator: `perf stat -x ';'`"));
            }
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
                write(c == ',' ? parsed.get() : parsed.get().withPoints());
            } else if (metric.isPresent() && !lastEvent.isEmpty()) {
                input.noteUnended();
                write(c == ',' ? metric.get() : metric.get().withPoints());
            } else if (PerfStatLine.separator(line).isEmpty() && input.ended() && !line.contains(String.valueOf(c))) {
                input.foreign();
            } else {
                input.lost();
            }
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
                    write(PerfStatLine.of(fields));
                }
            } catch (JacksonException e) {
                input.lost();
            }
        }

        /// A row without an event continues the event before with a further metric.
        private void write(PerfStatLine line) {
            if (!line.variance().isEmpty()) {
                input.note("variance_left_out", Severity.INFO);
            }
            if (!line.event().isEmpty()) {
                lastEvent = line.event();
                lastInterval = line.interval();
                lastScope = line.scope();
            }
            time(line.interval().isEmpty() ? lastInterval : line.interval());
            value(line.value());
            text("cpu", line.scope().isEmpty() ? lastScope : line.scope());
            text("unit", line.unit());
            text("event", lastEvent);
            Decimals.integer(line.running()).ifPresent(ns -> row.set("running_ns", ns));
            Decimals.real(line.percent()).ifPresent(p -> row.set("running_ratio", p / 100));
            Decimals.real(line.metric())
                    .ifPresentOrElse(v -> row.set("metric_value", v), () -> noMetric(line.metric()));
            text("metric_unit", line.metricUnit());
            row.set("source_id", input.context().sourceId()).end();
            counts++;
        }

        private void time(String interval) {
            OptionalLong ts = Decimals.scaled(interval, 9);
            timed |= ts.isPresent();
            ts.ifPresent(at -> row.set("ts", at));
            if (ts.isEmpty() && !interval.isEmpty()) {
                input.note("bad_time", Severity.DATA_LOSS);
            }
        }

        private void value(String printed) {
            if (printed.startsWith("<")) {
                text("reason", printed.replace("<", "").replace(">", ""));
            } else if (!printed.isEmpty()) {
                Decimals.real(printed)
                        .ifPresentOrElse(v -> row.set("value", v), () -> input.note("bad_number", Severity.DATA_LOSS));
            }
        }

        private void noMetric(String printed) {
            if (Decimals.isNonFinite(printed)) {
                input.note("non_finite_value", Severity.NOTICE);
            }
        }

        private void text(String column, String value) {
            if (!value.isEmpty()) {
                row.set(column, input.name(value));
            }
        }
    }
}
