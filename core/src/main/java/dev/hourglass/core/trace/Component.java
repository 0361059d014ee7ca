package dev.hourglass.core.trace;

import java.util.Arrays;
import java.util.Optional;

/// The parts of which T_token consists, or which lie inside it.
///
/// Exclusive parts do not overlap: with the remainder they add up to T_token.
public enum Component {
    T_ROUTING("t_routing", "T_routing", true, "Gating network: router logits, softmax, top-k, weights."),
    T_CPU_COMPUTATION(
            "t_cpu_computation",
            "T_cpu_computation",
            true,
            "Feed-forward on the CPU: the chosen and the shared experts, or the dense FFN, with the residual add."),
    ATTENTION("attention", "Attention", true, "Projections, rotary embedding, KV cache, attention, residual add."),
    NORM("norm", "Norms", true, "Norms before attention and feed-forward, and the final one."),
    LM_HEAD("lm_head", "LM head", true, "Product of the last hidden state with the vocabulary matrix."),
    EMBEDDING("embedding", "Embedding", true, "Look-up of the token's embedding."),
    SAMPLING("sampling", "Sampling", true, "Fetching the logits and choosing the next token."),
    T_SCHEDULING(
            "t_scheduling",
            "T_scheduling",
            true,
            "The engine's own planning: preparing the batch, building or reusing the graph, splitting it."),
    T_SYNC(
            "t_sync",
            "T_sync",
            false,
            "Waiting of compute threads for each other in barriers, which lies inside the other components; where a GPU"
                    + " takes part, of the host for the GPU while that neither computes nor copies, which does not."),
    T_PCIE_TRANSFER(
            "t_pcie_transfer",
            "T_pcie_transfer",
            true,
            "Copies between CPU memory and GPU memory, and the host's calls for them, while the GPU does not compute."),
    T_GPU_KERNEL_LAUNCH(
            "t_gpu_kernel_launch",
            "T_gpu_kernel_launch",
            true,
            "Host time in launch calls while the GPU neither computes nor copies."),
    T_GPU_COMPUTATION("t_gpu_computation", "T_gpu_computation", true, "GPU time in kernels."),
    REMAINDER("remainder", "Remainder", true, "T_token less every measured exclusive part.");

    private final String key;
    private final String label;
    private final boolean exclusive;
    private final String doc;

    Component(String key, String label, boolean exclusive, String doc) {
        this.key = key;
        this.label = label;
        this.exclusive = exclusive;
        this.doc = doc;
    }

    /// Name in tables and JSON.
    public String key() {
        return key;
    }

    /// Name for people.
    public String label() {
        return label;
    }

    /// Whether it overlaps no other component.
    public boolean exclusive() {
        return exclusive;
    }

    public String doc() {
        return doc;
    }

    public static Optional<Component> find(String key) {
        return Arrays.stream(values()).filter(c -> c.key.equals(key)).findFirst();
    }
}
