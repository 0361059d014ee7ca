package dev.hourglass.core.export;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.unit.Format;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Prometheus text: the engine's snapshots as they were read, then what the session itself can tell: the
/// last sample of each hardware metric, calls and seconds per kernel, steps with their parts, the engine's pieces, and
/// what is told of the run.
final class PrometheusFile {
    private final Session session;
    private final Writer out;
    private final JsonFactory factory = new JsonFactory();
    private final Map<String, Long> written = new LinkedHashMap<>();
    private final Set<String> typed = new HashSet<>();

    PrometheusFile(Session session, OutputStream out) {
        this.session = session;
        this.out = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    }

    Exporter.Summary write() throws IOException {
        snapshots();
        family(
                "hourglass_hardware",
                "gauge",
                "Last sample of a hardware metric.",
                "last_hardware_samples",
                List.of("device", "metric", "unit"));
        family(
                "hourglass_kernel_seconds_total",
                "counter",
                "Time in a kernel, executions added up.",
                "kernel_seconds",
                List.of("name", "device"));
        family(
                "hourglass_kernel_calls_total",
                "counter",
                "Executions of a kernel.",
                "kernel_calls",
                List.of("name", "device"));
        family(
                "hourglass_run_info",
                "gauge",
                "What is told of the run; always 1.",
                "run_info",
                List.of("name", "value"));
        family("hourglass_steps_total", "counter", "Steps that figures are of.", "steps_total", List.of("stage"));
        family("hourglass_step_seconds_total", "counter", "Time of these steps.", "step_seconds", List.of("stage"));
        family(
                "hourglass_step_part_seconds_total",
                "counter",
                "Time of the parts of these steps; they add up to it.",
                "part_seconds",
                List.of("stage", "part"));
        family(
                "hourglass_operation_seconds_total",
                "counter",
                "Time in a piece of the engine's steps, executions added up.",
                "operation_seconds",
                List.of("name"));
        family(
                "hourglass_operation_calls_total",
                "counter",
                "Executions of a piece of the engine's steps.",
                "operation_calls",
                List.of("name"));
        for (RunFamily family : RunFamily.values()) {
            family(family);
        }
        out.flush();
        return new Exporter.Summary(
                written,
                List.of(
                        "Only metrics, last hardware samples, totals of steps, kernels and pieces, and the run's facts are"
                                + " carried; the timeline is not."));
    }

    private void snapshots() throws IOException {
        String[] before = {""};
        Cells.each(session, "snapshots", row -> {
            String snapshot = row.text(0) + "/" + row.text(1);
            if (!snapshot.equals(before[0])) {
                before[0] = snapshot;
                if (!row.isNull(2)) {
                    out.append("# scraped_at ").append(seconds(row.integer(2))).append("\n");
                }
            }
            type(row.text(3), row.text(5));
            sample(
                    row.text(3),
                    labels(row.text(4)),
                    row.realOrNone(6).isPresent() ? number(row.realOrNone(6).getAsDouble()) : "NaN");
            written.merge("metric", 1L, Long::sum);
        });
    }

    private static String seconds(long nanos) {
        return nanos / 1_000_000_000 + String.format(Locale.ROOT, ".%09d", Math.floorMod(nanos, 1_000_000_000L));
    }

    /// Names of histograms and summaries are typed without the suffix of a series.
    private void type(String name, String type) throws IOException {
        boolean series = type.equals("histogram") || type.equals("summary");
        String family = series ? name.replaceFirst("_(bucket|sum|count|created)$", "") : name;
        if (!type.equals("untyped") && type.matches("[a-z]+") && typed.add(family)) {
            out.append("# TYPE ")
                    .append(isPlain(family) ? family : quoted(family))
                    .append(" ")
                    .append(type)
                    .append("\n");
        }
    }

    private void family(String name, String type, String help, String query, List<String> labelNames)
            throws IOException {
        boolean[] any = {false};
        Cells.each(session, query, row -> {
            if (!any[0]) {
                out.append("# HELP ")
                        .append(name)
                        .append(" ")
                        .append(help)
                        .append("\n# TYPE ")
                        .append(name)
                        .append(" ")
                        .append(type)
                        .append("\n");
                any[0] = true;
            }
            Map<String, String> labels = new LinkedHashMap<>();
            for (int i = 0; i < labelNames.size(); i++) {
                labels.put(labelNames.get(i), row.text(i + 1));
            }
            sample(name, labels, number(row.realOrNone(0).orElse(0)));
            written.merge(name, 1L, Long::sum);
        });
    }

    /// What a recording tells while it goes on, under the same name and with the same labels.
    private void family(RunFamily family) throws IOException {
        boolean[] any = {false};
        Cells.each(session, family.query(), row -> {
            if (row.isNull(0)) {
                return;
            }
            if (!any[0]) {
                out.append("# HELP ").append(family.metric()).append(" ").append(family.help());
                out.append("\n# TYPE ").append(family.metric()).append(" ").append(family.kind().word()).append("\n");
                any[0] = true;
            }
            Map<String, String> labels = new LinkedHashMap<>();
            for (int i = 0; i < family.labels().size(); i++) {
                labels.put(family.labels().get(i), row.text(i + 2));
            }
            boolean summary = family.kind() == RunFamily.Kind.SUMMARY;
            sample(family.metric() + (summary ? "_sum" : ""), labels, number(row.realOrNone(0).orElse(0)));
            if (summary) {
                sample(family.metric() + "_count", labels, number(row.realOrNone(1).orElse(0)));
            }
            written.merge(family.metric(), 1L, Long::sum);
        });
    }

    private void sample(String name, Map<String, String> labels, String value) throws IOException {
        boolean plain = isPlain(name);
        StringBuilder inside = new StringBuilder(plain ? "" : quoted(name));
        labels.forEach((key, text) -> inside.append(inside.isEmpty() ? "" : ",")
                .append(key.matches("[a-zA-Z_][a-zA-Z0-9_]*") ? key : quoted(key))
                .append('=')
                .append(quoted(text)));
        out.append(plain ? name : "")
                .append(inside.isEmpty() ? "" : "{" + inside + "}")
                .append(" ")
                .append(value)
                .append("\n");
    }

    /// Whether a metric's name stands as it is; others stand in quotes, as Prometheus 3 reads them.
    private static boolean isPlain(String name) {
        return name.matches("[a-zA-Z_:][a-zA-Z0-9_:]*");
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < Format.EXACT_BELOW
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }

    private Map<String, String> labels(String json) {
        Map<String, String> labels = new TreeMap<>();
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), json.isEmpty() ? "{}" : json)) {
            String name = "";
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.PROPERTY_NAME) {
                    name = parser.currentName();
                } else if (token == JsonToken.VALUE_STRING) {
                    labels.put(name, parser.getString());
                }
            }
        }
        return labels;
    }
}
