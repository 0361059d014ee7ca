package dev.hourglass.core.read.probe;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/// One file of a process.
///
/// @param source the file
/// @param process whose it is
/// @param sequence its number among the files of the process
/// @param cursor end of what was committed, in bytes
/// @param dropped records that the process could not write until then
record Segment(Source source, ProcessId process, long sequence, long cursor, long dropped) {
    private static final int VERSION_AT = 8;
    private static final int CURSOR_AT = 24;
    private static final int DROPPED_AT = 40;
    private static final int PID_AT = 48;
    private static final int SEQUENCE_AT = 52;
    private static final int START_AT = 56;
    private static final int TYPE_AT = 4;
    private static final int BUFFER = 1 << 16;
    /// Bytes of a record, more than any limit of the writer lets be.
    private static final int LONGEST = 64 << 20;

    /// @param pid the kernel's number
    /// @param startTicks when the kernel began it
    record ProcessId(long pid, long startTicks) {}

    /// @throws TraceFormatException if it is no segment, or one of a newer version
    static Segment of(Source source, RecordLayout layout) throws IOException {
        ByteBuffer head = ByteBuffer.wrap(source.head().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        if (!source.head().startsWith(RecordLayout.MAGIC) || head.limit() < RecordLayout.SEGMENT_HEADER) {
            throw new TraceFormatException(source.name(), 0, "a segment of the probe (" + RecordLayout.MAGIC + ")");
        }
        long version = Integer.toUnsignedLong(head.getInt(VERSION_AT));
        if (version > layout.version()) {
            throw TraceFormatException.ofWhole(
                    source.name(),
                    "was written by a newer probe (format " + version + ", this Hourglass reads up to "
                            + layout.version() + "); update Hourglass to read it");
        }
        return new Segment(
                source,
                new ProcessId(Integer.toUnsignedLong(head.getInt(PID_AT)), head.getLong(START_AT)),
                Integer.toUnsignedLong(head.getInt(SEQUENCE_AT)),
                head.getLong(CURSOR_AT),
                head.getLong(DROPPED_AT));
    }

    /// Whether the beginning of a file is that of a segment.
    static boolean begins(byte[] head) {
        byte[] magic = RecordLayout.MAGIC.getBytes(StandardCharsets.US_ASCII);
        return head.length >= magic.length
                && ByteBuffer.wrap(head, 0, magic.length).equals(ByteBuffer.wrap(magic));
    }

    /// Hands on every committed record with the number of its type.
    void read(ImportContext context, BiConsumer<Integer, ByteBuffer> each) throws IOException {
        try (InputStream in = new BufferedInputStream(source.open(), BUFFER)) {
            in.skipNBytes(RecordLayout.SEGMENT_HEADER);
            long at = RecordLayout.SEGMENT_HEADER;
            while (at < cursor) {
                byte[] header = in.readNBytes(RecordLayout.RECORD_HEADER);
                int length = header.length < Integer.BYTES
                        ? 0
                        : ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt();
                if (header.length < RecordLayout.RECORD_HEADER || !possible(length, cursor - at)) {
                    damaged(context, at);
                    return;
                }
                byte[] whole = new byte[length];
                System.arraycopy(header, 0, whole, 0, header.length);
                if (in.readNBytes(whole, header.length, length - header.length) < length - header.length) {
                    damaged(context, at);
                    return;
                }
                ByteBuffer record = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
                each.accept(Short.toUnsignedInt(record.getShort(TYPE_AT)), record);
                at += length;
                context.progress(length);
            }
        }
    }

    private static boolean possible(int length, long left) {
        return length >= RecordLayout.RECORD_HEADER && length % Long.BYTES == 0 && length <= Math.min(left, LONGEST);
    }

    private void damaged(ImportContext context, long at) {
        context.stats()
                .count(
                        "damaged_segment",
                        Severity.DATA_LOSS,
                        source.name() + " at byte " + at + ": no record stands there; what is committed until byte "
                                + cursor + " is lost");
    }
}
