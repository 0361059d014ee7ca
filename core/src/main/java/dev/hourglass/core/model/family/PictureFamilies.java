package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.family.Attend.QueryKeyNorm;
import dev.hourglass.core.model.keys.Defaults;
import dev.hourglass.core.model.keys.Keys;
import java.util.List;

/// Text models with a tower that reads pictures, and the text models that come only with one.
final class PictureFamilies {
    static final List<Family> ALL = List.of(
            new Family("qwen3_vl_text", List.of("qwen3_vl_text"), "Qwen3VLTextModel", PictureFamilies::qwen3Text),
            new Family(
                    "qwen3_vl_moe_text",
                    List.of("qwen3_vl_moe_text", "qwen3_omni_moe_text"),
                    "Qwen3VLMoeTextModel",
                    PictureFamilies::qwen3MoeText),
            new Family(
                    "qwen2_vl_text",
                    List.of("qwen2_vl_text", "qwen2_5_vl_text", "qwen2_5_omni_text"),
                    "Qwen2VLTextModel",
                    PictureFamilies::qwen2Text),
            new Family("glm4v_text", List.of("glm4v_text"), "Glm4vTextModel", PictureFamilies::glmText),
            new Family("glm4v_moe_text", List.of("glm4v_moe_text"), "Glm4vMoeTextModel", MixedFamilies::glm4),
            new Family("kimi_k25", List.of("kimi_k25"), "KimiK25ForConditionalGeneration", PictureFamilies::kimi),
            new Family("mistral3", List.of("mistral3"), "Mistral3ForConditionalGeneration", PictureFamilies::mistral3),
            new Family("llava", List.of("llava"), "LlavaForConditionalGeneration", PictureFamilies::llava),
            new Family(
                    "qwen2_vl",
                    List.of("qwen2_vl"),
                    "Qwen2VLForConditionalGeneration",
                    k -> qwen2(k, "qwen2_vl_vision")),
            new Family(
                    "qwen2_5_vl",
                    List.of("qwen2_5_vl"),
                    "Qwen2_5_VLForConditionalGeneration",
                    k -> qwen2(k, "qwen2_5_vl_vision")),
            new Family("glm4v", List.of("glm4v"), "Glm4vForConditionalGeneration", k -> glm(k, "glm4v_text")),
            new Family(
                    "glm4v_moe",
                    List.of("glm4v_moe"),
                    "Glm4vMoeForConditionalGeneration",
                    k -> glm(k, "glm4v_moe_text")),
            new Family("gemma3", List.of("gemma3"), "Gemma3ForConditionalGeneration", PictureFamilies::gemma3),
            new Family(
                    "qwen3_vl",
                    List.of("qwen3_vl"),
                    "Qwen3VLForConditionalGeneration",
                    k -> qwen3(k, "qwen3_vl_text", "qwen3_vl_vision")),
            new Family(
                    "qwen3_vl_moe",
                    List.of("qwen3_vl_moe"),
                    "Qwen3VLMoeForConditionalGeneration",
                    k -> qwen3(k, "qwen3_vl_moe_text", "qwen3_vl_vision")),
            new Family(
                    "qwen3_5",
                    List.of("qwen3_5"),
                    "Qwen3_5ForConditionalGeneration",
                    k -> qwen3(k, "qwen3_5_text", "qwen3_5_vision")),
            new Family(
                    "qwen3_5_moe",
                    List.of("qwen3_5_moe"),
                    "Qwen3_5MoeForConditionalGeneration",
                    k -> qwen3(k, "qwen3_5_moe_text", "qwen3_5_vision")));

    private PictureFamilies() {}

    private static Decoder qwen3Text(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k, 3);
        return decoder.dense(
                Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD),
                Windows.full(decoder.layers()),
                k.positive("intermediate_size"),
                false);
    }

    private static Decoder qwen3MoeText(Keys k) {
        boolean bias = k.flag("attention_bias");
        Decoder decoder = Decoder.of(k).rotary(k, 3);
        return MixedFamilies.mixed(
                k,
                decoder,
                new MixedFamilies.Layers(
                        Attend.of(k).bias(bias, bias).norm(QueryKeyNorm.HEAD),
                        Windows.full(decoder.layers()),
                        Mixture.of(k),
                        LayerKinds.sparseSteps(k)));
    }

    private static Decoder qwen3(Keys k, String text, String vision) {
        return Wrapped.text(k, text).tower(Vision.qwen3(k.child("vision_config", Defaults.of(vision))));
    }

    private static Decoder qwen2Text(Keys k) {
        Decoder decoder = Decoder.of(k).rotary(k, 3);
        return decoder.dense(
                Attend.of(k).bias(true, false),
                Windows.above(k, decoder.layers()),
                k.positive("intermediate_size"),
                false);
    }

    private static Decoder glmText(Keys k) {
        Decoder decoder = Decoder.of(k)
                .rotary(k)
                .norms(new Decoder.Placed(
                        List.of("input_layernorm"),
                        List.of("post_self_attn_layernorm", "post_attention_layernorm"),
                        List.of("post_mlp_layernorm")));
        return decoder.dense(
                Attend.of(k).bias(true, false), Windows.full(decoder.layers()), k.positive("intermediate_size"), false);
    }

    private static Decoder kimi(Keys k) {
        Decoder decoder = Wrapped.text(k, "deepseek_v3");
        Keys vision = k.child("vision_config", Defaults.of("kimi_k25_vision"));
        return decoder.tower(Towers.moon(vision, decoder.hidden()));
    }

    private static Decoder mistral3(Keys k) {
        Decoder decoder = Wrapped.text(k, "mistral");
        Keys vision = k.child("vision_config", Defaults.of("pixtral"));
        return decoder.tower(Towers.pixtral(
                vision, decoder.hidden(), k.positive("spatial_merge_size", 2), k.flag("multimodal_projector_bias")));
    }

    /// The tower by its own type; one that is not known is said not to be counted.
    private static Decoder llava(Keys k) {
        String type = k.peek("vision_config").text("model_type").orElse("clip_vision_model");
        Decoder decoder = Wrapped.text(k, "llama");
        boolean bias = k.flag("multimodal_projector_bias", true);
        return switch (type) {
            case "clip_vision_model", "clip" ->
                decoder.tower(
                        Towers.clip(k.child("vision_config", Defaults.of("clip_large")), decoder.hidden(), bias, true));
            case "pixtral" ->
                decoder.tower(
                        Towers.pixtral(k.child("vision_config", Defaults.of("pixtral")), decoder.hidden(), 1, bias));
            default -> {
                k.opened("vision_config").settle();
                yield decoder.doubt(Doubt.mayChange("What vision_config describes is not counted: the tower " + type
                        + " is not known. The numbers are those of the text model."));
            }
        };
    }

    private static Decoder qwen2(Keys k, String vision) {
        Decoder decoder = Wrapped.text(k, "qwen2_vl_text");
        return decoder.tower(Towers.qwen2(k.child("vision_config", Defaults.of(vision)), vision.startsWith("qwen2_5")));
    }

    private static Decoder glm(Keys k, String text) {
        return Wrapped.text(k, text).tower(Towers.glm(k.child("vision_config", Defaults.of("glm4v_vision"))));
    }

    private static Decoder gemma3(Keys k) {
        Decoder decoder = Wrapped.text(k, "gemma3_text");
        return decoder.tower(Vision.siglip(
                k.child("vision_config", Defaults.of("siglip")), k.positive("mm_tokens_per_image"), decoder.hidden()));
    }
}
