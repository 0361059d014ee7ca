package dev.hourglass.core.model.gguf;

import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads a [GgufHeader]. Every count is held against the bytes that are left before anything is
/// allocated for it, so a corrupt count costs an error, not memory.
final class GgufReader {
    private static final int MAGIC = 0x4655_4747;
    private static final int MAX_KEY_BYTES = 1 << 16;
    private static final int MAX_TEXT_BYTES = 1 << 26;
    private static final int MAX_DEPTH = 4;
    private static final int MIN_KEY_BYTES = 8 + 4 + 1;
    private static final int MIN_TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;
    private static final int BUFFER_BYTES = 1 << 16;
    /// Characters of a name that a message shows.
    private static final int LONGEST_SHOWN = 80;
    /// Far above any alignment that is of use; guards against a hostile one.
    private static final int MOST_ALIGNMENT_BYTES = 1 << 20;
    private static final int DEFAULT_ALIGNMENT = 32;

    private final String source;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    /// File position of the end of the buffer.
    private long read;

    private GgufReader(String source, FileChannel channel) throws IOException {
        this.source = source;
        this.channel = channel;
        this.size = channel.size();
    }

    static GgufHeader read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return new GgufReader(file.toString(), channel).header();
        }
    }

    private GgufHeader header() throws IOException {
        if (size == 0) {
            throw broken(0, "a GGUF model, but the file is empty");
        }
        if (size < 4 || u32("the letters GGUF") != MAGIC) {
            throw broken(0, "the letters GGUF: this is no GGUF model file");
        }
        int version = version();
        long tensorCount = count("number of tensors", MIN_TENSOR_BYTES);
        long keyCount = count("number of metadata keys", MIN_KEY_BYTES);
        Map<String, GgufValue> metadata = metadata(keyCount);
        int alignment = alignment(metadata);
        List<GgufTensor> tensors = tensors(tensorCount, alignment);
        long dataOffset = roundUp(position(), alignment);
        checkExtents(tensors, dataOffset);
        return new GgufHeader(
                source, version, Collections.unmodifiableMap(metadata), tensors, alignment, dataOffset, size);
    }

    private int version() throws IOException {
        long at = position();
        int version = u32("format version");
        if (version == Integer.reverseBytes(2) || version == Integer.reverseBytes(3)) {
            throw broken(at, "a little-endian GGUF file, this one is big-endian");
        }
        if (version != 2 && version != 3) {
            throw broken(at, "GGUF format version 2 or 3, not " + Integer.toUnsignedString(version));
        }
        return version;
    }

    private Map<String, GgufValue> metadata(long count) throws IOException {
        Map<String, GgufValue> metadata = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            long at = position();
            String key = string("metadata key " + (i + 1) + " of " + count, MAX_KEY_BYTES);
            GgufValue value = value(kind(key), key, 0);
            if (metadata.put(key, value) != null) {
                throw broken(at, "metadata keys that differ, but " + printable(key) + " stands twice");
            }
        }
        return metadata;
    }

    private GgufValue.Kind kind(String key) throws IOException {
        long at = position();
        int id = u32("kind of " + printable(key));
        return GgufValue.Kind.byId(id)
                .orElseThrow(() -> broken(
                        at, "a known kind of value for " + printable(key) + ", not " + Integer.toUnsignedString(id)));
    }

    private GgufValue value(GgufValue.Kind kind, String key, int depth) throws IOException {
        String what = "value of " + printable(key);
        return switch (kind) {
            case UINT8 -> new GgufValue.Whole(kind, need(1, what).get() & 0xFF);
            case INT8 -> new GgufValue.Whole(kind, need(1, what).get());
            case UINT16 -> new GgufValue.Whole(kind, need(2, what).getShort() & 0xFFFF);
            case INT16 -> new GgufValue.Whole(kind, need(2, what).getShort());
            case UINT32 -> new GgufValue.Whole(kind, need(4, what).getInt() & 0xFFFF_FFFFL);
            case INT32 -> new GgufValue.Whole(kind, need(4, what).getInt());
            case UINT64, INT64 -> new GgufValue.Whole(kind, need(8, what).getLong());
            case FLOAT32 -> new GgufValue.Real(kind, need(4, what).getFloat());
            case FLOAT64 -> new GgufValue.Real(kind, need(8, what).getDouble());
            case BOOL -> new GgufValue.Flag(need(1, what).get() != 0);
            case STRING -> new GgufValue.Text(string(what, MAX_TEXT_BYTES));
            case ARRAY -> items(key, depth);
        };
    }

    private GgufValue items(String key, int depth) throws IOException {
        long at = position();
        GgufValue.Kind element = kind(key);
        if (depth >= MAX_DEPTH) {
            throw broken(at, "arrays nested at most " + MAX_DEPTH + " deep in " + printable(key));
        }
        long count = count("number of elements of " + printable(key), element.minimumBytes());
        boolean kept = count <= GgufHeader.MAX_KEPT_ELEMENTS;
        List<GgufValue> values = new ArrayList<>(kept ? (int) count : 0);
        for (long i = 0; i < count; i++) {
            GgufValue value = value(element, key, depth + 1);
            if (kept) {
                values.add(value);
            }
        }
        return new GgufValue.Items(element, count, values);
    }

    private int alignment(Map<String, GgufValue> metadata) {
        long value = metadata.get("general.alignment") instanceof GgufValue.Whole(var kind, long bytes)
                ? bytes
                : DEFAULT_ALIGNMENT;
        if (value <= 0 || value > MOST_ALIGNMENT_BYTES || Long.bitCount(value) != 1) {
            throw broken(position(), "general.alignment to be a power of two, not " + value);
        }
        return (int) value;
    }

    private List<GgufTensor> tensors(long count, int alignment) throws IOException {
        List<GgufTensor> tensors = new ArrayList<>((int) Math.min(count, 4096));
        Set<String> names = new HashSet<>();
        for (long i = 0; i < count; i++) {
            long at = position();
            GgufTensor tensor = tensor("tensor " + (i + 1) + " of " + count, alignment);
            if (!names.add(tensor.name())) {
                throw broken(at, "tensor names that differ, but " + printable(tensor.name()) + " stands twice");
            }
            tensors.add(tensor);
        }
        return tensors;
    }

    private GgufTensor tensor(String what, int alignment) throws IOException {
        String name = string("name of " + what, MAX_KEY_BYTES);
        List<Long> shape = shape(name);
        long typeAt = position();
        int id = u32("type of " + printable(name));
        GgmlType type = GgmlType.byId(id)
                .orElseThrow(() -> broken(
                        typeAt,
                        "a known number format of " + printable(name) + ", not " + Integer.toUnsignedString(id)));
        if (shape.getFirst() % type.blockElements() != 0) {
            throw broken(
                    typeAt,
                    "rows of " + printable(name) + " that fill " + type + " blocks of " + type.blockElements()
                            + ", not rows of " + shape.getFirst());
        }
        long offsetAt = position();
        long offset = need(8, "offset of " + printable(name)).getLong();
        if (offset < 0 || offset % alignment != 0) {
            throw broken(
                    offsetAt,
                    "an offset of " + printable(name) + " that is a multiple of " + alignment + ", not "
                            + Long.toUnsignedString(offset));
        }
        return new GgufTensor(name, type, shape, offset);
    }

    private List<Long> shape(String name) throws IOException {
        long at = position();
        int dimensions = u32("dimensions of " + printable(name));
        if (dimensions < 1 || dimensions > 4) {
            throw broken(
                    at, "1 to 4 dimensions of " + printable(name) + ", not " + Integer.toUnsignedString(dimensions));
        }
        List<Long> shape = new ArrayList<>(dimensions);
        long elements = 1;
        for (int d = 0; d < dimensions; d++) {
            long n = need(8, "shape of " + printable(name)).getLong();
            if (n <= 0 || n > Long.MAX_VALUE / 64 / elements) {
                throw broken(at, "a shape of " + printable(name) + " that can exist, not " + Long.toUnsignedString(n));
            }
            elements *= n;
            shape.add(n);
        }
        return shape;
    }

    private void checkExtents(List<GgufTensor> tensors, long dataOffset) {
        for (GgufTensor tensor : tensors) {
            long end = dataOffset + tensor.offset() + tensor.bytes();
            if (end < 0 || end > size) {
                throw broken(
                        size,
                        "data of tensor " + printable(tensor.name()) + " up to byte " + Long.toUnsignedString(end)
                                + ", but the file ends here: it is cut off");
            }
        }
    }

    private long count(String what, int minimumBytes) throws IOException {
        long at = position();
        long count = need(8, what).getLong();
        if (count < 0 || count > (size - position()) / minimumBytes) {
            throw broken(at, "a " + what + " that fits the file, not " + Long.toUnsignedString(count));
        }
        return count;
    }

    private String string(String what, int limit) throws IOException {
        long at = position();
        long length = need(8, what).getLong();
        if (length < 0 || length > limit || length > size - position()) {
            throw broken(at, what + " to be text of a length that fits, not " + Long.toUnsignedString(length));
        }
        byte[] bytes = new byte[(int) length];
        for (int done = 0; done < bytes.length; ) {
            int part = Math.min(bytes.length - done, BUFFER_BYTES);
            need(part, what).get(bytes, done, part);
            done += part;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private int u32(String what) throws IOException {
        return need(4, what).getInt();
    }

    /// The buffer with at least `bytes` bytes in it.
    private ByteBuffer need(int bytes, String what) throws IOException {
        if (buffer.remaining() < bytes) {
            buffer.compact();
            while (buffer.position() < bytes) {
                int got = channel.read(buffer, read);
                if (got < 0) {
                    throw broken(size, what + ", but the file ends here: it is cut off");
                }
                read += got;
            }
            buffer.flip();
        }
        return buffer;
    }

    private long position() {
        return read - buffer.remaining();
    }

    private TraceFormatException broken(long offset, String expected) {
        return new TraceFormatException(source, offset, expected);
    }

    static long roundUp(long value, int alignment) {
        return (value + alignment - 1) / alignment * alignment;
    }

    /// A name from the file, safe in a one-line message.
    private static String printable(String name) {
        String cut = name.length() > LONGEST_SHOWN ? name.substring(0, LONGEST_SHOWN) + "…" : name;
        return cut.replaceAll("[^\\p{Print}…]", "?");
    }
}
