package dev.hourglass.core.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tensors of a model's weight files, from their headers alone.
///
/// @param files how many files were read
public record StoredTensors(int files, List<Tensor> tensors) {

    public StoredTensors {
        tensors = List.copyOf(tensors);
    }

    /// One tensor.
    ///
    /// @param format name of its number format: `bf16`, `Q4_K`
    /// @param elements values in it
    /// @param bytes of its data
    public record Tensor(String name, String format, long elements, long bytes) {}

    /// Bytes by number format.
    public Map<String, Long> bytesByFormat() {
        Map<String, Long> sums = new LinkedHashMap<>();
        tensors.forEach(tensor -> sums.merge(tensor.format(), tensor.bytes(), Math::addExact));
        return sums;
    }

    public long bytes() {
        return tensors.stream().mapToLong(Tensor::bytes).reduce(0, Math::addExact);
    }
}
