package dev.hourglass.core.analysis;

import java.util.List;

/// From what is observed to the design choice that answers it.
///
/// @param observation what a recording shows
/// @param analysis the analysis that sees it, whose remedy names the engines' own flags
/// @param choice what to choose otherwise
public record Diagnosis(String observation, String analysis, String choice) {
    /// Every observation that has an answer.
    public static final List<Diagnosis> TABLE = List.of(
            new Diagnosis("launch-bound", "bound/launch", "CUDA graphs, or a larger batch"),
            new Diagnosis("host-bound", "bound/host", "scheduling off the critical path"),
            new Diagnosis("sync-bound", "bound/sync", "values stay on the GPU; one wait per step"),
            new Diagnosis("transfer-bound", "bound/transfer", "pinned memory, placement, copies beside compute"),
            new Diagnosis(
                    "communication-bound",
                    "bound/communication",
                    "overlap, a smaller tensor-parallel degree, a faster link"),
            new Diagnosis("uneven work", "bound/imbalance", "balance experts, ranks, streams by measured load"),
            new Diagnosis("throttling", "bound/throttle", "power limit, clock lock, cooling"),
            new Diagnosis("memory-bound decode", "bound/device", "quantised weights and KV cache, or a larger batch"),
            new Diagnosis("compute-bound prefill", "bound/device", "FP8 products, prefix cache, fewer tokens"),
            new Diagnosis("many small element-wise kernels", "gpu/small_kernels", "fusion"),
            new Diagnosis("low L2 hit rate in attention", "hw/l2", "layout and page size of the KV cache"),
            new Diagnosis("tensor cores idle", "hw/tensor_cores", "number format, shapes, rows per product"),
            new Diagnosis("sizes that tensor cores do not like", "op/alignment", "padding to multiples of 8 or 16"),
            new Diagnosis("preemptions", "engine/preemption", "more KV memory, fewer sequences at once"));
}
