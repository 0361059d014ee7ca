package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.DType;
import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.StoredTensors;
import dev.hourglass.core.model.keys.Json;
import dev.hourglass.core.model.keys.Keys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reads the header of a safetensors file, and nothing of its data.
///
/// ```
/// u64 n, little-endian | n bytes of JSON: name → {dtype, shape, data_offsets: [from, to]} | data
/// ```
final class SafetensorsHeader {
    private static final int LENGTH_BYTES = 8;
    private static final long MAX_HEADER = 128L << 20;
    private static final String METADATA = "__metadata__";

    private SafetensorsHeader() {}

    /// The file's tensors.
    ///
    /// @throws ModelException if the header is damaged, or the data that it describes is not what the
    ///     file holds, to the byte
    static List<StoredTensors.Tensor> read(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            long length = length(file, channel, size);
            byte[] json = bytes(channel, LENGTH_BYTES, (int) length);
            return tensors(file, Json.parse(file.toString(), json, LENGTH_BYTES), size - LENGTH_BYTES - length);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e.getMessage());
        }
    }

    private static long length(Path file, FileChannel channel, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw new ModelException(file.toString(), size, "a header length of 8 bytes, but the file ends here");
        }
        long length = ByteBuffer.wrap(bytes(channel, 0, LENGTH_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        if (length < 2 || length > MAX_HEADER) {
            throw new ModelException(
                    file.toString(), 0, "the length of a header, not " + Long.toUnsignedString(length));
        }
        if (length > size - LENGTH_BYTES) {
            throw new ModelException(
                    file.toString(), size, "a header of " + length + " bytes, but the file ends here: it is cut off");
        }
        return length;
    }

    private static byte[] bytes(FileChannel channel, long from, int count) throws IOException {
        byte[] bytes = new byte[count];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
            // read() takes what there is; the loop asks for the rest
        }
        return bytes;
    }

    private static List<StoredTensors.Tensor> tensors(Path file, Json.Obj header, long payload) {
        List<StoredTensors.Tensor> tensors = new ArrayList<>();
        long sum = 0;
        for (Map.Entry<String, Json> member : header.members().entrySet()) {
            if (member.getKey().equals(METADATA)) {
                continue;
            }
            StoredTensors.Tensor tensor = tensor(file, member.getKey(), member.getValue(), payload);
            sum += tensor.bytes();
            tensors.add(tensor);
        }
        if (sum != payload) {
            throw new ModelException(file + ": the header describes " + sum + " bytes of tensors, the file holds "
                    + payload + (sum > payload ? ": it is cut off" : ""));
        }
        return tensors;
    }

    private static StoredTensors.Tensor tensor(Path file, String name, Json described, long payload) {
        if (!(described instanceof Json.Obj o)) {
            throw new ModelException(file.toString(), described.offset(), "an object that describes a tensor");
        }
        Keys keys = Keys.of(file.toString(), o);
        String type = keys.text("dtype").orElseThrow(() -> keys.missing("dtype"));
        DType format = DType.find(type).orElseThrow(() -> keys.wrong("dtype", "a known number format"));
        List<Long> offsets = keys.counts("data_offsets");
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw keys.wrong("data_offsets", "two offsets in order");
        }
        if (offsets.get(1) > payload) {
            throw keys.wrong("data_offsets", "offsets within the " + payload + " bytes of data: the file is cut off");
        }
        long elements = elements(keys);
        long bytes = offsets.get(1) - offsets.get(0);
        if (format.bytes(elements) != bytes) {
            throw keys.wrong("data_offsets", "room for " + elements + " elements of " + format.label() + " in " + name);
        }
        return new StoredTensors.Tensor(name, format.label(), elements, bytes);
    }

    private static long elements(Keys keys) {
        try {
            return keys.counts("shape").stream().reduce(1L, Math::multiplyExact);
        } catch (ArithmeticException e) {
            throw keys.wrong("shape", "a shape that can exist");
        }
    }
}
