package dev.hourglass.core.model.gguf;

import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// All of a GGUF file but its weights.
///
/// ```
/// "GGUF" | u32 version (2, 3) | u64 tensors | u64 keys
/// per key:    string key, u32 kind, value
/// per tensor: string name, u32 dimensions, u64 × dimensions, u32 type, u64 offset
/// padding to the alignment | data section
/// ```
///
/// @param source the file, as the user named it
/// @param version of the format
/// @param metadata keys in the file's order
/// @param tensors in the file's order
/// @param alignment of tensors, in bytes
/// @param dataOffset where the data section begins in the file, in bytes
/// @param fileBytes size of the whole file
public record GgufHeader(
        String source,
        int version,
        Map<String, GgufValue> metadata,
        List<GgufTensor> tensors,
        int alignment,
        long dataOffset,
        long fileBytes) {

    /// Longer arrays (vocabularies) are counted, not kept.
    public static final int MAX_KEPT_ELEMENTS = 4096;

    public GgufHeader {
        tensors = List.copyOf(tensors);
    }

    /// Reads a header and checks that the file holds every tensor that it declares.
    ///
    /// @throws TraceFormatException if the file is empty, cut off, corrupt or of another format
    /// @throws IOException if the file cannot be read
    public static GgufHeader read(Path file) throws IOException {
        return GgufReader.read(file);
    }

    /// This header with the tensors of all parts of a model, this one included.
    public GgufHeader joined(List<GgufHeader> parts) {
        return new GgufHeader(
                source,
                version,
                metadata,
                parts.stream().flatMap(part -> part.tensors().stream()).toList(),
                alignment,
                dataOffset,
                parts.stream().mapToLong(GgufHeader::fileBytes).sum());
    }

    /// The values of an array of whole numbers under a key of this architecture; empty where it is no
    /// array.
    public List<Long> modelWholes(String key) {
        return metadata.get(architecture() + "." + key) instanceof GgufValue.Items items
                ? items.values().stream()
                        .filter(GgufValue.Whole.class::isInstance)
                        .map(v -> ((GgufValue.Whole) v).value())
                        .toList()
                : List.of();
    }

    /// The model's architecture, for example `qwen3moe`.
    public String architecture() {
        return text("general.architecture").orElse("unknown");
    }

    public OptionalLong whole(String key) {
        return metadata.get(key) instanceof GgufValue.Whole(var kind, long value)
                ? OptionalLong.of(value)
                : OptionalLong.empty();
    }

    public OptionalDouble real(String key) {
        return metadata.get(key) instanceof GgufValue.Real(var kind, double value)
                ? OptionalDouble.of(value)
                : OptionalDouble.empty();
    }

    public Optional<String> text(String key) {
        return metadata.get(key) instanceof GgufValue.Text(String value) ? Optional.of(value) : Optional.empty();
    }

    /// A key of this architecture, for example `block_count` for `qwen3moe.block_count`. Where the
    /// file gives one value per layer, the largest.
    public OptionalLong modelWhole(String key) {
        return switch (metadata.get(architecture() + "." + key)) {
            case GgufValue.Whole whole -> OptionalLong.of(whole.value());
            case GgufValue.Items items ->
                items.values().stream()
                        .filter(GgufValue.Whole.class::isInstance)
                        .mapToLong(v -> ((GgufValue.Whole) v).value())
                        .max();
            case null, default -> OptionalLong.empty();
        };
    }

    /// Weights of all tensors.
    public long parameters() {
        return tensors.stream().mapToLong(GgufTensor::elements).sum();
    }

    public Optional<GgufTensor> tensor(String name) {
        return tensors.stream().filter(t -> t.name().equals(name)).findFirst();
    }
}
