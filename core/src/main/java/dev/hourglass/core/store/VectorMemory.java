package dev.hourglass.core.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/// The memory behind the database's vectors, to be written many values at a time: the driver's own
/// setters take a lock for each value.
///
/// The driver keeps it to itself, so a driver of another build may not have it; whoever writes falls
/// back on the setters then.
///
/// ```
/// LONG     8 bytes per value
/// DOUBLE   8 bytes per value
/// TEXT    16 bytes per value: int length, then up to 12 bytes of the text,
///                             or its first 4 bytes and the address of all of them
/// valid    a bit per value, in longs, the first value lowest; 0 is NULL
/// ```
final class VectorMemory {
    /// Bytes that refer to one text.
    static final int TEXT_BYTES = 16;
    /// Bytes of a text that stand where it is referred to.
    static final int INLINED = 12;

    private static final @Nullable VarHandle DATA = field("data");
    private static final @Nullable VarHandle VALID = field("validity");

    private VectorMemory() {}

    private static @Nullable VarHandle field(String name) {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return null;
        }
        try {
            return MethodHandles.privateLookupIn(DuckDBWritableVector.class, MethodHandles.lookup())
                    .findVarHandle(DuckDBWritableVector.class, name, ByteBuffer.class);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /// The values of a vector; null where they cannot be had.
    static @Nullable ByteBuffer data(DuckDBWritableVector vector, int bytes) {
        ByteBuffer data = DATA == null || VALID == null ? null : (ByteBuffer) DATA.get(vector);
        return data == null || data.capacity() < bytes ? null : data;
    }

    /// Says which of the first `n` values are NULL.
    ///
    /// @param nulls a bit per value, from the one of number `first` on, which is a multiple of 64; null for none
    static void validity(DuckDBWritableVector vector, int n, long @Nullable [] nulls, int first) {
        if (VALID == null) {
            throw new IllegalStateException("there is no memory without its validity");
        }
        ByteBuffer valid = (ByteBuffer) VALID.get(vector);
        for (int word = 0; word << 6 < n; word++) {
            valid.putLong(word << 3, nulls == null ? -1 : ~nulls[(first >> 6) + word]);
        }
    }
}
