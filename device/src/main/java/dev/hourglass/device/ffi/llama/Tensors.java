package dev.hourglass.device.ffi.llama;

/// Reads tensors of the engine in place.
public interface Tensors {
    /// All of a node that matters for placing it.
    GraphNode node(long address);

    /// A number that changes when another node stands at the address: over its name, operator and shape.
    long fingerprint(long address);

    /// Reads what the router chose for the first token of the batch.
    ///
    /// @param ids address of a tensor of 32-bit indices `[slots, tokens]`
    /// @param experts takes the indices; as long as there are slots
    void experts(long ids, int[] experts);

    /// Reads the factors that belong to the choice.
    ///
    /// @param weights address of a tensor of floats `[1, slots, tokens]` or `[slots, tokens]`
    /// @param factors takes them; as long as there are slots
    void factors(long weights, float[] factors);
}
