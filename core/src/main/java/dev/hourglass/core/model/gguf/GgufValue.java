package dev.hourglass.core.model.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A value of a GGUF header.
public sealed interface GgufValue {

    /// Any integer format. Unsigned 64-bit values beyond the signed range wrap.
    ///
    /// @param kind the width in the file
    record Whole(Kind kind, long value) implements GgufValue {}

    /// A 32-bit or 64-bit floating-point number.
    ///
    /// @param kind the width in the file
    record Real(Kind kind, double value) implements GgufValue {}

    record Flag(boolean value) implements GgufValue {}

    /// UTF-8 text; a file's text is hostile until it is escaped.
    record Text(String value) implements GgufValue {}

    /// An array.
    ///
    /// @param element the elements' format
    /// @param count elements in the file
    /// @param values the elements; empty where there are more than [GgufHeader#MAX_KEPT_ELEMENTS]
    record Items(Kind element, long count, List<GgufValue> values) implements GgufValue {
        public Items {
            values = List.copyOf(values);
        }
    }

    static GgufValue of(int value) {
        return new Whole(Kind.UINT32, value);
    }

    static GgufValue of(float value) {
        return new Real(Kind.FLOAT32, value);
    }

    static GgufValue of(boolean value) {
        return new Flag(value);
    }

    static GgufValue of(String value) {
        return new Text(value);
    }

    /// Formats of values.
    enum Kind {
        UINT8(0, 1),
        INT8(1, 1),
        UINT16(2, 2),
        INT16(3, 2),
        UINT32(4, 4),
        INT32(5, 4),
        FLOAT32(6, 4),
        BOOL(7, 1),
        /// 64-bit length, then as many bytes.
        STRING(8, 8),
        /// Element format, 64-bit count, then the elements.
        ARRAY(9, 12),
        UINT64(10, 8),
        INT64(11, 8),
        FLOAT64(12, 8);

        private final int id;
        private final int minimumBytes;

        Kind(int id, int minimumBytes) {
            this.id = id;
            this.minimumBytes = minimumBytes;
        }

        /// The number that stands in files.
        int id() {
            return id;
        }

        /// The fewest bytes that such a value takes.
        int minimumBytes() {
            return minimumBytes;
        }

        static Optional<Kind> byId(int id) {
            return Arrays.stream(values()).filter(k -> k.id == id).findFirst();
        }
    }
}
