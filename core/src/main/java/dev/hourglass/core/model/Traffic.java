package dev.hourglass.core.model;

/// Bytes that an operator must move in a step, each operand once.
///
/// @param weights weights read: all of a matrix, the rows of a table that are picked, the experts
///     that the step touches
/// @param cacheRead keys, values, latents and states read
/// @param cacheWrite those written
/// @param activations inputs read and outputs written
public record Traffic(double weights, double cacheRead, double cacheWrite, double activations) {
    /// Nothing moved.
    public static final Traffic NONE = new Traffic(0, 0, 0, 0);

    public double total() {
        return weights + cacheRead + cacheWrite + activations;
    }

    public Traffic plus(Traffic other) {
        return new Traffic(
                weights + other.weights,
                cacheRead + other.cacheRead,
                cacheWrite + other.cacheWrite,
                activations + other.activations);
    }
}
