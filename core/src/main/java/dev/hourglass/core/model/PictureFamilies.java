package dev.hourglass.core.model;

import dev.hourglass.core.model.Attend.QueryKeyNorm;
import java.util.List;

/// Text models with a tower that reads pictures, and the text models that come only with one.
final class PictureFamilies {
    static final List<Family> ALL = List.of(
            new Family("qwen3_vl_text", List.of("qwen3_vl_text"), "Qwen3VLTextModel", PictureFamilies::qwen3Text),
            new Family(
                    "qwen3_vl_moe_text",
                    List.of("qwen3_vl_moe_text"),
                    "Qwen3VLMoeTextModel",
                    PictureFamilies::qwen3MoeText),
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

    private static Decoder gemma3(Keys k) {
        Decoder decoder = Wrapped.text(k, "gemma3_text");
        return decoder.tower(Vision.siglip(
                k.child("vision_config", Defaults.of("siglip")), k.positive("mm_tokens_per_image"), decoder.hidden()));
    }
}
