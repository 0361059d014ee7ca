package dev.hourglass.core.model.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes GGUF files (version 3), tensor by tensor, so that no tensor need fit into memory.
public final class GgufWriter {
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;

    /// Gives a tensor's bytes.
    @FunctionalInterface
    public interface Content {
        /// Writes exactly [GgufTensor#bytes()] bytes.
        void write(GgufTensor tensor, WritableByteChannel out) throws IOException;
    }

    private GgufWriter() {}

    /// Writes a file, replacing one of the same name, and waits until the disk has it: a kernel that is still
    /// writing takes cores from whatever is measured next. What was written so far stays when it fails.
    ///
    /// @param tensors are placed one after the other; their own offsets are ignored
    /// @throws IllegalStateException if `content` writes more or fewer bytes than a tensor has
    public static void write(Path file, Map<String, GgufValue> metadata, List<GgufTensor> tensors, Content content)
            throws IOException {
        List<GgufTensor> placed = place(tensors);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeFully(channel, header(metadata, placed));
            for (GgufTensor tensor : placed) {
                pad(channel);
                writeTensor(channel, tensor, content);
            }
            pad(channel);
            channel.force(false);
        }
    }

    /// Bytes of the whole file.
    public static long fileBytes(Map<String, GgufValue> metadata, List<GgufTensor> tensors) {
        List<GgufTensor> placed = place(tensors);
        long header = GgufReader.roundUp(header(metadata, placed).remaining(), ALIGNMENT);
        return placed.isEmpty() ? header : header + end(placed.getLast());
    }

    private static void writeTensor(FileChannel channel, GgufTensor tensor, Content content) throws IOException {
        long start = channel.position();
        content.write(tensor, channel);
        long written = channel.position() - start;
        if (written != tensor.bytes()) {
            throw new IllegalStateException(
                    tensor.name() + " has " + tensor.bytes() + " bytes, but " + written + " were written");
        }
    }

    private static List<GgufTensor> place(List<GgufTensor> tensors) {
        List<GgufTensor> placed = new ArrayList<>(tensors.size());
        long offset = 0;
        for (GgufTensor tensor : tensors) {
            placed.add(tensor.at(offset));
            offset = end(placed.getLast());
        }
        return placed;
    }

    private static long end(GgufTensor tensor) {
        return GgufReader.roundUp(tensor.offset() + tensor.bytes(), ALIGNMENT);
    }

    private static ByteBuffer header(Map<String, GgufValue> metadata, List<GgufTensor> tensors) {
        Bytes out = new Bytes();
        out.raw("GGUF".getBytes(StandardCharsets.US_ASCII)).u32(VERSION);
        out.u64(tensors.size()).u64(metadata.size());
        metadata.forEach((key, value) -> {
            out.text(key).u32(kind(value).id());
            out.value(value);
        });
        for (GgufTensor tensor : tensors) {
            out.text(tensor.name()).u32(tensor.shape().size());
            tensor.shape().forEach(out::u64);
            out.u32(tensor.type().id()).u64(tensor.offset());
        }
        return out.buffer.flip();
    }

    private static GgufValue.Kind kind(GgufValue value) {
        return switch (value) {
            case GgufValue.Whole whole -> whole.kind();
            case GgufValue.Real real -> real.kind();
            case GgufValue.Flag flag -> GgufValue.Kind.BOOL;
            case GgufValue.Text text -> GgufValue.Kind.STRING;
            case GgufValue.Items items -> GgufValue.Kind.ARRAY;
        };
    }

    private static void pad(FileChannel channel) throws IOException {
        long missing = GgufReader.roundUp(channel.position(), ALIGNMENT) - channel.position();
        writeFully(channel, ByteBuffer.allocate((int) missing));
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// Little-endian bytes that grow.
    private static final class Bytes {
        private ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

        Bytes raw(byte[] bytes) {
            room(bytes.length).put(bytes);
            return this;
        }

        Bytes u32(int value) {
            room(4).putInt(value);
            return this;
        }

        Bytes u64(long value) {
            room(8).putLong(value);
            return this;
        }

        Bytes text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return u64(bytes.length).raw(bytes);
        }

        void value(GgufValue value) {
            switch (value) {
                case GgufValue.Whole(GgufValue.Kind kind, long number) -> whole(kind, number);
                case GgufValue.Real(GgufValue.Kind kind, double number) -> real(kind, number);
                case GgufValue.Flag(boolean flag) -> room(1).put((byte) (flag ? 1 : 0));
                case GgufValue.Text(String text) -> text(text);
                case GgufValue.Items(GgufValue.Kind element, long count, List<GgufValue> values) -> {
                    if (count != values.size()) {
                        throw new IllegalArgumentException("only " + values.size() + " of " + count + " elements");
                    }
                    u32(element.id()).u64(count);
                    values.forEach(this::value);
                }
            }
        }

        private void whole(GgufValue.Kind kind, long number) {
            switch (kind) {
                case UINT8, INT8 -> room(1).put((byte) number);
                case UINT16, INT16 -> room(2).putShort((short) number);
                case UINT32, INT32 -> u32((int) number);
                case UINT64, INT64 -> u64(number);
                default -> throw new IllegalArgumentException(kind + " is no integer format");
            }
        }

        private void real(GgufValue.Kind kind, double number) {
            switch (kind) {
                case FLOAT32 -> room(4).putFloat((float) number);
                case FLOAT64 -> room(8).putDouble(number);
                default -> throw new IllegalArgumentException(kind + " is no floating-point format");
            }
        }

        private ByteBuffer room(int bytes) {
            if (buffer.remaining() < bytes) {
                int capacity = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
                buffer = ByteBuffer.allocate(capacity)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(buffer.flip());
            }
            return buffer;
        }
    }
}
