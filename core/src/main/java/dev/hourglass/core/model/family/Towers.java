package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Group.Part;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Scope;
import dev.hourglass.core.model.Section;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.Tower;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;

/// Vision towers that are plain transformers over patches, and what joins them to a text model.
final class Towers {
    private static final Group VISION = Group.VISION;
    private static final Scope EACH = new Scope.EachToken();

    private final String root;
    private final long hidden;
    private final List<Section> sections = new ArrayList<>();

    private Towers(String root, long hidden) {
        this.root = root;
        this.hidden = hidden;
    }

    /// What the layers of a tower are made of.
    ///
    /// @param rms norms have no offset
    /// @param attentionBias of queries, keys and values
    /// @param outBias of what joins the heads
    /// @param gated a third matrix gates the feed-forward
    /// @param feedBias of the feed-forward
    record Style(boolean rms, boolean attentionBias, boolean outBias, boolean gated, boolean feedBias) {}

    /// MoonViT with its patch merger.
    static Tower moon(Keys k, long textHidden) {
        long hidden = k.positive("hidden_size");
        long side = k.positive("pos_emb_height");
        long across = k.positive("pos_emb_width");
        List<Long> merge = k.counts("merge_kernel_size");
        long merged = merge.size() == 2 ? merge.get(0) * merge.get(1) : 4;
        long patch = k.positive("patch_size");
        Towers t = new Towers("vision_tower", hidden);
        t.outside(
                "patches",
                new Operator.Convolution("patch_embed.proj", VISION, 3, hidden, patch * patch, patch * patch, 0, true),
                new Operator.Lookup("patch_embed.pos_emb", VISION, side * across, hidden));
        t.layers(
                Decoder.layers(k, "num_hidden_layers"),
                k.positive("num_attention_heads"),
                k.positive("intermediate_size"),
                new Style(false, true, true, false, true));
        t.outside("final norm", Blocks.layerNorm("final_layernorm", VISION, hidden));
        Scope once = new Scope.OncePer(merged);
        t.outside(
                "projector",
                Blocks.layerNorm("mm_projector.pre_norm", VISION, hidden),
                linear("mm_projector.in_proj", hidden * merged, hidden * merged, true, once),
                linear("mm_projector.out_proj", hidden * merged, textHidden, true, once));
        return new Tower(
                Tower.Kind.VISION, new Tower.Size.Patches(patch, merge.isEmpty() ? 2 : merge.getFirst()), t.sections);
    }

    /// Pixtral, before the projector of Mistral 3 (with a merger) or of LLaVA (without).
    static Tower pixtral(Keys k, long textHidden, long merge, boolean bias) {
        long hidden = k.positive("hidden_size");
        long patch = k.positive("patch_size");
        k.optional("image_size");
        Towers t = new Towers("vision_tower", hidden);
        t.outside(
                "patches",
                new Operator.Convolution(
                        "patch_conv",
                        VISION,
                        k.positive("num_channels"),
                        hidden,
                        patch * patch,
                        patch * patch,
                        0,
                        false),
                t.norm("ln_pre", true));
        t.layers(
                Decoder.layers(k, "num_hidden_layers"),
                k.positive("num_attention_heads"),
                k.positive("intermediate_size"),
                new Style(true, false, false, true, false));
        if (merge > 1) {
            t.outside(
                    "merger",
                    t.norm("multi_modal_projector.norm", true),
                    linear(
                            "multi_modal_projector.patch_merger.merging_layer",
                            hidden * merge * merge,
                            hidden,
                            false,
                            new Scope.OncePer(merge * merge)));
        }
        t.projector(textHidden, bias, merge > 1 ? new Scope.OncePer(merge * merge) : EACH);
        return new Tower(Tower.Kind.VISION, new Tower.Size.Patches(patch, merge), t.sections);
    }

    /// CLIP or SigLIP before the projector of LLaVA; CLIP has a class token, which the projector does not
    /// see.
    static Tower clip(Keys k, long textHidden, boolean bias, boolean classToken) {
        long hidden = k.positive("hidden_size");
        long patch = k.positive("patch_size");
        long side = k.positive("image_size") / patch;
        long patches = side * side;
        long tokens = patches + (classToken ? 1 : 0);
        Towers t = new Towers("vision_tower", hidden);
        List<Operator> stem = new ArrayList<>();
        stem.add(new Operator.Convolution(
                "patch_embedding",
                VISION,
                k.positive("num_channels"),
                hidden,
                patch * patch,
                patch * patch,
                patches,
                !classToken));
        stem.add(new Operator.Lookup("position_embedding", VISION, tokens, hidden));
        if (classToken) {
            stem.add(new Operator.Constant("class_embedding", VISION, hidden));
            stem.add(t.norm("pre_layrnorm", false));
        }
        t.outside("patches", stem.toArray(Operator[]::new));
        t.layers(
                Decoder.layers(k, "num_hidden_layers"),
                k.positive("num_attention_heads"),
                k.positive("intermediate_size"),
                new Style(false, true, true, false, true));
        t.outside("final norm", t.norm("post_layernorm", false));
        t.projector(textHidden, bias, new Scope.Fixed(patches));
        return new Tower(
                Tower.Kind.VISION,
                new Tower.Size.Always(tokens, "an image of " + k.positive("image_size") + " pixels square"),
                t.sections);
    }

    /// The tower of Qwen2-VL, and of Qwen2.5-VL with its gated layers, most of which see only a window.
    static Tower qwen2(Keys k, boolean second) {
        long hidden = k.positive(second ? "hidden_size" : "embed_dim");
        long merge = k.positive("spatial_merge_size");
        long patch = k.positive("patch_size");
        long out = second ? k.positive("out_hidden_size") : k.positive("hidden_size");
        long wide = second ? k.positive("intermediate_size") : (long) (hidden * k.real("mlp_ratio", 4));
        long taps = patch * patch * k.positive("temporal_patch_size");
        Towers t = new Towers("visual", hidden);
        t.outside(
                "patches",
                new Operator.Convolution(
                        "patch_embed.proj", VISION, k.positive("in_channels", 3), hidden, taps, taps, 0, false));
        List<Long> full = second ? k.counts("fullatt_block_indexes") : List.of();
        long window = second ? k.positive("window_size") / patch : 0;
        Style style = new Style(second, true, true, second, true);
        long layers = Decoder.layers(k, "depth");
        for (int layer = 0; layer < layers; layer++) {
            boolean whole = !second || full.contains((long) layer);
            t.layer(
                    layer,
                    k.positive("num_heads"),
                    wide,
                    style,
                    whole ? new Reach.Both(0) : new Reach.Tile(window * window));
        }
        Scope once = new Scope.OncePer(merge * merge);
        long square = hidden * merge * merge;
        t.outside(
                "merger",
                t.norm("merger.ln_q", second),
                linear("merger.mlp.0", square, square, true, once),
                linear("merger.mlp.2", square, out, true, once));
        return new Tower(Tower.Kind.VISION, new Tower.Size.Patches(patch, merge), t.sections);
    }

    /// The tower of GLM-4.1V and GLM-4.5V.
    static Tower glm(Keys k) {
        long hidden = k.positive("hidden_size");
        long merge = k.positive("spatial_merge_size");
        long patch = k.positive("patch_size");
        long side = k.positive("image_size") / patch;
        long out = k.positive("out_hidden_size");
        long taps = patch * patch * k.positive("temporal_patch_size");
        boolean bias = k.flag("attention_bias");
        Towers t = new Towers("visual", hidden);
        t.outside(
                "patches",
                new Operator.Lookup("embeddings.position_embedding", VISION, side * side, hidden),
                new Operator.Convolution(
                        "patch_embed.proj", VISION, k.positive("in_channels"), hidden, taps, taps, 0, true),
                t.norm("post_conv_layernorm", true));
        t.layers(Decoder.layers(k, "depth"), k.positive("num_heads"), out, new Style(true, bias, false, true, false));
        Scope once = new Scope.OncePer(merge * merge);
        long inner = k.positive("intermediate_size");
        t.outside(
                "merger",
                t.norm("post_layernorm", true),
                linear("downsample", hidden * merge * merge, out, true, once),
                linear("merger.proj", out, out, false, once),
                new Operator.Norm("merger.post_projection_norm", VISION, out, 1, true, once),
                linear("merger.gate_proj", out, inner, false, once),
                linear("merger.up_proj", out, inner, false, once),
                linear("merger.down_proj", inner, out, false, once));
        return new Tower(Tower.Kind.VISION, new Tower.Size.Patches(patch, merge), t.sections);
    }

    private void projector(long textHidden, boolean bias, Scope scope) {
        outside(
                "projector",
                linear("multi_modal_projector.linear_1", hidden, textHidden, bias, scope),
                linear("multi_modal_projector.linear_2", textHidden, textHidden, bias, scope));
    }

    private void layers(long count, long heads, long intermediate, Style style) {
        for (int layer = 0; layer < count; layer++) {
            layer(layer, heads, intermediate, style, new Reach.Both(0));
        }
    }

    private void layer(int layer, long heads, long intermediate, Style style, Reach reach) {
        long width = hidden / heads;
        List<Operator> ops = new ArrayList<>();
        ops.add(norm("norm1", style.rms()));
        for (String name : List.of("q_proj", "k_proj", "v_proj")) {
            ops.add(linear("attn." + name, hidden, hidden, style.attentionBias(), EACH));
        }
        ops.add(new Operator.Attention("attn.attention", VISION, heads, heads, width, width, reach, false, false));
        ops.add(linear("attn.proj", hidden, hidden, style.outBias(), EACH));
        ops.add(norm("norm2", style.rms()));
        if (style.gated()) {
            ops.add(linear("mlp.gate_proj", hidden, intermediate, style.feedBias(), EACH));
        }
        ops.add(linear("mlp.fc1", hidden, intermediate, style.feedBias(), EACH));
        ops.add(linear("mlp.fc2", intermediate, hidden, style.feedBias(), EACH));
        sections.add(new Section(root + ".blocks." + layer, layer, "vision layer", ops));
    }

    private Operator norm(String name, boolean rms) {
        return new Operator.Norm(name, VISION, hidden, 1, !rms, EACH);
    }

    private static Operator linear(String name, long inputs, long outputs, boolean bias, Scope scope) {
        return new Operator.Linear(name, VISION, Part.WHOLE, inputs, outputs, bias, true, scope, Split.NONE);
    }

    private void outside(String kind, Operator... operators) {
        sections.add(Section.outside(root, kind, List.of(operators)));
    }
}
