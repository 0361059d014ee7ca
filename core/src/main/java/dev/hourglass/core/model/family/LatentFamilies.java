package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.family.Blocks.Latent;
import dev.hourglass.core.model.keys.Keys;
import java.util.List;
import java.util.function.IntPredicate;

/// Decoders of latent attention, whole or confined to what an indexer chooses, with experts.
final class LatentFamilies {
    static final List<Family> ALL = List.of(
            new Family("deepseek_v2", List.of("deepseek_v2"), "DeepseekV2ForCausalLM", LatentFamilies::deepseekV2),
            new Family(
                    "deepseek_v3", List.of("deepseek_v3", "kimi_k2"), "DeepseekV3ForCausalLM", LatentFamilies::latent),
            new Family("deepseek_v32", List.of("deepseek_v32"), "DeepseekV32ForCausalLM", LatentFamilies::indexed),
            new Family("glm_moe_dsa", List.of("glm_moe_dsa"), "GlmMoeDsaForCausalLM", LatentFamilies::indexed),
            new Family("glm4_moe_lite", List.of("glm4_moe_lite"), "Glm4MoeLiteForCausalLM", LatentFamilies::latent),
            new Family("mistral4", List.of("mistral4"), "Mistral4ForCausalLM", LatentFamilies::latent));

    private LatentFamilies() {}

    private static Decoder deepseekV2(Keys k) {
        return built(k, k.flag("mlp_bias"), layer -> List.of(), 0);
    }

    private static Decoder latent(Keys k) {
        return built(k, false, layer -> List.of(), 0);
    }

    /// Layers whose attention sees what an indexer leaves: their own, or the one of a layer before.
    private static Decoder indexed(Keys k) {
        Latent attention = Latent.of(k);
        int layers = (int) Decoder.layers(k, "num_hidden_layers");
        IntPredicate own = ownIndexer(k, layers);
        List<Operator> indexer = attention.indexer(
                Decoder.ATTENTION + "indexer.", k.positive("index_n_heads"), k.positive("index_head_dim"));
        LayerKinds.listed(k, "layer_types", layers, List.of("indexed_attention"));
        k.optional("moe_layer_freq");
        return built(k, k.flag("mlp_bias"), layer -> own.test(layer) ? indexer : List.of(), k.positive("index_topk"));
    }

    /// Which layers have an indexer: as listed, by the letters of a pattern, or each n-th from some
    /// layer on.
    private static IntPredicate ownIndexer(Keys k, int layers) {
        List<String> types = LayerKinds.listed(k, "indexer_types", layers, List.of("full", "shared"));
        long every = Math.max(1, k.count("index_topk_freq").orElse(1));
        long offset = k.count("index_skip_topk_offset").orElse(2);
        String pattern = k.text("index_topk_pattern").orElse("");
        if (!types.isEmpty()) {
            return layer -> types.get(layer).equals("full");
        }
        return pattern.length() == layers
                ? layer -> pattern.charAt(layer) == 'F'
                : layer -> Math.max(layer - offset + 1, 0) % every == 0;
    }

    private static Decoder built(Keys k, boolean bias, Decoder.PerLayer indexer, long top) {
        Decoder decoder = Decoder.of(k);
        Latent attention = Latent.of(k);
        decoder.rotary(attention.rope());
        long intermediate = k.positive("intermediate_size");
        long expert = k.positive("moe_intermediate_size");
        Mixture mixture = Mixture.of(k)
                .shared("shared_experts", k.count("n_shared_experts").orElse(0) * expert, bias);
        IntPredicate sparse = LayerKinds.sparse(k, decoder.layers(), 0);
        decoder.multiToken(k.count("num_nextn_predict_layers").orElse(0));
        return decoder.layers(
                layer -> attention.operators(Decoder.ATTENTION, top, indexer.at(layer)),
                layer -> sparse.test(layer) ? mixture.at(Decoder.FEED) : decoder.gated(intermediate, bias));
    }
}
