package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.family.Attend.Gate;
import dev.hourglass.core.model.family.Attend.QueryKeyNorm;
import dev.hourglass.core.model.family.Blocks.Normed;
import dev.hourglass.core.model.family.Decoder.Placed;
import dev.hourglass.core.model.keys.Keys;
import java.util.List;
import java.util.function.IntPredicate;

/// Decoders of grouped-query attention and a mixture of experts, in some layers or in all.
final class MixedFamilies {
    static final List<Family> ALL = List.of(
            new Family("qwen2_moe", List.of("qwen2_moe"), "Qwen2MoeForCausalLM", MixedFamilies::qwen2),
            new Family("qwen3_moe", List.of("qwen3_moe"), "Qwen3MoeForCausalLM", MixedFamilies::qwen3),
            new Family("mixtral", List.of("mixtral"), "MixtralForCausalLM", MixedFamilies::mixtral),
            new Family("gpt_oss", List.of("gpt_oss"), "GptOssForCausalLM", MixedFamilies::gptOss),
            new Family("glm4_moe", List.of("glm4_moe"), "Glm4MoeForCausalLM", MixedFamilies::glm4),
            new Family("minimax_m2", List.of("minimax_m2"), "MiniMaxM2ForCausalLM", MixedFamilies::minimax),
            new Family("phimoe", List.of("phimoe"), "PhimoeForCausalLM", MixedFamilies::phi),
            new Family(
                    "granitemoe",
                    List.of("granitemoe", "granitemoeshared"),
                    "GraniteMoeForCausalLM",
                    MixedFamilies::granite),
            new Family("ernie4_5_moe", List.of("ernie4_5_moe"), "Ernie4_5_MoeForCausalLM", MixedFamilies::ernie),
            new Family("olmoe", List.of("olmoe"), "OlmoeForCausalLM", MixedFamilies::olmoe),
            new Family("flex_olmo", List.of("flex_olmo"), "FlexOlmoForCausalLM", MixedFamilies::flexOlmo),
            new Family("dots1", List.of("dots1"), "Dots1ForCausalLM", MixedFamilies::dots),
            new Family(
                    "bailing_moe",
                    List.of("bailing_moe", "bailing_moe_v2", "bailing_moe_v2_5"),
                    "BailingMoeV2ForCausalLM",
                    MixedFamilies::bailing),
            new Family("exaone_moe", List.of("exaone_moe"), "ExaoneMoeForCausalLM", MixedFamilies::exaone),
            new Family("hunyuan_v1_moe", List.of("hunyuan_v1_moe"), "HunYuanMoEV1ForCausalLM", MixedFamilies::hunyuan),
            new Family("hy_v3", List.of("hy_v3"), "HYV3ForCausalLM", MixedFamilies::hunyuan3),
            new Family("solar_open", List.of("solar_open"), "SolarOpenForCausalLM", MixedFamilies::solar),
            new Family("afmoe", List.of("afmoe"), "AfmoeForCausalLM", MixedFamilies::afmoe),
            new Family(
                    "mimo_v2_flash",
                    List.of("mimo_v2_flash", "mimo_v2"),
                    "MiMoV2FlashForCausalLM",
                    MixedFamilies::mimo),
            new Family("llama4_text", List.of("llama4_text"), "Llama4ForCausalLM", MixedFamilies::llama4));

    private static final String INTERMEDIATE = "intermediate_size";
    private static final String EXPERT = "moe_intermediate_size";

    private MixedFamilies() {}

    /// Attention as windows say, experts where the predicate holds, a gated feed-forward elsewhere.
    static Decoder mixed(Keys k, Decoder decoder, Layers layers) {
        long intermediate = k.count(INTERMEDIATE).orElse(0);
        return decoder.layers(
                layer -> layers.attend().at(Decoder.ATTENTION, layers.windows().at(layer)),
                layer -> layers.sparse().test(layer)
                        ? layers.mixture().at(Decoder.FEED)
                        : decoder.gated(intermediate, layers.bias()));
    }

    /// What the layers of a mixture are made of.
    ///
    /// @param sparse which layers have experts
    /// @param bias of the dense feed-forward
    record Layers(Attend attend, Windows windows, Mixture mixture, IntPredicate sparse, boolean bias) {
        Layers(Attend attend, Windows windows, Mixture mixture, IntPredicate sparse) {
            this(attend, windows, mixture, sparse, false);
        }

        /// Experts in every layer.
        Layers(Attend attend, Windows windows, Mixture mixture) {
            this(attend, windows, mixture, layer -> true, false);
        }
    }

    private static Decoder qwen2(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        Attend attend = Attend.of(k).bias(k.flag("qkv_bias"), false);
        Mixture mixture = Mixture.of(k)
                .shared("shared_expert", k.positive("shared_expert_intermediate_size"), false)
                .sharedGate();
        return mixed(
                k, decoder, new Layers(attend, Windows.below(k, decoder.layers()), mixture, LayerKinds.sparseSteps(k)));
    }

    private static Decoder qwen3(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        k.flag("use_qk_norm");
        Attend attend = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD);
        return mixed(
                k,
                decoder,
                new Layers(
                        attend,
                        Windows.everywhereIfUsed(k, decoder.layers()),
                        Mixture.of(k),
                        LayerKinds.sparseSteps(k)));
    }

    private static Decoder mixtral(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        return mixed(
                k,
                decoder,
                new Layers(Attend.of(k), Windows.everywhere(k, decoder.layers()), Mixture.of(k, INTERMEDIATE)));
    }

    private static Decoder gptOss(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        Attend attend = Attend.of(k).bias(bias, bias).sinks(true);
        Mixture mixture = Mixture.of(k, INTERMEDIATE).router("router").biased();
        return mixed(k, decoder, new Layers(attend, Windows.alternating(k, decoder.layers()), mixture));
    }

    /// Dense layers first, then experts beside shared ones.
    private static Decoder grouped(Keys k, Attend attend, Windows windows, IntPredicate sparse) {
        Decoder decoder = Decoder.of(k).rotary(k);
        Mixture mixture = Mixture.of(k).shared(k.count("n_shared_experts").orElse(0) * k.positive(EXPERT));
        decoder.multiToken(k.count("num_nextn_predict_layers").orElse(0));
        return mixed(k, decoder, new Layers(attend, windows, mixture, sparse));
    }

    private static int count(Keys k) {
        return (int) Decoder.layers(k, "num_hidden_layers");
    }

    static Decoder glm4(Keys k) {
        Attend attend = Attend.of(k).bias(k.flag("attention_bias"), false);
        if (k.flag("use_qk_norm")) {
            attend.norm(QueryKeyNorm.HEAD);
        }
        return grouped(k, attend, Windows.full(count(k)), LayerKinds.sparse(k, count(k), 0));
    }

    private static Decoder minimax(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        k.flag("use_qk_norm");
        k.flag("use_routing_bias");
        k.expect("shared_intermediate_size", 0);
        k.expectAll("attn_type_list", 1);
        k.optional("rotary_dim");
        k.text("qk_norm_type");
        k.count("mtp_transformer_layers");
        if (k.flag("use_mtp")) {
            decoder.multiToken(k.count("num_mtp_modules").orElse(0));
        }
        Attend attend = Attend.of(k).norm(QueryKeyNorm.WIDE);
        return mixed(k, decoder, new Layers(attend, Windows.full(decoder.layers()), Mixture.of(k, INTERMEDIATE)));
    }

    private static Decoder phi(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder =
                Decoder.of(k).rotary(k).norms(Normed.SCALE_AND_OFFSET, "norm").headBias(k.flag("lm_head_bias"));
        return mixed(
                k,
                decoder,
                new Layers(
                        Attend.of(k).bias(bias, bias),
                        Windows.everywhere(k, decoder.layers()),
                        Mixture.of(k, INTERMEDIATE).router("router")));
    }

    private static Decoder granite(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        Mixture mixture = Mixture.of(k, INTERMEDIATE)
                .router("router")
                .shared("shared_mlp", k.count("shared_intermediate_size").orElse(0), false);
        return mixed(k, decoder, new Layers(Attend.of(k).bias(bias, bias), Windows.full(decoder.layers()), mixture));
    }

    private static Decoder ernie(Keys k) {
        boolean bias = k.flag("use_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        long interval = k.positive("moe_layer_interval");
        long from = k.count("moe_layer_start_index").orElse(0);
        long to = last(k, decoder.layers());
        Mixture mixture = Mixture.of(k)
                .corrected()
                .shared("shared_experts", k.count("n_shared_experts").orElse(0) * k.positive(EXPERT), bias);
        decoder.multiToken(k.count("num_nextn_predict_layers").orElse(0));
        return mixed(
                k,
                decoder,
                new Layers(
                        Attend.of(k).bias(bias, bias),
                        Windows.full(decoder.layers()),
                        mixture,
                        layer -> (layer + 1) % interval == 0 && layer >= from && layer <= to,
                        bias));
    }

    /// -1 stands for the last layer.
    private static long last(Keys k, int layers) {
        return k.real("moe_layer_end_index", -1) < 0
                ? layers - 1
                : k.count("moe_layer_end_index").orElse(0);
    }

    private static Decoder olmoe(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        Attend attend = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.WIDE);
        return mixed(k, decoder, new Layers(attend, Windows.full(decoder.layers()), Mixture.of(k, INTERMEDIATE)));
    }

    private static Decoder flexOlmo(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k).norms(Placed.BEHIND);
        boolean bias = k.flag("attention_bias");
        Attend attend = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.WIDE);
        return mixed(k, decoder, new Layers(attend, Windows.full(decoder.layers()), Mixture.of(k, INTERMEDIATE)));
    }

    private static Decoder dots(Keys k) {
        boolean bias = k.flag("attention_bias");
        int layers = count(k);
        long from = k.count("max_window_layers").orElse(layers);
        return grouped(
                k,
                Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD),
                Windows.sliding(k, layers, Windows.width(k), layer -> layer >= from && Windows.width(k) > 0),
                LayerKinds.sparse(k, layers, 0));
    }

    /// Ling and Ring: as published with the models; Transformers has no class of its own for them.
    private static Decoder bailing(Keys k) {
        Attend attend =
                Attend.of(k).bias(k.flag("use_qkv_bias"), k.flag("use_bias")).output("dense");
        if (k.flag("use_qk_norm")) {
            attend.norm(QueryKeyNorm.HEAD);
        }
        k.expect("moe_shared_expert_intermediate_size", k.positive(EXPERT));
        k.flag("moe_router_enable_expert_bias");
        return grouped(k, attend, Windows.full(count(k)), LayerKinds.sparse(k, count(k), 0));
    }

    private static Decoder exaone(Keys k) {
        int layers = count(k);
        return grouped(
                k, Attend.of(k).norm(QueryKeyNorm.HEAD), Windows.pattern(k, layers), LayerKinds.sparse(k, layers, 0));
    }

    private static Decoder hunyuan(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        Mixture mixture = Mixture.of(k, INTERMEDIATE).router("gate.wg");
        mixture.shared("shared_mlp", k.positive(INTERMEDIATE), false);
        Attend attend = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD);
        return mixed(k, decoder, new Layers(attend, Windows.full(decoder.layers()), mixture));
    }

    private static Decoder hunyuan3(Keys k) {
        boolean bias = k.flag("attention_bias");
        return grouped(
                k,
                Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD),
                Windows.full(count(k)),
                LayerKinds.sparse(k, count(k), 1));
    }

    private static Decoder solar(Keys k) {
        boolean bias = k.flag("attention_bias");
        return grouped(k, Attend.of(k).bias(bias, false), Windows.full(count(k)), layer -> true);
    }

    private static Decoder afmoe(Keys k) {
        Decoder decoder = Decoder.of(k)
                .rotary(k)
                .norms(new Placed(
                        List.of("input_layernorm"),
                        List.of("post_attention_layernorm", "pre_mlp_layernorm"),
                        List.of("post_mlp_layernorm")));
        long global = k.positive("global_attn_every_n_layers");
        long dense = k.count("num_dense_layers").orElse(0);
        Mixture mixture = Mixture.of(k)
                .router("router.gate")
                .corrected()
                .shared(k.count("n_shared_experts").orElse(0) * k.positive(EXPERT));
        return mixed(
                k,
                decoder,
                new Layers(
                        Attend.of(k).norm(QueryKeyNorm.HEAD).gate(Gate.OWN),
                        Windows.sliding(k, decoder.layers(), Windows.width(k), layer -> (layer + 1) % global != 0),
                        mixture,
                        layer -> layer >= dense));
    }

    /// Sliding layers have key/value heads, widths and sinks of their own.
    private static Decoder mimo(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        boolean bias = k.flag("attention_bias");
        Attend full = Attend.of(k).bias(bias, false).valueWidth(k.positive("v_head_dim"));
        long fewer = k.positive("num_key_value_heads");
        long width = k.positive("swa_head_dim", full.keyWidth());
        Attend slide = Attend.of(
                        decoder.hidden(),
                        k.positive("swa_num_attention_heads", k.positive("num_attention_heads")),
                        width)
                .keyHeads(k.positive("swa_num_key_value_heads", 2 * fewer))
                .valueWidth(k.positive("swa_v_head_dim", k.positive("v_head_dim")))
                .bias(bias, false)
                .sinks(k.flag("add_swa_attention_sink_bias", true));
        full.sinks(k.flag("add_full_attention_sink_bias"));
        long window = k.has("sliding_window_size") ? k.positive("sliding_window_size") + 1 : Windows.width(k);
        k.optional("sliding_window");
        k.optional("attention_chunk_size");
        List<Long> pattern = LayerKinds.numbers(k, "hybrid_layer_pattern", decoder.layers());
        Windows windows = Windows.sliding(
                k,
                decoder.layers(),
                window,
                layer -> pattern.isEmpty() ? layer > 0 && (layer + 1) % 6 != 0 : pattern.get(layer) == 1);
        IntPredicate sparse = LayerKinds.sparse(k, decoder.layers(), 1);
        Mixture mixture = Mixture.of(k).shared(k.count("n_shared_experts").orElse(0) * k.positive(EXPERT));
        long intermediate = k.positive(INTERMEDIATE);
        return decoder.layers(
                layer -> (windows.at(layer) instanceof Reach.All ? full : slide)
                        .at(Decoder.ATTENTION, windows.at(layer)),
                layer -> sparse.test(layer) ? mixture.at(Decoder.FEED) : decoder.gated(intermediate, false));
    }

    static Decoder llama4(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        boolean bias = k.flag("attention_bias");
        List<Long> rotated = LayerKinds.numbers(k, "no_rope_layers", decoder.layers());
        long interval = k.positive("no_rope_layer_interval");
        Windows windows = Windows.chunked(
                k,
                decoder.layers(),
                k.optional("attention_chunk_size").orElse(0),
                layer -> rotated.isEmpty() ? (layer + 1) % interval != 0 : rotated.get(layer) == 1);
        k.flag("use_qk_norm");
        List<Long> listed = k.counts("moe_layers");
        long step = k.positive("interleave_moe_layer_step");
        Mixture mixture = Mixture.of(k, INTERMEDIATE)
                .router("router")
                .allEager()
                .shared("shared_expert", k.positive(INTERMEDIATE), false);
        Attend attend = Attend.of(k).bias(bias, bias);
        long dense = k.positive("intermediate_size_mlp");
        return decoder.layers(
                layer -> attend.at(Decoder.ATTENTION, windows.at(layer)),
                layer -> (k.has("moe_layers") ? listed.contains((long) layer) : (layer + 1) % step == 0)
                        ? mixture.at("feed_forward.")
                        : Blocks.gated("feed_forward.", Group.MLP, decoder.hidden(), dense, false));
    }
}
