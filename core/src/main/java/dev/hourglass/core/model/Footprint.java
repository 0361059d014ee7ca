package dev.hourglass.core.model;

/// Memory that a device needs, in bytes: the fullest of a pipeline's stages.
///
/// @param weights the device's weights
/// @param cache keys, values and states of all sequences at the context
/// @param activations outputs of the largest layer with its residual, and the logits, of the larger
///     step: decoding the batch, or prefilling one prompt
public record Footprint(double weights, double cache, double activations) {

    public double total() {
        return weights + cache + activations;
    }
}
