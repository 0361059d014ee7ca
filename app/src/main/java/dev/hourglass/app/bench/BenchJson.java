package dev.hourglass.app.bench;

import dev.hourglass.core.text.Json;
import dev.hourglass.core.trace.BenchTables;
import dev.hourglass.core.trace.Tables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// Results as JSON: fields are the columns of the tables `ceiling` and `bench_result`, null where there is no value.
public final class BenchJson {
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
        Object low = all.remove("ci95_low");
        Object high = all.remove("ci95_high");
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
            Json.list(json, "kernels", KernelTable.rows(measured), row -> Json.value(json, row.values()));
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

    /// Columns of a row of kernels.
    static List<String> columns() {
        return BenchTables.BENCH_RESULT.columns().stream().map(c -> c.name()).toList();
    }
}
