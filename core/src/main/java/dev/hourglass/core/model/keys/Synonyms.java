package dev.hourglass.core.model.keys;

import java.util.List;

/// Names under which configurations give the same size.
public final class Synonyms {
    private static final List<List<String>> SETS = List.of(
            List.of("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"),
            List.of("num_experts_per_tok", "num_experts_per_token", "moe_k", "moe_topk", "top_k_experts"),
            List.of("n_shared_experts", "num_shared_experts", "moe_num_shared_experts"),
            List.of("tie_word_embeddings", "tie_embedding"),
            List.of("max_position_embeddings", "model_max_length", "n_positions"),
            List.of("head_dim", "attention_head_dim"),
            List.of("in_channels", "in_chans"),
            List.of("hidden_size", "vt_hidden_size"),
            List.of("num_hidden_layers", "vt_num_hidden_layers"),
            List.of("num_attention_heads", "vt_num_attention_heads"),
            List.of("intermediate_size", "vt_intermediate_size"),
            List.of("pos_emb_height", "init_pos_emb_height"),
            List.of("pos_emb_width", "init_pos_emb_width"),
            List.of("moe_layer_freq", "decoder_moe_layer_freq"));

    private Synonyms() {}

    /// The other names of a key.
    public static List<String> of(String key) {
        return SETS.stream()
                .filter(set -> set.contains(key))
                .flatMap(List::stream)
                .filter(name -> !name.equals(key))
                .toList();
    }
}
