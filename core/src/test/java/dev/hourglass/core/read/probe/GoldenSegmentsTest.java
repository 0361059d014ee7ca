package dev.hourglass.core.read.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.read.Imported;
import dev.hourglass.core.text.JsonTree;
import dev.hourglass.core.trace.ImportContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every type of record with every field, as the probe's own reader in Python understands it.
final class GoldenSegmentsTest {
    private static final double SINGLE = 1e-6;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "python-4245-4345-0 python-4245-4345-1",
                "frontend-4242-4342-0",
                "engine-4243-4343-0",
                "worker-4244-4344-0"
            })
    void bothLanguagesReadTheSame(String names) throws IOException {
        RecordLayout layout = RecordLayout.present();
        Texts texts = new Texts(layout);
        for (String name : names.split(" ", -1)) {
            List<Map<String, @Nullable Object>> wanted = JsonTree.objects(
                    JsonTree.object(new ByteArrayInputStream(Imported.resource("/probe/golden/" + name + ".json"))),
                    "records");
            List<Map<String, @Nullable Object>> read = read(name, layout, texts);
            assertThat(read).hasSameSizeAs(wanted);
            for (int i = 0; i < read.size(); i++) {
                assertSame(read.get(i), wanted.get(i), name + ", record " + i);
            }
        }
    }

    private static void assertSame(@Nullable Object read, @Nullable Object wanted, String where) {
        switch (wanted) {
            case Map<?, ?> map -> {
                assertThat(read).as(where).isInstanceOf(Map.class);
                Map<?, ?> other = (Map<?, ?>) read;
                assertThat(other.keySet().stream().map(String::valueOf))
                        .as(where)
                        .containsExactlyInAnyOrderElementsOf(
                                map.keySet().stream().map(String::valueOf).toList());
                map.forEach((key, value) -> assertSame(other.get(key), value, where + ", " + key));
            }
            case List<?> list -> {
                assertThat((List<?>) read).as(where).hasSameSizeAs(list);
                for (int i = 0; i < list.size(); i++) {
                    assertSame(((List<?>) read).get(i), list.get(i), where + ", row " + i);
                }
            }
            case Double number ->
                assertThat(((Number) read).doubleValue())
                        .as(where)
                        .isCloseTo(number, org.assertj.core.data.Offset.offset(Math.abs(number) * SINGLE));
            case null, default -> assertThat(read).as(where).isEqualTo(wanted);
        }
    }

    private List<Map<String, @Nullable Object>> read(String name, RecordLayout layout, Texts texts) throws IOException {
        Path file = Files.write(folder.resolve(name + ".seg"), Imported.resource("/probe/golden/" + name + ".seg"));
        List<Map<String, @Nullable Object>> records = new ArrayList<>();
        ImportContext context = ImportContext.standalone();
        Segment.of(FileSource.of(file), layout).read(context, (number, bytes) -> {
            RecordLayout.RecordType type = layout.types().get(number);
            if (type == null) {
                records.add(Map.of(
                        "type", (long) number,
                        "ts", bytes.getLong(8),
                        "thread", (long) Short.toUnsignedInt(bytes.getShort(6))));
                return;
            }
            ProbeRecord record = ProbeRecord.of(type, bytes, texts);
            if (type.name().equals("str")) {
                texts.tell(record.values().number("id", 0), record.text());
            }
            records.add(asPython(record, bytes, texts));
        });
        assertThat(context.stats().losses()).isEmpty();
        return records;
    }

    private static Map<String, @Nullable Object> asPython(ProbeRecord record, ByteBuffer bytes, Texts texts) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        shown.put("type", record.name());
        shown.put("ts", record.ts());
        shown.put("thread", (long) record.thread());
        shown.putAll(fields(record.type().fields(), record.values(), texts));
        String tail = tailName(record.name());
        switch (record.type().tail()) {
            case "text" -> shown.put(tail, record.text());
            case "rows" -> {
                List<Object> rows = new ArrayList<>();
                record.forEachRow(row -> rows.add(fields(record.type().row(), row, texts)));
                shown.put(tail, rows);
            }
            case "bytes" -> shown.put(tail, hex(record, bytes));
            default -> {}
        }
        return shown;
    }

    private static String hex(ProbeRecord record, ByteBuffer bytes) {
        int from = Short.toUnsignedInt(bytes.getShort(20));
        return HexFormat.of().formatHex(bytes.array(), from, from + record.rows());
    }

    private static String tailName(String type) {
        return switch (type) {
            case "meta", "config", "activity_source" -> "json";
            case "str", "error" -> "text";
            case "thread", "activity_name" -> "name";
            case "graph" -> "descriptor";
            case "activity" -> "buffer";
            default -> "rows";
        };
    }

    private static Map<String, @Nullable Object> fields(
            Map<String, RecordLayout.Field> fields, Values values, Texts texts) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        fields.forEach((name, field) -> shown.put(name, shown(name, field, values, texts)));
        return shown;
    }

    private static @Nullable Object shown(String name, RecordLayout.Field field, Values values, Texts texts) {
        if (field.type().startsWith("f")) {
            double value = values.real(name);
            return Double.isNaN(value) ? null : (Object) value;
        }
        if (values.number(name).isEmpty()) {
            return null;
        }
        long number = values.number(name, 0);
        if (field.type().equals("str")) {
            return texts.text(number).orElse("#" + number);
        }
        return field.words().isEmpty()
                ? (Object) number
                : Stream.of(texts.word(field.words().get(), number))
                        .map(word -> word.equals(Long.toString(number)) ? (Object) number : word)
                        .findFirst()
                        .orElseThrow();
    }
}
