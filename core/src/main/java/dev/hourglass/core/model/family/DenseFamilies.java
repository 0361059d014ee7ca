package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.family.Attend.QueryKeyNorm;
import dev.hourglass.core.model.family.Blocks.Normed;
import dev.hourglass.core.model.family.Decoder.Placed;
import dev.hourglass.core.model.keys.Keys;
import java.util.List;

/// Decoders of attention and a feed-forward that every token passes.
final class DenseFamilies {
    static final List<Family> ALL = List.of(
            new Family("llama", List.of("llama"), "LlamaForCausalLM", DenseFamilies::llama),
            new Family("mistral", List.of("mistral"), "MistralForCausalLM", DenseFamilies::mistral),
            new Family("ministral3", List.of("ministral3"), "Ministral3ForCausalLM", DenseFamilies::mistral),
            new Family("qwen2", List.of("qwen2", "mimo"), "Qwen2ForCausalLM", DenseFamilies::qwen2),
            new Family("qwen3", List.of("qwen3"), "Qwen3ForCausalLM", DenseFamilies::qwen3),
            new Family("gemma", List.of("gemma"), "GemmaForCausalLM", DenseFamilies::llama),
            new Family("gemma2", List.of("gemma2"), "Gemma2ForCausalLM", DenseFamilies::gemma2),
            new Family("gemma3_text", List.of("gemma3_text"), "Gemma3ForCausalLM", DenseFamilies::gemma3Text),
            new Family("phi", List.of("phi"), "PhiForCausalLM", DenseFamilies::phi),
            new Family("phi3", List.of("phi3"), "Phi3ForCausalLM", DenseFamilies::mistral),
            new Family("smollm3", List.of("smollm3"), "SmolLM3ForCausalLM", DenseFamilies::smollm3),
            new Family("granite", List.of("granite"), "GraniteForCausalLM", DenseFamilies::llama),
            new Family("ernie4_5", List.of("ernie4_5"), "Ernie4_5ForCausalLM", DenseFamilies::ernie),
            new Family("exaone4", List.of("exaone4"), "Exaone4ForCausalLM", DenseFamilies::exaone4),
            new Family("seed_oss", List.of("seed_oss"), "SeedOssForCausalLM", DenseFamilies::seedOss),
            new Family("olmo", List.of("olmo"), "OlmoForCausalLM", DenseFamilies::olmo),
            new Family("olmo2", List.of("olmo2"), "Olmo2ForCausalLM", DenseFamilies::olmo2),
            new Family("olmo3", List.of("olmo3"), "Olmo3ForCausalLM", DenseFamilies::olmo3),
            new Family("cohere", List.of("cohere"), "CohereForCausalLM", DenseFamilies::cohere),
            new Family("cohere2", List.of("cohere2"), "Cohere2ForCausalLM", DenseFamilies::cohere2),
            new Family("starcoder2", List.of("starcoder2"), "Starcoder2ForCausalLM", DenseFamilies::starcoder2),
            new Family("gpt_neox", List.of("gpt_neox"), "GPTNeoXForCausalLM", DenseFamilies::gptNeox),
            new Family("falcon", List.of("falcon"), "FalconForCausalLM", DenseFamilies::falcon),
            new Family("glm", List.of("glm"), "GlmForCausalLM", DenseFamilies::glm),
            new Family("glm4", List.of("glm4"), "Glm4ForCausalLM", DenseFamilies::glm4),
            new Family("nemotron", List.of("nemotron"), "NemotronForCausalLM", DenseFamilies::nemotron),
            new Family("stablelm", List.of("stablelm"), "StableLmForCausalLM", DenseFamilies::stableLm),
            new Family(
                    "hunyuan_v1_dense",
                    List.of("hunyuan_v1_dense"),
                    "HunYuanDenseV1ForCausalLM",
                    DenseFamilies::hunyuan));

    private DenseFamilies() {}

    private static final String INTERMEDIATE = "intermediate_size";

    private static Decoder dense(Keys k, Decoder decoder, Attend attend, Windows windows) {
        return decoder.dense(attend, windows, k.positive(INTERMEDIATE), k.flag("mlp_bias"));
    }

    private static Decoder llama(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        return dense(k, decoder, Attend.of(k).bias(bias, bias), Windows.full(decoder.layers()));
    }

    private static Decoder mistral(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        return decoder.dense(Attend.of(k), Windows.everywhere(k, decoder.layers()), k.positive(INTERMEDIATE), false);
    }

    private static Decoder qwen2(Keys k) {
        return qwen(k, Attend.of(k).bias(true, false));
    }

    private static Decoder qwen3(Keys k) {
        boolean bias = k.flag("attention_bias");
        return qwen(k, Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD));
    }

    private static Decoder qwen(Keys k, Attend attend) {
        Decoder decoder = Decoder.of(k).rotary(k);
        decoder.multiToken(k.count("num_nextn_predict_layers").orElse(0));
        return decoder.dense(attend, Windows.above(k, decoder.layers()), k.positive(INTERMEDIATE), false);
    }

    private static Decoder gemma2(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k).norms(Placed.SANDWICH);
        return decoder.dense(
                Attend.of(k).bias(bias, bias),
                Windows.alternating(k, decoder.layers()),
                k.positive(INTERMEDIATE),
                false);
    }

    static Decoder gemma3Text(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k).norms(Placed.SANDWICH);
        boolean bias = k.flag("attention_bias");
        Attend attend = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD);
        decoder.rotary(attend.keyWidth());
        return decoder.dense(attend, Windows.pattern(k, decoder.layers()), k.positive(INTERMEDIATE), false);
    }

    private static Decoder phi(Keys k) {
        Attend attend = Attend.of(k).bias(true, true).output("dense");
        if (k.flag("qk_layernorm")) {
            attend.norm(QueryKeyNorm.HEAD, Normed.SCALE_AND_OFFSET);
        }
        Decoder decoder = Decoder.of(k)
                .rotary(k)
                .norms(Normed.SCALE_AND_OFFSET, "final_layernorm")
                .norms(Placed.ONCE)
                .headBias(true);
        return decoder.layers(
                layer -> attend.at(Decoder.ATTENTION, new Reach.All()),
                layer -> Blocks.plain("mlp.fc1", "mlp.fc2", Group.MLP, decoder.hidden(), k.positive(INTERMEDIATE)));
    }

    /// Layers without rotation slide, where a window is used.
    private static Decoder smollm3(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        List<Long> rotated = LayerKinds.numbers(k, "no_rope_layers", decoder.layers());
        long interval = k.positive("no_rope_layer_interval");
        long window = k.flag("use_sliding_window") ? Windows.width(k) : 0;
        Windows windows = Windows.sliding(
                k,
                decoder.layers(),
                Windows.width(k),
                layer -> window > 0 && (rotated.isEmpty() ? (layer + 1) % interval == 0 : rotated.get(layer) == 0));
        return dense(k, decoder, Attend.of(k).bias(bias, bias), windows);
    }

    private static Decoder ernie(Keys k) {
        boolean bias = k.flag("use_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        return decoder.dense(
                Attend.of(k).bias(bias, bias), Windows.full(decoder.layers()), k.positive(INTERMEDIATE), bias);
    }

    private static Decoder exaone4(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k).norms(Placed.BEHIND);
        return decoder.dense(
                Attend.of(k).norm(QueryKeyNorm.HEAD),
                Windows.pattern(k, decoder.layers()),
                k.positive(INTERMEDIATE),
                false);
    }

    private static Decoder seedOss(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        Attend attend = Attend.of(k).bias(k.flag("attention_bias"), k.flag("attention_out_bias"));
        return dense(k, decoder, attend, Windows.full(decoder.layers()));
    }

    private static Decoder olmo(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k).norms(Normed.NOTHING, "norm");
        return decoder.dense(
                Attend.of(k).bias(bias, bias), Windows.full(decoder.layers()), k.positive(INTERMEDIATE), false);
    }

    private static Decoder olmo2(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        return olmoBehind(k, decoder, Windows.full(decoder.layers()));
    }

    /// All but each fourth layer slide.
    private static Decoder olmo3(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        return olmoBehind(
                k, decoder, Windows.sliding(k, decoder.layers(), Windows.width(k), layer -> (layer + 1) % 4 != 0));
    }

    private static Decoder olmoBehind(Keys k, Decoder decoder, Windows windows) {
        boolean bias = k.flag("attention_bias");
        Attend attend = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.WIDE);
        return decoder.norms(Placed.BEHIND).dense(attend, windows, k.positive(INTERMEDIATE), false);
    }

    private static Decoder cohere(Keys k) {
        boolean bias = k.flag("attention_bias");
        Attend attend = Attend.of(k).bias(bias, bias);
        if (k.flag("use_qk_norm")) {
            attend.norm(QueryKeyNorm.WIDE);
        }
        Decoder decoder = Decoder.of(k).rotary(k).norms(Placed.ONCE);
        return decoder.dense(attend, Windows.full(decoder.layers()), k.positive(INTERMEDIATE), false);
    }

    private static Decoder cohere2(Keys k) {
        boolean bias = k.flag("attention_bias");
        k.optional("head_dim");
        Attend attend =
                Attend.of(k, "num_attention_heads", "num_key_value_heads", "").bias(bias, bias);
        Decoder decoder = Decoder.of(k).rotary(k).norms(Placed.ONCE);
        return decoder.dense(attend, Windows.pattern(k, decoder.layers()), k.positive(INTERMEDIATE), false);
    }

    private static Decoder starcoder2(Keys k) {
        boolean bias = k.flag("use_bias");
        Attend attend = Attend.of(k).bias(bias, bias);
        Decoder decoder = Decoder.of(k).rotary(k).norms(Normed.SCALE_AND_OFFSET, "norm");
        Windows windows = Windows.everywhere(k, decoder.layers());
        long[] widths = {decoder.hidden(), k.positive(INTERMEDIATE)};
        return decoder.layers(
                layer -> attend.at(Decoder.ATTENTION, windows.at(layer)),
                layer -> Blocks.plain("mlp.c_fc", "mlp.c_proj", Group.MLP, widths, bias));
    }

    private static Decoder gptNeox(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k).norms(Normed.SCALE_AND_OFFSET, "final_layer_norm");
        Attend attend = Attend.of(
                        decoder.hidden(),
                        k.positive("num_attention_heads"),
                        decoder.hidden() / k.positive("num_attention_heads"))
                .bias(bias, bias)
                .output("dense");
        return decoder.layers(
                layer -> attend.at("attention.", new Reach.All()),
                layer -> wide(decoder.hidden(), k.positive(INTERMEDIATE), true));
    }

    private static List<Operator> wide(long hidden, long intermediate, boolean bias) {
        return Blocks.plain(
                "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", Group.MLP, new long[] {hidden, intermediate}, bias);
    }

    /// Falcon's three layouts: key/value heads and norms go by its flags, not by their own keys.
    private static Decoder falcon(Keys k) {
        boolean newer = k.flag("new_decoder_architecture");
        boolean parallel = k.flag("parallel_attn");
        boolean bias = k.flag("bias");
        long heads = k.positive("num_attention_heads");
        long declared = k.positive("num_kv_heads", heads);
        long keyHeads = newer ? declared : k.flag("multi_query") ? 1 : heads;
        k.flag("alibi");
        Decoder decoder = Decoder.of(k).norms(Normed.SCALE_AND_OFFSET, "ln_f");
        long norms = k.positive("num_ln_in_parallel_attn", newer ? 2 : 1);
        boolean two = (newer && parallel) ? norms == 2 : !parallel;
        decoder.norms(two ? Placed.BEFORE : Placed.ONCE);
        Attend attend = Attend.of(decoder.hidden(), heads, decoder.hidden() / heads)
                .keyHeads(keyHeads)
                .bias(bias, bias)
                .output("dense");
        long wide = k.positive("ffn_hidden_size", 4 * decoder.hidden());
        return decoder.layers(
                layer -> attend.at("self_attention.", new Reach.All()), layer -> wide(decoder.hidden(), wide, bias));
    }

    private static Decoder glm(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k);
        return decoder.dense(
                Attend.of(k).bias(k.flag("attention_bias"), false),
                Windows.full(decoder.layers()),
                k.positive(INTERMEDIATE),
                false);
    }

    private static Decoder glm4(Keys k) {
        Decoder decoder = Decoder.of(k)
                .rotary(k)
                .norms(new Placed(
                        List.of("input_layernorm"),
                        List.of("post_self_attn_layernorm", "post_attention_layernorm"),
                        List.of("post_mlp_layernorm")));
        return decoder.dense(
                Attend.of(k).bias(k.flag("attention_bias"), false),
                Windows.full(decoder.layers()),
                k.positive(INTERMEDIATE),
                false);
    }

    private static Decoder nemotron(Keys k) {
        boolean bias = k.flag("attention_bias");
        boolean feedBias = k.flag("mlp_bias");
        Attend attend = Attend.of(k).bias(bias, bias);
        Decoder decoder = Decoder.of(k).rotary(k).norms(Normed.SCALE_AND_OFFSET, "norm");
        return decoder.layers(
                layer -> attend.at(Decoder.ATTENTION, new Reach.All()),
                layer -> Blocks.upDown(Decoder.FEED, Group.MLP, decoder.hidden(), k.positive(INTERMEDIATE), feedBias));
    }

    private static Decoder stableLm(Keys k) {
        Attend attend = Attend.of(k).bias(k.flag("use_qkv_bias"), false);
        if (k.flag("qk_layernorm")) {
            attend.norm(QueryKeyNorm.WIDE);
        }
        Decoder decoder = Decoder.of(k).rotary(k).norms(Normed.SCALE_AND_OFFSET, "norm");
        decoder.norms(k.flag("use_parallel_residual") ? Placed.ONCE : Placed.BEFORE);
        return decoder.dense(attend, Windows.full(decoder.layers()), k.positive(INTERMEDIATE), false);
    }

    private static Decoder hunyuan(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        Attend attend = Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD);
        return dense(k, decoder, attend, Windows.full(decoder.layers()));
    }
}
