package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Scope;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.family.Attend.QueryKeyNorm;
import dev.hourglass.core.model.family.Decoder.Placed;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;

/// Gemma's decoders with an embedding per layer and keys and values shared between layers, and
/// DeepSeek-V4 with several residual streams.
final class LayeredFamilies {
    static final List<Family> ALL = List.of(
            new Family("gemma3n_text", List.of("gemma3n_text"), "Gemma3nForCausalLM", LayeredFamilies::gemma3n),
            new Family("gemma4_text", List.of("gemma4_text"), "Gemma4ForCausalLM", LayeredFamilies::gemma4),
            new Family("deepseek_v4", List.of("deepseek_v4"), "DeepseekV4ForCausalLM", LayeredFamilies::deepseekV4));

    private static final String INTERMEDIATE = "intermediate_size";

    private LayeredFamilies() {}

    /// An embedding of its own for each layer, projected to `width` per layer.
    private static void perLayerEmbedding(Keys k, Decoder decoder, long width) {
        long all = decoder.layers() * width;
        long rows = k.positive("vocab_size_per_layer_input");
        decoder.before(new Operator.Lookup("embed_tokens_per_layer", Group.EMBED, rows, all))
                .before(other("per_layer_model_projection", decoder.hidden(), all))
                .before(Blocks.Normed.SCALE.over("per_layer_projection_norm", width, decoder.layers()));
    }

    /// What a layer does with its part of that embedding.
    private static List<Operator> perLayerInput(long hidden, long width) {
        return width == 0
                ? List.of()
                : List.of(
                        other("per_layer_input_gate", hidden, width),
                        other("per_layer_projection", width, hidden),
                        Blocks.norm("post_per_layer_input_norm", hidden));
    }

    private static Operator other(String name, long inputs, long outputs) {
        return Blocks.linear(name, Group.OTHER, inputs, outputs, false, Split.NONE);
    }

    private static Decoder gemma3n(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k).norms(Placed.SANDWICH);
        long hidden = decoder.hidden();
        long streams = k.positive("altup_num_inputs");
        long width = k.positive("hidden_size_per_layer_input");
        perLayerEmbedding(k, decoder, width);
        for (long stream = 1; stream < streams; stream++) {
            decoder.before(other("altup_projections." + (stream - 1), hidden, hidden));
            decoder.behind(other("altup_unembed_projections." + (stream - 1), hidden, hidden));
        }
        boolean bias = k.flag("attention_bias");
        Attend attend = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD);
        Windows windows = Windows.sliding(k, decoder.layers(), Windows.width(k), layer -> (layer + 1) % 5 != 0);
        long own = decoder.layers() - k.count("num_kv_shared_layers").orElse(0);
        List<Operator> around = altUp(hidden, streams, k.positive("laurel_rank"));
        List<Long> each = k.isArray(INTERMEDIATE) ? LayerKinds.numbers(k, INTERMEDIATE, decoder.layers()) : List.of();
        return decoder.layers(
                layer -> {
                    List<Operator> ops = new ArrayList<>(around);
                    ops.addAll(sharing(attend, windows.at(layer), layer < own));
                    return ops;
                },
                layer -> {
                    List<Operator> ops = new ArrayList<>(
                            decoder.gated(each.isEmpty() ? k.positive(INTERMEDIATE) : each.get(layer), false));
                    ops.addAll(perLayerInput(hidden, width));
                    return ops;
                });
    }

    private static List<Operator> sharing(Attend attend, Reach reach, boolean own) {
        return own ? attend.at(Decoder.ATTENTION, reach) : attend.borrowing(Decoder.ATTENTION, reach);
    }

    /// The alternating update of several streams, its router run before and behind the layer, and the
    /// learned residual of low rank.
    private static List<Operator> altUp(long hidden, long streams, long rank) {
        Scope each = new Scope.EachToken();
        return List.of(
                new Operator.Constant("altup.correct_output_scale", Group.OTHER, hidden),
                other("altup.correction_coefs", streams, streams),
                other("altup.prediction_coefs", streams, streams * streams),
                other("altup.modality_router", hidden, streams),
                new Operator.Product("altup.modality_router.again", Group.OTHER, hidden, streams, each),
                new Operator.Product("altup.predictions", Group.OTHER, streams, streams * hidden, each),
                Blocks.norm("altup.router_norm", hidden),
                other("laurel.linear_left", hidden, rank),
                other("laurel.linear_right", rank, hidden),
                Blocks.norm("laurel.post_laurel_norm", hidden));
    }

    /// Full layers have heads, widths and values of their own.
    static Decoder gemma4(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k).norms(Placed.SANDWICH);
        long hidden = decoder.hidden();
        long width = k.count("hidden_size_per_layer_input").orElse(0);
        if (width > 0) {
            perLayerEmbedding(k, decoder, width);
        }
        k.has("vocab_size_per_layer_input");
        boolean bias = k.flag("attention_bias");
        boolean valueIsKey = k.flag("attention_k_eq_v");
        Attend slide = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD);
        long keyHeads = k.positive("num_key_value_heads");
        long global = k.positive("num_global_key_value_heads", keyHeads);
        Attend full = Attend.of(
                        hidden, k.positive("num_attention_heads"), k.positive("global_head_dim", slide.keyWidth()))
                .keyHeads(valueIsKey ? global : keyHeads)
                .bias(bias, bias)
                .norm(QueryKeyNorm.HEAD)
                .valueIsKey(valueIsKey);
        int last = decoder.layers() - 1;
        Windows windows =
                Windows.sliding(k, decoder.layers(), Windows.width(k), layer -> (layer + 1) % 6 != 0 && layer != last);
        long own = decoder.layers() - k.count("num_kv_shared_layers").orElse(0);
        decoder.shortenedFrom(own);
        boolean doubled = k.flag("use_double_wide_mlp");
        long intermediate = k.positive(INTERMEDIATE);
        List<Operator> experts = k.flag("enable_moe_block") ? gemmaExperts(k, hidden) : List.of();
        return decoder.layers(
                layer -> sharing(windows.at(layer) instanceof Reach.All ? full : slide, windows.at(layer), layer < own),
                layer -> {
                    List<Operator> ops = new ArrayList<>(
                            decoder.gated(doubled && layer >= own ? 2 * intermediate : intermediate, false));
                    ops.addAll(experts);
                    ops.addAll(perLayerInput(hidden, width));
                    return ops;
                });
    }

    /// Experts beside the feed-forward, with norms and scales of their own.
    private static List<Operator> gemmaExperts(Keys k, long hidden) {
        List<Operator> ops = new ArrayList<>(Mixture.of(k).router("router.proj").at(""));
        ops.add(new Operator.Constant("router.scale", Group.ROUTER, hidden));
        ops.add(new Operator.Constant("router.per_expert_scale", Group.ROUTER, k.positive("num_experts")));
        ops.add(Blocks.norm("post_feedforward_layernorm_1", hidden));
        ops.add(Blocks.norm("post_feedforward_layernorm_2", hidden));
        ops.add(Blocks.norm("pre_feedforward_layernorm_2", hidden));
        return ops;
    }

    private static Decoder deepseekV4(Keys k) {
        Decoder decoder = Decoder.of(k);
        CompressedAttention attention = new CompressedAttention(k);
        decoder.rotary(k.positive("qk_rope_head_dim", k.positive("head_dim")));
        List<String> kinds = CompressedAttention.kinds(k, decoder.layers());
        long streams = k.positive("hc_mult");
        long wide = streams * decoder.hidden();
        Mixture mixture =
                Mixture.of(k).shared(k.count("n_shared_experts").orElse(0) * k.positive("moe_intermediate_size"));
        k.count("num_hash_layers");
        k.texts("mlp_layer_types");
        decoder.multiToken(k.count("num_nextn_predict_layers").orElse(0));
        decoder.layers(
                layer -> {
                    List<Operator> ops = new ArrayList<>(mixing("attn_hc.", streams, decoder.hidden()));
                    ops.addAll(attention.at(Decoder.ATTENTION, kinds.get(layer)));
                    return ops;
                },
                layer -> {
                    List<Operator> ops = new ArrayList<>(mixing("ffn_hc.", streams, decoder.hidden()));
                    ops.addAll(mixture.at(Decoder.FEED));
                    return ops;
                });
        return decoder.behind(other("hc_head.hc_fn", wide, streams))
                .behind(new Operator.Constant("hc_head.hc_base", Group.OTHER, streams + 1));
    }

    /// How streams are joined into a block's input, and mixed with its output.
    private static List<Operator> mixing(String prefix, long streams, long hidden) {
        long weights = (2 + streams) * streams;
        return List.of(
                other(prefix + "fn", streams * hidden, weights),
                new Operator.Constant(prefix + "base", Group.OTHER, weights + 3),
                new Operator.Product(prefix + "mix", Group.OTHER, streams, streams * hidden, new Scope.EachToken()));
    }
}
