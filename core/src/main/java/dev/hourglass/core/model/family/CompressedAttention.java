package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.keys.Defaults;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;

/// Attention of DeepSeek-V4: one head of shared keys and values over a sliding window and, in most
/// layers, over entries that each stand for a stretch of tokens, all of them or those that an indexer
/// chooses.
final class CompressedAttention {
    /// Tokens per entry from which on older files mean the heavy kind.
    private static final long HEAVY_FROM = 32;

    private static final String SLIDING = "sliding_attention";
    private static final String SPARSE = "compressed_sparse_attention";
    private static final String HEAVY = "heavily_compressed_attention";

    private final Keys k;
    private final long hidden;
    private final long heads;
    private final long width;
    private final long rank;
    private final long sparseRate;
    private final long heavyRate;

    CompressedAttention(Keys k) {
        this.k = k;
        this.hidden = k.positive("hidden_size");
        this.heads = k.positive("num_attention_heads");
        this.width = k.positive("head_dim");
        this.rank = k.positive("q_lora_rank");
        k.optional("num_key_value_heads");
        Keys rates = k.child("compress_rates", Defaults.of("compress_rates"));
        this.sparseRate = k.positive("compress_rate_csa", rates.positive(SPARSE));
        this.heavyRate = k.positive("compress_rate_hca", rates.positive(HEAVY));
    }

    /// The kind of each layer: as listed, by the ratio that older files give, or two of the heavy kind
    /// and then both in turn.
    static List<String> kinds(Keys k, int layers) {
        List<String> known = List.of(SLIDING, SPARSE, HEAVY);
        List<Long> ratios = k.counts("compress_ratios");
        return LayerKinds.of(k, "layer_types", known, layers, layer -> {
            if (layer < ratios.size()) {
                return ratios.get(layer) == 0 ? SLIDING : ratios.get(layer) < HEAVY_FROM ? SPARSE : HEAVY;
            }
            return layer >= 2 && layer % 2 == 1 ? SPARSE : HEAVY;
        });
    }

    List<Operator> at(String prefix, String kind) {
        long outRank = k.positive("o_lora_rank") * k.positive("o_groups");
        List<Operator> ops = new ArrayList<>();
        ops.add(linear(prefix + "q_a_proj", hidden, rank, Split.NONE));
        ops.add(Blocks.norm(prefix + "q_a_norm", rank));
        ops.add(linear(prefix + "q_b_proj", rank, heads * width, Split.outputs(heads)));
        ops.add(linear(prefix + "kv_proj", hidden, width, Split.NONE));
        ops.add(Blocks.norm(prefix + "kv_norm", width));
        ops.addAll(compressor(prefix + "compressor.", kind));
        ops.add(core(prefix + "attention", kind));
        ops.add(linear(
                prefix + "o_a_proj",
                heads * width / k.positive("o_groups"),
                outRank,
                Split.outputs(k.positive("o_groups"))));
        ops.add(linear(prefix + "o_b_proj", outRank, hidden, Split.inputs(k.positive("o_groups"))));
        return ops;
    }

    private Operator core(String name, String kind) {
        long window = Windows.width(k);
        return switch (kind) {
            case SLIDING -> new Operator.CompressedAttention(name, heads, width, window, 0, 0);
            case SPARSE ->
                new Operator.CompressedAttention(name, heads, width, window, sparseRate, k.positive("index_topk"));
            default -> new Operator.CompressedAttention(name, heads, width, window, heavyRate, 0);
        };
    }

    private List<Operator> compressor(String prefix, String kind) {
        return switch (kind) {
            case SLIDING -> List.of();
            case HEAVY -> entries(prefix, width, heavyRate, width);
            default -> {
                List<Operator> ops = new ArrayList<>(entries(prefix, 2 * width, sparseRate, width));
                ops.addAll(indexer(prefix + "indexer."));
                yield ops;
            }
        };
    }

    /// What makes entries of a stretch of tokens.
    private List<Operator> entries(String prefix, long projected, long rate, long entry) {
        return List.of(
                linear(prefix + "kv_proj", hidden, projected, Split.NONE),
                linear(prefix + "gate_proj", hidden, projected, Split.NONE),
                new Operator.Constant(prefix + "position_bias", Group.ATTN, rate * projected),
                Blocks.norm(prefix + "kv_norm", entry));
    }

    private List<Operator> indexer(String prefix) {
        long indexHeads = k.positive("index_n_heads");
        long index = k.positive("index_head_dim");
        List<Operator> ops = new ArrayList<>(entries(prefix, 2 * index, sparseRate, index));
        ops.add(linear(prefix + "q_b_proj", rank, indexHeads * index, Split.NONE));
        ops.add(linear(prefix + "scorer.weights_proj", hidden, indexHeads, Split.NONE));
        ops.add(new Operator.Indexer(prefix + "scores", indexHeads, index, 0, sparseRate));
        return ops;
    }

    private static Operator linear(String name, long inputs, long outputs, Split split) {
        return Blocks.linear(name, Group.ATTN, inputs, outputs, false, split);
    }
}
