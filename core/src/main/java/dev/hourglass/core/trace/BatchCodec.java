package dev.hourglass.core.trace;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.BitSet;

/// Batches as bytes, for the pipe between the recorder and the process that it measures.
///
/// Both ends are of one build, so there is no version. Layout of a batch, big-endian:
/// ```
/// utf table | int rows | per column: int nullBytes, nullBytes × byte (bit set), then
///                        LONG, BOOLEAN: rows × long | DOUBLE: rows × double | TEXT: rows × (int length, bytes)
/// ```
public final class BatchCodec {
    private BatchCodec() {}

    public static void write(EventBatch batch, DataOutput out) throws IOException {
        out.writeUTF(batch.table().name());
        out.writeInt(batch.size());
        for (int c = 0; c < batch.table().columns().size(); c++) {
            writeColumn(batch, c, out);
        }
    }

    /// @throws TraceFormatException if the table is not a declared one
    public static EventBatch read(DataInput in) throws IOException {
        String name = in.readUTF();
        Table table = Tables.find(name)
                .orElseThrow(() -> new TraceFormatException("recorder pipe", 0, "a declared table, not " + name));
        int rows = in.readInt();
        EventBatch batch = new EventBatch(table, rows);
        for (int c = 0; c < table.columns().size(); c++) {
            readColumn(batch, c, rows, in);
        }
        batch.setSize(rows);
        return batch;
    }

    private static void writeColumn(EventBatch batch, int c, DataOutput out) throws IOException {
        BitSet nulls = new BitSet();
        for (int r = 0; r < batch.size(); r++) {
            nulls.set(r, batch.isNull(c, r));
        }
        byte[] bits = nulls.toByteArray();
        out.writeInt(bits.length);
        out.write(bits);
        for (int r = 0; r < batch.size(); r++) {
            switch (batch.table().columns().get(c).type()) {
                case LONG, BOOLEAN -> out.writeLong(batch.longs(c)[r]);
                case DOUBLE -> out.writeDouble(batch.doubles(c)[r]);
                case TEXT -> {
                    byte[] text = batch.texts(c)[r];
                    out.writeInt(text == null ? 0 : text.length);
                    out.write(text == null ? new byte[0] : text);
                }
            }
        }
    }

    private static void readColumn(EventBatch batch, int c, int rows, DataInput in) throws IOException {
        byte[] bits = new byte[in.readInt()];
        in.readFully(bits);
        BitSet nulls = BitSet.valueOf(bits);
        nulls.stream().forEach(row -> batch.setNull(c, row));
        for (int r = 0; r < rows; r++) {
            switch (batch.table().columns().get(c).type()) {
                case LONG, BOOLEAN -> batch.longs(c)[r] = in.readLong();
                case DOUBLE -> batch.doubles(c)[r] = in.readDouble();
                case TEXT -> {
                    byte[] text = new byte[in.readInt()];
                    in.readFully(text);
                    batch.texts(c)[r] = text;
                }
            }
        }
    }
}
