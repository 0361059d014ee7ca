package dev.hourglass.core.model;

/// A family of equal weight tensors: `count` matrices of `rows` × `columns`.
///
/// @param name dotted name below its operator, for example `weight` or `bias`
/// @param group what its parameters are counted as
/// @param kind whether a quantisation may touch it
/// @param count how many of them; 1 but for experts
/// @param rows output features of a matrix; 1 for a vector
/// @param columns input features of a matrix; the length of a vector
public record Weight(String name, Group group, Kind kind, long count, long rows, long columns) {

    /// What a weight is to a quantisation.
    public enum Kind {
        /// The matrix of a linear layer.
        MATRIX,
        /// A table from which rows are read.
        TABLE,
        /// Everything else: biases, norms, convolutions, states.
        PLAIN
    }

    public static Weight vector(String name, Group group, long length) {
        return new Weight(name, group, Kind.PLAIN, 1, 1, length);
    }

    public static Weight matrix(Group group, long rows, long columns) {
        return new Weight("weight", group, Kind.MATRIX, 1, rows, columns);
    }

    /// Number of parameters.
    public long elements() {
        return Math.multiplyExact(count, Math.multiplyExact(rows, columns));
    }
}
