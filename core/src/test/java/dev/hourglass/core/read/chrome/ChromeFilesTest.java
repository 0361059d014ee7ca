package dev.hourglass.core.read.chrome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.CollectedRows;
import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Excerpts of real recordings, held against a slow, plain reading of the same files.
class ChromeFilesTest {
    @TempDir
    Path directory;

    private Path unpacked(String name) throws IOException {
        Path file = directory.resolve(name + ".json");
        try (InputStream in = new GZIPInputStream(
                Objects.requireNonNull(ChromeFilesTest.class.getResourceAsStream(resource(name))))) {
            Files.copy(in, file);
        }
        return file;
    }

    private static String resource(String name) {
        return switch (name) {
            case "cudagraph" -> "/golden/kineto-h100/cudagraph.json.gz";
            case "vllm_cpu" -> "/golden/vllm/vllm_cpu.json.gz";
            default -> name + ".json.gz";
        };
    }

    private static CollectedRows read(Path file, ChromeTraceReader reader) throws IOException {
        CollectedRows rows = new CollectedRows();
        ImportContext context = ImportContext.standalone();
        reader.read(FileSource.of(file), rows, context);
        assertThat(context.stats().losses())
                .filteredOn(loss -> !loss.severity().word().equals("info"))
                .isEmpty();
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {"cudagraph", "qwen3moe", "vllm_cpu", "vllm_stacks"})
    void everySliceIsThatOfAPlainReading(String name) throws IOException {
        Path file = unpacked(name);
        List<Map<String, Object>> slices = read(file, new ChromeTraceReader()).of(TraceTables.SLICE);
        Plain plain = Plain.read(file);
        assertThat(slices).hasSameSizeAs(plain.spans);
        for (int i = 0; i < slices.size(); i++) {
            Map<String, Object> slice = slices.get(i);
            Span span = plain.spans.get(i);
            assertThat(slice.get("ts")).as("%s", span).isEqualTo(plain.base + span.ts);
            assertThat(slice.get("dur")).as("%s", span).isEqualTo(span.dur);
            assertThat(slice.get("name")).isEqualTo(span.name);
            assertThat(slice.get("category")).isEqualTo(span.category);
            assertThat(slice.get("correlation")).isEqualTo(span.args.get("correlation"));
            assertThat(slice.get("external_id")).isEqualTo(span.args.get("External id"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cudagraph", "qwen3moe", "vllm_stacks"})
    void parentsAreTheInnermostContainers(String name) throws IOException {
        List<Map<String, Object>> slices =
                read(unpacked(name), new ChromeTraceReader()).of(TraceTables.SLICE);
        Map<Object, Map<String, Object>> byId = new HashMap<>();
        slices.forEach(slice -> byId.put(slice.get("id"), slice));
        for (Map<String, Object> slice : slices) {
            Map<String, Object> parent = byId.get(slice.get("parent_id"));
            if (parent == null) {
                assertThat(slice).containsEntry("depth", 0L);
                continue;
            }
            assertThat(slice.get("depth")).isEqualTo((long) parent.get("depth") + 1);
            assertThat((long) parent.get("ts")).isLessThanOrEqualTo((long) slice.get("ts"));
            assertThat((long) parent.get("ts") + (long) parent.get("dur"))
                    .isGreaterThanOrEqualTo((long) slice.get("ts") + (long) slice.get("dur"));
            assertThat(parent.get("track_id")).isEqualTo(slice.get("track_id"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cudagraph", "qwen3moe"})
    void deviceWorkIsLinkedByCorrelation(String name) throws IOException {
        Path file = unpacked(name);
        CollectedRows rows = read(file, new ChromeTraceReader());
        Map<Object, Object> launchIds = new HashMap<>();
        rows.of(TraceTables.LAUNCH).forEach(launch -> launchIds.put(launch.get("correlation"), launch.get("id")));
        assertThat(rows.of(TraceTables.KERNEL))
                .isNotEmpty()
                .allSatisfy(kernel ->
                        assertThat(kernel.get("launch_id")).isEqualTo(launchIds.get(kernel.get("correlation"))));
        long linked = Plain.read(file).spans.stream()
                .filter(span -> span.category != null && span.category.matches("kernel|gpu_memcpy|gpu_memset"))
                .filter(span -> launchIds.containsKey(span.args.get("correlation")))
                .count();
        assertThat(rows.of(TraceTables.FLOW)).hasSize((int) linked);
        assertThat(rows.of(TraceTables.LAUNCH).stream()
                        .mapToLong(launch -> (long) launch.get("ops"))
                        .sum())
                .isEqualTo(linked);
    }

    /// Stretches that are cut anywhere, inside strings and arguments too, give what one pass gives.
    @ParameterizedTest
    @CsvSource({"cudagraph, 997", "cudagraph, 65536", "qwen3moe, 4001", "vllm_stacks, 10007", "vllm_cpu, 333"})
    void stretchesGiveWhatOnePassGives(String name, int stretch) throws IOException {
        Path file = unpacked(name);
        CollectedRows one = read(file, new ChromeTraceReader(Long.MAX_VALUE, stretch));
        CollectedRows many = read(file, new ChromeTraceReader(0, stretch));
        for (Table table : List.of(
                TraceTables.SLICE,
                TraceTables.KERNEL,
                TraceTables.OP_DETAIL,
                TraceTables.PYTHON_CALL,
                TraceTables.COUNTER)) {
            assertThat(without(many.of(table))).as(table.name()).isEqualTo(without(one.of(table)));
        }
    }

    /// Track numbers depend on who meets a track first.
    private static List<Map<String, Object>> without(List<Map<String, Object>> rows) {
        return rows.stream()
                .map(row -> {
                    Map<String, Object> copy = new HashMap<>(row);
                    copy.keySet().removeAll(List.of("track_id", "upid"));
                    return copy;
                })
                .toList();
    }

    private record Span(String name, @Nullable String category, long ts, long dur, Map<String, Long> args) {}

    /// Reads a trace with a general JSON parser, numbers as decimals.
    private static final class Plain {
        private final List<Span> spans = new ArrayList<>();
        private long base;

        static Plain read(Path file) throws IOException {
            Plain plain = new Plain();
            try (InputStream in = Files.newInputStream(file);
                    JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), in)) {
                parser.nextToken();
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String member = parser.currentName();
                    parser.nextToken();
                    if (member.equals("traceEvents")) {
                        while (parser.nextToken() == JsonToken.START_OBJECT) {
                            plain.event(parser);
                        }
                    } else if (member.equals("baseTimeNanoseconds")) {
                        plain.base = parser.getLongValue();
                    } else {
                        parser.skipChildren();
                    }
                }
            }
            return plain;
        }

        private void event(JsonParser parser) {
            Map<String, String> fields = new HashMap<>();
            Map<String, Long> args = new HashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                if (key.equals("args")) {
                    args(parser, args);
                } else if (value.isScalarValue()) {
                    fields.put(key, parser.getString());
                } else {
                    parser.skipChildren();
                }
            }
            String phase = fields.get("ph");
            if (phase.equals("X") || phase.equals("i")) {
                spans.add(new Span(
                        fields.get("name"),
                        fields.get("cat"),
                        nanos(fields.get("ts")),
                        phase.equals("X") ? nanos(fields.get("dur")) : 0,
                        args));
            }
        }

        private static void args(JsonParser parser, Map<String, Long> args) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
                    args.put(key, new BigDecimal(parser.getString()).longValue());
                } else {
                    parser.skipChildren();
                }
            }
        }

        private static long nanos(String micros) {
            return new BigDecimal(micros).movePointRight(3).longValueExact();
        }
    }
}
