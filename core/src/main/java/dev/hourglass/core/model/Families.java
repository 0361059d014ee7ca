package dev.hourglass.core.model;

import dev.hourglass.core.model.Blocks.GroupedAttention;
import dev.hourglass.core.model.Blocks.Latent;
import dev.hourglass.core.model.Blocks.Mixture;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The families that are understood, each a description: names, key aliases, and a recipe that
/// composes layers of [Blocks]. Defaults of absent keys stand in `defaults.json`.
///
/// A new family is one entry here, its defaults there, and its recorded counts beside the tests.
final class Families {
    private static final Map<String, String> EXPERTS = Map.of("num_experts", "num_local_experts");
    private static final Map<String, String> ROUTED = Map.of("n_routed_experts", "num_local_experts");

    private static final List<Family> ALL = List.of(
            new Family("llama", List.of("llama"), "LlamaForCausalLM", Families::llama),
            new Family("mistral", List.of("mistral"), "MistralForCausalLM", Families::mistral),
            new Family("qwen2", List.of("qwen2"), "Qwen2ForCausalLM", Families::qwen2),
            new Family("qwen3", List.of("qwen3"), "Qwen3ForCausalLM", Families::qwen3),
            new Family("qwen2_moe", List.of("qwen2_moe"), "Qwen2MoeForCausalLM", EXPERTS, Families::qwen2Moe),
            new Family("qwen3_moe", List.of("qwen3_moe"), "Qwen3MoeForCausalLM", EXPERTS, Families::qwen3Moe),
            new Family("mixtral", List.of("mixtral"), "MixtralForCausalLM", Families::mixtral),
            new Family(
                    "gpt_oss",
                    List.of("gpt_oss"),
                    "GptOssForCausalLM",
                    Map.of("num_local_experts", "num_experts"),
                    Families::gptOss),
            new Family("glm4_moe", List.of("glm4_moe"), "Glm4MoeForCausalLM", ROUTED, Families::glm4Moe),
            new Family("deepseek_v2", List.of("deepseek_v2"), "DeepseekV2ForCausalLM", ROUTED, Families::deepseekV2),
            new Family(
                    "deepseek_v3",
                    List.of("deepseek_v3", "kimi_k2"),
                    "DeepseekV3ForCausalLM",
                    ROUTED,
                    Families::deepseekV3),
            new Family("gemma3_text", List.of("gemma3_text"), "Gemma3ForCausalLM", Families::gemma3Text),
            new Family("gemma3", List.of("gemma3"), "Gemma3ForConditionalGeneration", Families::gemma3),
            new Family("qwen3_next", List.of("qwen3_next"), "Qwen3NextForCausalLM", EXPERTS, Families::qwen3Next),
            new Family("qwen3_vl", List.of("qwen3_vl"), "Qwen3VLForConditionalGeneration", Families::qwen3Vl),
            new Family(
                    "qwen3_vl_moe",
                    List.of("qwen3_vl_moe"),
                    "Qwen3VLMoeForConditionalGeneration",
                    EXPERTS,
                    Families::qwen3VlMoe),
            new Family("mamba2", List.of("mamba2"), "Mamba2ForCausalLM", Families::mamba2),
            new Family("whisper", List.of("whisper"), "WhisperForConditionalGeneration", Families::whisper));

    private Families() {}

    static List<Family> all() {
        return ALL;
    }

    /// The family of a `model_type`.
    static Optional<Family> ofType(String modelType) {
        return ALL.stream()
                .filter(family -> family.modelTypes().contains(modelType))
                .findFirst();
    }

    /// The family of a class name.
    static Optional<Family> ofArchitecture(String architecture) {
        return ALL.stream()
                .filter(family -> family.architecture().equals(architecture))
                .findFirst();
    }

    private static Decoder llama(Keys k) {
        boolean bias = k.flag("attention_bias");
        return Decoder.of(k)
                .rotary(k)
                .dense(attention(k, bias, bias, false), k.positive("intermediate_size"), k.flag("mlp_bias"));
    }

    private static Decoder mistral(Keys k) {
        GroupedAttention attention = attention(k, false, false, false).windowed(Windows.everywhere(k));
        return Decoder.of(k).rotary(k).dense(attention, k.positive("intermediate_size"), false);
    }

    private static Decoder qwen2(Keys k) {
        return qwen(k, attention(k, true, false, false));
    }

    private static Decoder qwen3(Keys k) {
        boolean bias = k.flag("attention_bias");
        return qwen(k, attention(k, bias, bias, true));
    }

    private static Decoder qwen(Keys k, GroupedAttention attention) {
        Decoder decoder = Decoder.of(k).rotary(k);
        Windows windows = Windows.above(k, decoder.layers());
        long intermediate = k.positive("intermediate_size");
        return decoder.layers(
                layer -> attention.windowed(windows.at(layer)).operators(Decoder.ATTENTION),
                layer -> decoder.gated(intermediate, false));
    }

    private static Decoder qwen2Moe(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        boolean bias = k.flag("qkv_bias");
        GroupedAttention attention = attention(k, bias, false, false);
        Windows windows = Windows.below(k, decoder.layers());
        return decoder.layers(
                layer -> attention.windowed(windows.at(layer)).operators(Decoder.ATTENTION),
                Sparse.of(k).feed(decoder, mixture(k, k.positive("shared_expert_intermediate_size"))));
    }

    private static Decoder qwen3Moe(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        boolean bias = k.flag("attention_bias");
        GroupedAttention attention = attention(k, bias, bias, true).windowed(Windows.everywhereIfUsed(k));
        return decoder.layers(
                layer -> attention.operators(Decoder.ATTENTION), Sparse.of(k).feed(decoder, mixture(k, 0)));
    }

    private static Decoder mixtral(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        GroupedAttention attention = attention(k, false, false, false).windowed(Windows.everywhere(k));
        Mixture mixture = new Mixture(
                "gate",
                decoder.hidden(),
                k.positive("num_local_experts"),
                chosen(k, k.positive("num_local_experts")),
                k.positive("intermediate_size"),
                false,
                "",
                0,
                false,
                false);
        return decoder.layers(
                layer -> attention.operators(Decoder.ATTENTION), layer -> mixture.operators(Decoder.FEED));
    }

    private static Decoder gptOss(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        boolean bias = k.flag("attention_bias");
        GroupedAttention plain = attention(k, bias, bias, false);
        GroupedAttention attention = new GroupedAttention(
                plain.hidden(), plain.heads(), plain.keyHeads(), plain.headDim(), bias, bias, false, false, true, 0);
        Windows windows = Windows.alternating(k, decoder.layers());
        Mixture mixture = new Mixture(
                "router",
                decoder.hidden(),
                k.positive("num_local_experts"),
                chosen(k, k.positive("num_local_experts")),
                k.positive("intermediate_size"),
                true,
                "",
                0,
                false,
                false);
        return decoder.layers(
                layer -> attention.windowed(windows.at(layer)).operators(Decoder.ATTENTION),
                layer -> mixture.operators(Decoder.FEED));
    }

    private static Decoder glm4Moe(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        GroupedAttention attention = attention(k, k.flag("attention_bias"), false, k.flag("use_qk_norm"));
        return decoder.layers(layer -> attention.operators(Decoder.ATTENTION), grouped(k, decoder, false));
    }

    private static Decoder deepseekV2(Keys k) {
        return latent(k, k.flag("mlp_bias"));
    }

    private static Decoder deepseekV3(Keys k) {
        return latent(k, false);
    }

    private static Decoder latent(Keys k, boolean mlpBias) {
        Decoder decoder = Decoder.of(k);
        Latent attention = new Latent(
                decoder.hidden(),
                k.positive("num_attention_heads"),
                k.positive("q_lora_rank", 0),
                k.positive("kv_lora_rank"),
                k.positive("qk_nope_head_dim"),
                k.positive("qk_rope_head_dim"),
                k.positive("v_head_dim"),
                k.flag("attention_bias"));
        k.optional("num_key_value_heads");
        k.optional("head_dim");
        k.expect("moe_layer_freq", 1);
        decoder.rotary(attention.rope());
        return decoder.layers(layer -> attention.operators(Decoder.ATTENTION), grouped(k, decoder, mlpBias));
    }

    /// The feed-forward of DeepSeek and GLM: dense layers first, then experts beside shared ones.
    private static Decoder.PerLayer grouped(Keys k, Decoder decoder, boolean bias) {
        long dense = k.count("first_k_dense_replace").orElse(0);
        long intermediate = k.positive("intermediate_size");
        long expert = k.positive("moe_intermediate_size");
        long shared = k.count("n_shared_experts").orElse(0) * expert;
        Mixture mixture = new Mixture(
                "gate",
                decoder.hidden(),
                k.positive("n_routed_experts"),
                chosen(k, k.positive("n_routed_experts")),
                expert,
                false,
                "shared_experts",
                shared,
                bias,
                false);
        decoder.multiToken(k.count("num_nextn_predict_layers").orElse(0));
        return layer -> layer < dense ? decoder.gated(intermediate, bias) : mixture.operators(Decoder.FEED);
    }

    private static Decoder gemma3Text(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        boolean bias = k.flag("attention_bias");
        GroupedAttention attention = attention(k, bias, bias, true);
        Windows windows = Windows.pattern(k, decoder.layers());
        long intermediate = k.positive("intermediate_size");
        decoder.rotary(attention.headDim());
        decoder.sandwich();
        return decoder.layers(
                layer -> attention.windowed(windows.at(layer)).operators(Decoder.ATTENTION),
                layer -> decoder.gated(intermediate, false));
    }

    private static Decoder gemma3(Keys k) {
        Keys text = k.child("text_config", Defaults.of("gemma3_text"));
        Decoder decoder = gemma3Text(text);
        decoder.tied(k.flag("tie_word_embeddings"));
        return decoder.tower(Vision.siglip(
                k.child("vision_config", Defaults.of("siglip")), k.positive("mm_tokens_per_image"), decoder.hidden()));
    }

    private static Decoder qwen3Next(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        boolean bias = k.flag("attention_bias");
        GroupedAttention plain = attention(k, bias, bias, true);
        GroupedAttention attention = new GroupedAttention(
                plain.hidden(), plain.heads(), plain.keyHeads(), plain.headDim(), bias, bias, true, true, false, 0);
        Operator.DeltaRule core = new Operator.DeltaRule(
                "linear_attn.delta_rule",
                k.positive("linear_num_key_heads"),
                k.positive("linear_num_value_heads"),
                k.positive("linear_key_head_dim"),
                k.positive("linear_value_head_dim"),
                k.positive("linear_conv_kernel_dim"));
        boolean[] linear = Windows.linear(k, decoder.layers());
        k.flag("use_sliding_window");
        return decoder.layers(
                layer -> linear[layer]
                        ? Blocks.deltaNet("linear_attn.", decoder.hidden(), core)
                        : attention.operators(Decoder.ATTENTION),
                Sparse.of(k).feed(decoder, mixture(k, k.positive("shared_expert_intermediate_size"))));
    }

    private static Decoder qwen3Vl(Keys k) {
        Keys text = k.child("text_config", Defaults.of("qwen3_vl_text"));
        boolean bias = text.flag("attention_bias");
        Decoder decoder = Decoder.of(text)
                .rotary(text, 3)
                .dense(attention(text, bias, bias, true), text.positive("intermediate_size"), false);
        return vision(k, text, decoder);
    }

    private static Decoder qwen3VlMoe(Keys k) {
        Keys text = k.child("text_config", Defaults.of("qwen3_vl_moe_text"));
        Decoder decoder = Decoder.of(text).rotary(text, 3);
        boolean bias = text.flag("attention_bias");
        GroupedAttention attention = attention(text, bias, bias, true);
        decoder.layers(
                layer -> attention.operators(Decoder.ATTENTION), Sparse.of(text).feed(decoder, mixture(text, 0)));
        return vision(k, text, decoder);
    }

    private static Decoder vision(Keys k, Keys text, Decoder decoder) {
        text.flag("tie_word_embeddings");
        decoder.tied(k.flag("tie_word_embeddings"));
        return decoder.tower(Vision.qwen3(k.child("vision_config", Defaults.of("qwen3_vl_vision"))));
    }

    private static Decoder mamba2(Keys k) {
        Decoder decoder = Decoder.of(k);
        long inner = (long) (k.real("expand", 2) * decoder.hidden());
        boolean bias = k.flag("use_bias");
        Operator.StateScan core = new Operator.StateScan(
                "mixer.scan",
                k.positive("num_heads"),
                k.positive("head_dim"),
                k.positive("state_size"),
                k.positive("n_groups"),
                k.positive("conv_kernel"),
                k.flag("use_conv_bias"));
        if (core.inner() != inner) {
            throw k.wrong("num_heads", "expand × hidden_size / head_dim = " + inner / core.headWidth());
        }
        return decoder.scans(core, bias);
    }

    private static Decoder whisper(Keys k) {
        return Whisper.of(k);
    }

    private static GroupedAttention attention(Keys k, boolean inBias, boolean outBias, boolean norm) {
        long hidden = k.positive("hidden_size");
        long heads = k.positive("num_attention_heads");
        long keyHeads = k.positive("num_key_value_heads", heads);
        long headDim = k.positive("head_dim", hidden / heads);
        if (keyHeads > heads || heads % keyHeads != 0) {
            throw k.wrong("num_key_value_heads", "a divisor of the " + heads + " query heads");
        }
        if (headDim == 0) {
            throw k.wrong("num_attention_heads", "at most hidden_size = " + hidden);
        }
        return new GroupedAttention(hidden, heads, keyHeads, headDim, inBias, outBias, norm, false, false, 0);
    }

    /// How many of the experts each token uses.
    private static long chosen(Keys k, long experts) {
        long chosen = k.positive("num_experts_per_tok");
        if (chosen > experts) {
            throw k.wrong("num_experts_per_tok", "at most the " + experts + " experts");
        }
        return chosen;
    }

    private static Mixture mixture(Keys k, long shared) {
        return new Mixture(
                "gate",
                k.positive("hidden_size"),
                k.positive("num_experts"),
                chosen(k, k.positive("num_experts")),
                k.positive("moe_intermediate_size"),
                false,
                "shared_expert",
                shared,
                false,
                shared > 0);
    }
}
