package dev.hourglass.device.ffi.llama;

import java.util.List;

/// A node of the compute graph, read from the library's memory.
///
/// @param address of the node
/// @param name as the engine gives it
/// @param operator for example `MUL_MAT_ID`
/// @param shape elements per dimension, fastest first, always four
/// @param sources its inputs
public record GraphNode(long address, String name, String operator, List<Long> shape, List<Source> sources) {
    public GraphNode {
        shape = List.copyOf(shape);
        sources = List.copyOf(sources);
    }

    /// An input of a node: another node, or a weight.
    ///
    /// @param address of the tensor
    /// @param name as the engine gives it, or as the model file does
    /// @param shape elements per dimension, fastest first, always four
    public record Source(long address, String name, List<Long> shape) {
        public Source {
            shape = List.copyOf(shape);
        }
    }

    /// Number of elements.
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
