package dev.hourglass.core.model.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// What a GGUF header says of one tensor.
///
/// @param name for example `blk.0.ffn_up_exps.weight`
/// @param type number format
/// @param shape elements per dimension, fastest first; one to four
/// @param offset bytes from the start of the file's data section; 0 where not yet placed
public record GgufTensor(String name, GgmlType type, List<Long> shape, long offset) {

    public GgufTensor {
        shape = List.copyOf(shape);
    }

    /// A tensor to be written; the writer places it.
    public static GgufTensor of(String name, GgmlType type, long... shape) {
        return new GgufTensor(name, type, Arrays.stream(shape).boxed().toList(), 0);
    }

    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /// Bytes in the file.
    public long bytes() {
        return type.bytes(elements());
    }

    /// Elements per dimension joined by x, for example `2048x768x128`.
    public String shapeText() {
        return shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }

    GgufTensor at(long place) {
        return new GgufTensor(name, type, shape, place);
    }
}
