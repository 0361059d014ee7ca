package dev.hourglass.device.llama;

import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.device.ffi.llama.GraphNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What a graph node must read of the weights, and how much it multiplies.
final class WeightCosts {
    private final Map<String, GgufTensor> weights = new HashMap<>();

    WeightCosts(List<GgufTensor> tensors) {
        tensors.forEach(t -> weights.put(t.name(), t));
    }

    static WeightCosts of(GgufHeader header) {
        return new WeightCosts(header.tensors());
    }

    /// Bytes of weights: of an expert matrix the chosen experts' share, of a looked-up matrix the
    /// rows, of any other all of it.
    long bytes(GraphNode node) {
        long bytes = 0;
        for (GraphNode.Source source : node.sources()) {
            GgufTensor weight = weights.get(source.name());
            if (weight != null) {
                bytes += share(node, weight);
            }
        }
        return bytes;
    }

    private static long share(GraphNode node, GgufTensor weight) {
        long slices = weight.shape().getLast();
        return switch (node.operator()) {
            case "MUL_MAT_ID", "ADD_ID" ->
                weight.bytes() / slices * Math.min(slices, node.shape().get(1));
            case "GET_ROWS" ->
                weight.bytes()
                        / slices
                        * Math.min(slices, node.elements() / node.shape().getFirst());
            default -> weight.bytes();
        };
    }

    /// Operations of the matrix products, two per multiply-add; 0 for every other operator.
    long flops(GraphNode node) {
        List<GraphNode.Source> in = node.sources();
        return switch (node.operator()) {
            case "MUL_MAT", "MUL_MAT_ID" -> 2 * in.getFirst().shape().getFirst() * node.elements();
            case "FLASH_ATTN_EXT" -> attention(in);
            default -> 0;
        };
    }

    /// Queries `[dim, tokens, heads]` with keys `[dim, cached, …]`, then with values `[dim, cached, …]`.
    private static long attention(List<GraphNode.Source> in) {
        List<Long> q = in.get(0).shape();
        long cached = in.get(1).shape().get(1);
        long widths = q.getFirst() + in.get(2).shape().getFirst();
        return 2 * widths * cached * q.get(1) * q.get(2);
    }
}
