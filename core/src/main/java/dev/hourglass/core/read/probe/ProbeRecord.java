package dev.hourglass.core.read.probe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// One committed record of a known type.
///
/// @param type of it
/// @param thread that wrote it
/// @param ts its moment, in nanoseconds of CLOCK_MONOTONIC
/// @param values its fields
/// @param bytes the whole record
/// @param words what its numbers mean
record ProbeRecord(
        RecordLayout.RecordType type, int thread, long ts, Values values, ByteBuffer bytes, Values.Words words) {
    private static final int COUNT_AT = 16;
    private static final int OFFSET_AT = 20;
    private static final int ROW_BYTES_AT = 22;

    static ProbeRecord of(RecordLayout.RecordType type, ByteBuffer bytes, Values.Words words) {
        int end = type.tail().isEmpty() ? bytes.limit() : Math.min(bytes.limit(), tailOffset(bytes));
        return new ProbeRecord(
                type,
                Short.toUnsignedInt(bytes.getShort(6)),
                bytes.getLong(8),
                new Values(bytes, 0, end, type.fields(), words),
                bytes,
                words);
    }

    /// Whether what it says of its own tail is possible.
    static boolean isWhole(RecordLayout.RecordType type, ByteBuffer bytes) {
        if (type.tail().isEmpty()) {
            return true;
        }
        int least = RecordLayout.RECORD_HEADER + RecordLayout.TAIL_HEADER;
        return bytes.limit() >= least
                && tailOffset(bytes) >= least
                && (type.tail().equals("rows") ? rowBytes(bytes) > 0 : rowBytes(bytes) == 1)
                && tailOffset(bytes) + count(bytes) * rowBytes(bytes) <= bytes.limit();
    }

    private static int tailOffset(ByteBuffer bytes) {
        return Short.toUnsignedInt(bytes.getShort(OFFSET_AT));
    }

    private static long rowBytes(ByteBuffer bytes) {
        return Short.toUnsignedLong(bytes.getShort(ROW_BYTES_AT));
    }

    private static long count(ByteBuffer bytes) {
        return Integer.toUnsignedLong(bytes.getInt(COUNT_AT));
    }

    String name() {
        return type.name();
    }

    /// The text in its tail.
    String text() {
        byte[] text = new byte[(int) count(bytes)];
        bytes.get(tailOffset(bytes), text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /// The bytes of its tail.
    ByteBuffer tail() {
        return bytes.slice(tailOffset(bytes), (int) count(bytes));
    }

    /// How many rows its tail has.
    int rows() {
        return (int) count(bytes);
    }

    void forEachRow(Consumer<Values> each) {
        int size = (int) rowBytes(bytes);
        for (int i = 0, at = tailOffset(bytes); i < rows(); i++, at += size) {
            each.accept(new Values(bytes, at, at + size, type.row(), words));
        }
    }
}
