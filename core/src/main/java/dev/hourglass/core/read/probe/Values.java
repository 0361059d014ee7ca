package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.RowWriter;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The fields of a record, or of one row of its tail, by their names.
final class Values {
    private final ByteBuffer bytes;
    private final int from;
    private final int to;
    private final Map<String, RecordLayout.Field> fields;
    private final Words words;

    /// What numbers mean.
    interface Words {
        /// The text with a number; empty where the process told none.
        Optional<String> text(long number);

        /// The word of an enumeration; the number itself where it has none.
        String word(String enumeration, long number);
    }

    /// @param from where the fields count from
    /// @param to where they end: a field behind it was not written
    Values(ByteBuffer bytes, int from, int to, Map<String, RecordLayout.Field> fields, Words words) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.fields = fields;
        this.words = words;
    }

    /// A whole number, or a real one rounded; empty where the writer had none.
    OptionalLong number(String name) {
        RecordLayout.Field field = field(name);
        if (field.type().startsWith("f")) {
            double value = real(name);
            return Double.isNaN(value) ? OptionalLong.empty() : OptionalLong.of(Math.round(value));
        }
        int at = from + field.offset();
        if (at + field.size() > to) {
            return OptionalLong.empty();
        }
        long value = switch (field.type()) {
            case "u8" -> orAbsent(Byte.toUnsignedLong(bytes.get(at)), 0xFFL);
            case "u16" -> orAbsent(Short.toUnsignedLong(bytes.getShort(at)), 0xFFFFL);
            case "u32" -> orAbsent(Integer.toUnsignedLong(bytes.getInt(at)), 0xFFFF_FFFFL);
            case "str" -> orAbsent(Integer.toUnsignedLong(bytes.getInt(at)), 0);
            case "u64" -> orAbsent(bytes.getLong(at), -1);
            case "i64" -> bytes.getLong(at);
            default -> throw new IllegalArgumentException(name + " is no whole number");
        };
        return value == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static long orAbsent(long value, long absent) {
        return value == absent ? Long.MIN_VALUE : value;
    }

    long number(String name, long otherwise) {
        return number(name).orElse(otherwise);
    }

    /// A real number; NaN where the writer had none.
    double real(String name) {
        RecordLayout.Field field = field(name);
        int at = from + field.offset();
        if (at + field.size() > to) {
            return Double.NaN;
        }
        return field.type().equals("f32") ? bytes.getFloat(at) : bytes.getDouble(at);
    }

    Optional<String> text(String name) {
        OptionalLong number = number(name);
        return number.isEmpty() ? Optional.empty() : words.text(number.getAsLong());
    }

    /// The word of an enumeration.
    Optional<String> word(String name) {
        OptionalLong number = number(name);
        return number.isEmpty()
                ? Optional.empty()
                : field(name).words().map(enumeration -> words.word(enumeration, number.getAsLong()));
    }

    /// Whether a flag is set; empty where the writer did not say.
    Optional<Boolean> flag(String name) {
        OptionalLong number = number(name);
        return number.isEmpty() ? Optional.empty() : Optional.of(number.getAsLong() != 0);
    }

    /// Sets a column to a whole number, if there is one.
    void copy(String name, RowWriter row, String column) {
        number(name).ifPresent(value -> row.set(column, value));
    }

    /// Sets the column of the same name to a whole number, if there is one.
    void copy(String name, RowWriter row) {
        copy(name, row, name);
    }

    private RecordLayout.Field field(String name) {
        RecordLayout.Field field = fields.get(name);
        if (field == null) {
            throw new IllegalArgumentException("no field " + name);
        }
        return field;
    }
}
