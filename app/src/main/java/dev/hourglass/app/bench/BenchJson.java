package dev.hourglass.app.bench;

import dev.hourglass.core.text.Json;
import dev.hourglass.core.trace.BenchTables;
import dev.hourglass.core.trace.Column;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.unit.Unit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// Results as JSON: fields are the columns of the tables `ceiling` and `bench_result`, null where there is no value.
/// Times
/// of `bench_result` are in microseconds, and their names say so.
public final class BenchJson {
    private static final String LOW = "ci95_low";
    private static final String HIGH = "ci95_high";
    private static final double NS_PER_US = 1e3;

    private BenchJson() {}

    /// `ceilings`, `ridge_points`, `not_measured` of some devices.
    public static String of(List<RooflineReport> reports) {
        return Json.text(json -> {
            json.writeStartObject();
            Json.list(
                    json,
                    "ceilings",
                    reports.stream().flatMap(r -> r.ceilings().stream()).toList(),
                    row -> Json.value(json, ceiling(row)));
            json.writeArrayPropertyStart("ridge_points");
            reports.forEach(report -> ridges(json, report));
            json.writeEndArray();
            Json.list(
                    json,
                    "not_measured",
                    reports.stream().flatMap(r -> r.missing().stream()).toList(),
                    row -> Json.value(json, missing(row)));
            json.writeEndObject();
        });
    }

    private static Map<String, @Nullable Object> ceiling(Measured.Row row) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(row.values());
        Object low = all.remove(LOW);
        Object high = all.remove(HIGH);
        all.put("ci95", low == null || high == null ? null : List.of(low, high));
        return all;
    }

    private static void ridges(JsonGenerator json, RooflineReport report) {
        report.roofs().ridges().forEach(ridge -> {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("device", report.device());
            one.put("dtype", ridge.dtype());
            one.put("flop_per_byte", ridge.flopPerByte());
            Json.value(json, one);
        });
    }

    private static Map<String, @Nullable Object> missing(Measured.Row row) {
        Map<String, @Nullable Object> one = new LinkedHashMap<>();
        one.put("item", row.text("item"));
        one.put("reason", row.text("reason"));
        return one;
    }

    /// `kernels`, `not_measured`.
    public static String kernels(List<Measured> measured) {
        return Json.text(json -> {
            json.writeStartObject();
            Json.list(json, "kernels", KernelTable.rows(measured), row -> Json.value(json, kernel(row)));
            Json.list(
                    json,
                    "not_measured",
                    measured.stream()
                            .flatMap(m -> m.rows(Tables.NOT_MEASURED).stream())
                            .toList(),
                    row -> Json.value(json, missing(row)));
            json.writeEndObject();
        });
    }

    /// A row of kernels: times in microseconds, as their names say, sizes by name, the interval of the median as a
    /// pair.
    static Map<String, @Nullable Object> kernel(Measured.Row row) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        for (Column column : BenchTables.BENCH_RESULT.columns()) {
            String name = column.name();
            Object value = row.values().get(name);
            if (name.equals("axes")) {
                all.put(name, sizes(row.text(name)));
            } else if (name.equals(LOW)) {
                Object high = row.values().get(HIGH);
                all.put("ci95_us", value == null || high == null ? null : List.of(micros(value), micros(high)));
            } else if (column.unit() == Unit.NANOSECONDS) {
                if (!name.equals(HIGH)) {
                    all.put(name + "_us", value == null ? null : micros(value));
                }
            } else {
                all.put(name, value);
            }
        }
        return all;
    }

    static double micros(Object nanoseconds) {
        return ((Number) nanoseconds).doubleValue() / NS_PER_US;
    }

    /// From `M=1 N=4096`.
    private static Map<String, Long> sizes(String axes) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (String axis : axes.isEmpty() ? new String[0] : axes.split(" ", -1)) {
            int at = axis.indexOf('=');
            sizes.put(axis.substring(0, at), Long.valueOf(axis.substring(at + 1)));
        }
        return sizes;
    }
}
