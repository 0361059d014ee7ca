package dev.hourglass.core.read.probe;

import dev.hourglass.core.text.JsonTree;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How records are laid out, as the file says by which the probe writes them.
///
/// @param version of the format
/// @param types of records by their number
/// @param words of enumerations: name, then number
record RecordLayout(long version, Map<Integer, RecordType> types, Map<String, Map<Long, String>> words) {
    static final String MAGIC = "HGPROBE1";
    static final int SEGMENT_HEADER = 256;
    static final int RECORD_HEADER = 16;
    /// Bytes between a record's header and its fields where it has a tail.
    static final int TAIL_HEADER = 8;

    private static final String FILE = "records.json";

    /// A type of record.
    ///
    /// @param fields by name
    /// @param tail rows, text or bytes; empty for none
    /// @param row fields of a row of the tail
    record RecordType(String name, Map<String, Field> fields, String tail, Map<String, Field> row) {}

    /// A field.
    ///
    /// @param offset from the start of the record, or of the row
    /// @param type as the file calls it
    /// @param words name of the enumeration; empty where it is a number
    record Field(int offset, String type, Optional<String> words) {
        int size() {
            return sizeOf(type);
        }
    }

    /// The layout that this build knows.
    static RecordLayout present() {
        try (InputStream in = RecordLayout.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + FILE);
            }
            return of(JsonTree.object(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RecordLayout of(Map<String, @Nullable Object> file) {
        Map<Integer, RecordType> types = new HashMap<>();
        for (Map<String, @Nullable Object> record : JsonTree.objects(file, "records")) {
            types.put(Math.toIntExact(JsonTree.number(record, "type", -1)), type(record));
        }
        Map<String, Map<Long, String>> words = new HashMap<>();
        JsonTree.object(file, "enums").keySet().forEach(name -> {
            Map<Long, String> named = new HashMap<>();
            JsonTree.object(JsonTree.object(file, "enums"), name)
                    .forEach((number, word) -> named.put(Long.parseLong(number), String.valueOf(word)));
            words.put(name, named);
        });
        return new RecordLayout(JsonTree.number(file, "version", 0), types, words);
    }

    private static RecordType type(Map<String, @Nullable Object> record) {
        Map<String, @Nullable Object> tail = JsonTree.object(record, "tail");
        int first = RECORD_HEADER + (tail.isEmpty() ? 0 : TAIL_HEADER);
        return new RecordType(
                JsonTree.text(record, "name"),
                fields(JsonTree.objects(record, "fields"), first),
                JsonTree.text(tail, "kind"),
                fields(JsonTree.objects(tail, "fields"), 0));
    }

    private static Map<String, Field> fields(List<Map<String, @Nullable Object>> declared, int first) {
        Map<String, Field> fields = new LinkedHashMap<>();
        int offset = first;
        for (Map<String, @Nullable Object> one : new ArrayList<>(declared)) {
            String words = JsonTree.text(one, "enum");
            Field field = new Field(
                    offset, JsonTree.text(one, "type"), Optional.of(words).filter(name -> !name.isEmpty()));
            fields.put(JsonTree.text(one, "name"), field);
            offset += field.size();
        }
        return fields;
    }

    private static int sizeOf(String type) {
        return switch (type) {
            case "u8" -> Byte.BYTES;
            case "u16" -> Short.BYTES;
            case "u32", "f32", "str" -> Integer.BYTES;
            case "u64", "i64", "f64" -> Long.BYTES;
            default -> throw new IllegalStateException("no type " + type);
        };
    }
}
