package dev.hourglass.core.report;

import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Charts as the page's script reads them, where it does more than to show what is drawn. Arrays are
/// the base64 of little-endian numbers; texts stand in a common list and are named by their index.
///
/// A timeline is `{total, texts: [..], hues: [..], rows: [{label, n, start: f64, dur: f64, bytes: f64
/// (NaN: not known), name: u32, detail: u32, hue: u32}]}`, a heat map `{row, column, columns, rows:
/// [..], cells: u32 row by row}`.
final class ChartData {
    private final Map<String, Integer> texts = new LinkedHashMap<>();
    private final Map<String, Integer> hues = new LinkedHashMap<>();
    private final List<Encoded> rows = new ArrayList<>();

    private record Encoded(String label, int n, Map<String, String> arrays) {}

    private ChartData() {}

    static String timeline(Chart.Timeline timeline) {
        ChartData data = new ChartData();
        timeline.rows().forEach(data::encode);
        return json(json -> data.write(json, timeline.totalNs()));
    }

    static String heatMap(Chart.HeatMap map) {
        int columns = map.cells().stream().mapToInt(List::size).max().orElse(0);
        ByteBuffer cells = ByteBuffer.allocate(4 * columns * map.cells().size()).order(ByteOrder.LITTLE_ENDIAN);
        map.cells().forEach(row -> row.forEach(n -> cells.putInt(Math.toIntExact(n))));
        return json(json -> {
            json.writeStartObject();
            json.writeStringProperty("row", map.rowLabel());
            json.writeStringProperty("column", map.columnLabel());
            json.writeNumberProperty("columns", columns);
            json.writeArrayPropertyStart("rows");
            map.rows().forEach(json::writeString);
            json.writeEndArray();
            json.writeStringProperty("cells", Base64.getEncoder().encodeToString(cells.array()));
            json.writeEndObject();
        });
    }

    private static String json(Consumer<JsonGenerator> body) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), out)) {
            body.accept(json);
        }
        return out.toString();
    }

    private void encode(Chart.Row row) {
        List<Chart.Span> spans = row.spans();
        Map<String, String> arrays = new LinkedHashMap<>();
        arrays.put("start", reals(spans, s -> (double) s.startNs()));
        arrays.put("dur", reals(spans, s -> (double) s.durNs()));
        arrays.put("bytes", reals(spans, s -> s.bytes().orElse(Double.NaN)));
        arrays.put("name", integers(spans, s -> index(texts, s.name())));
        arrays.put("detail", integers(spans, s -> index(texts, s.detail())));
        arrays.put("hue", integers(spans, s -> index(hues, s.hue().css())));
        rows.add(new Encoded(row.label(), spans.size(), arrays));
    }

    private static int index(Map<String, Integer> list, String text) {
        return list.computeIfAbsent(text, t -> list.size());
    }

    private void write(JsonGenerator json, long total) {
        json.writeStartObject();
        json.writeNumberProperty("total", total);
        json.writeArrayPropertyStart("texts");
        texts.keySet().forEach(json::writeString);
        json.writeEndArray();
        json.writeArrayPropertyStart("hues");
        hues.keySet().forEach(json::writeString);
        json.writeEndArray();
        json.writeArrayPropertyStart("rows");
        for (Encoded row : rows) {
            json.writeStartObject();
            json.writeStringProperty("label", row.label());
            json.writeNumberProperty("n", row.n());
            row.arrays().forEach(json::writeStringProperty);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static String reals(List<Chart.Span> spans, ToDoubleFunction<Chart.Span> value) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * spans.size()).order(ByteOrder.LITTLE_ENDIAN);
        spans.forEach(s -> buffer.putDouble(value.applyAsDouble(s)));
        return Base64.getEncoder().encodeToString(buffer.array());
    }

    private static String integers(List<Chart.Span> spans, ToIntFunction<Chart.Span> value) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * spans.size()).order(ByteOrder.LITTLE_ENDIAN);
        spans.forEach(s -> buffer.putInt(value.applyAsInt(s)));
        return Base64.getEncoder().encodeToString(buffer.array());
    }
}
