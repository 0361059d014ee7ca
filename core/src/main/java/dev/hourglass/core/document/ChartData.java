package dev.hourglass.core.document;

import dev.hourglass.core.text.Words;
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
/// A timeline is `{total, tick, texts: [..], hues: [..], kinds: u32 (text, detail, hue of each kind of
/// span), wide, rows: [{label, n, start: u32, dur: u32 (ticks of that many nanoseconds), kind: u16, or
/// u32 where wide, bytes: f64 (NaN: not known; absent where none is known)}]}`, a heat map `{row, column,
/// columns, rows: [..], cells: u32 row by row}`, a flame graph `{root, hues: [..], paths: [[[frames], hue of the
/// last, value], ..]}`.
final class ChartData {
    private final Map<String, Integer> texts = new LinkedHashMap<>();
    private final Map<String, Integer> hues = new LinkedHashMap<>();
    private final Map<Kind, Integer> kinds = new LinkedHashMap<>();
    private final List<Encoded> rows = new ArrayList<>();
    private final double tick;
    private final boolean wide;

    private record Kind(int text, int detail, int hue) {}

    private record Encoded(String label, int n, Map<String, String> arrays) {}

    private ChartData(Chart.Timeline timeline) {
        this.tick = Math.max(1, Math.ceil(timeline.totalNs() / 4e9));
        timeline.rows().forEach(row -> row.spans().forEach(this::kind));
        this.wide = kinds.size() > 0xFFFF;
    }

    static String timeline(Chart.Timeline timeline) {
        ChartData data = new ChartData(timeline);
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

    static String flame(Chart.Flame flame) {
        List<Hue> hues = flame.paths().stream().map(Chart.Path::hue).distinct().toList();
        return json(json -> {
            json.writeStartObject();
            json.writeStringProperty("root", flame.root());
            json.writeArrayPropertyStart("hues");
            hues.forEach(hue -> json.writeString(hue.css()));
            json.writeEndArray();
            json.writeArrayPropertyStart("paths");
            for (Chart.Path path : flame.paths()) {
                json.writeStartArray();
                json.writeStartArray();
                path.frames().forEach(frame -> json.writeString(Words.shown(frame)));
                json.writeEndArray();
                json.writeNumber(hues.indexOf(path.hue()));
                json.writeNumber(path.value());
                json.writeEndArray();
            }
            json.writeEndArray();
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

    private int kind(Chart.Span span) {
        Kind kind = new Kind(
                index(texts, span.name()),
                index(texts, span.detail()),
                index(hues, span.hue().css()));
        return kinds.computeIfAbsent(kind, k -> kinds.size());
    }

    private void encode(Chart.Row row) {
        List<Chart.Span> spans = row.spans();
        Map<String, String> arrays = new LinkedHashMap<>();
        arrays.put("start", integers(spans, s -> ticks(Math.max(0, s.startNs()))));
        arrays.put("dur", integers(spans, s -> ticks(s.durNs() + Math.min(0, s.startNs()))));
        arrays.put("kind", wide ? integers(spans, this::kind) : shorts(spans, this::kind));
        if (spans.stream().anyMatch(s -> s.bytes().isPresent())) {
            arrays.put("bytes", reals(spans, s -> s.bytes().orElse(Double.NaN)));
        }
        rows.add(new Encoded(row.label(), spans.size(), arrays));
    }

    /// An unsigned number of ticks.
    private int ticks(long ns) {
        return (int) Math.min(0xFFFF_FFFFL, Math.round(ns / tick));
    }

    private static int index(Map<String, Integer> list, String text) {
        return list.computeIfAbsent(Words.shown(text), t -> list.size());
    }

    private void write(JsonGenerator json, long total) {
        json.writeStartObject();
        json.writeNumberProperty("total", total);
        json.writeNumberProperty("tick", tick);
        json.writeBooleanProperty("wide", wide);
        json.writeArrayPropertyStart("texts");
        texts.keySet().forEach(json::writeString);
        json.writeEndArray();
        json.writeArrayPropertyStart("hues");
        hues.keySet().forEach(json::writeString);
        json.writeEndArray();
        ByteBuffer triples = ByteBuffer.allocate(12 * kinds.size()).order(ByteOrder.LITTLE_ENDIAN);
        kinds.keySet().forEach(k -> triples.putInt(k.text()).putInt(k.detail()).putInt(k.hue()));
        json.writeStringProperty("kinds", Base64.getEncoder().encodeToString(triples.array()));
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

    private static String shorts(List<Chart.Span> spans, ToIntFunction<Chart.Span> value) {
        ByteBuffer buffer = ByteBuffer.allocate(2 * spans.size()).order(ByteOrder.LITTLE_ENDIAN);
        spans.forEach(s -> buffer.putShort((short) value.applyAsInt(s)));
        return Base64.getEncoder().encodeToString(buffer.array());
    }

    private static String integers(List<Chart.Span> spans, ToIntFunction<Chart.Span> value) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * spans.size()).order(ByteOrder.LITTLE_ENDIAN);
        spans.forEach(s -> buffer.putInt(value.applyAsInt(s)));
        return Base64.getEncoder().encodeToString(buffer.array());
    }
}
