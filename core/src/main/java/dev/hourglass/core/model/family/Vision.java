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

/// Vision towers: transformers over image patches, with what brings their output to the text model.
final class Vision {
    private static final Group VISION = Group.VISION;

    private Vision() {}

    /// SigLIP with Gemma's projector, which pools the patches of an image into a fixed number.
    static Tower siglip(Keys k, long imageTokens, long textHidden) {
        long hidden = k.positive("hidden_size");
        long intermediate = k.positive("intermediate_size");
        long heads = heads(k, "num_attention_heads", hidden);
        long side = k.positive("image_size") / k.positive("patch_size");
        long patches = side * side;
        if (patches < imageTokens) {
            throw k.wrong("image_size", "at least " + imageTokens + " patches of patch_size");
        }
        List<Section> sections = new ArrayList<>();
        sections.add(section(
                "vision_tower.embeddings",
                "patches",
                List.of(
                        patchEmbedding(
                                k.positive("num_channels"),
                                hidden,
                                square(k.positive("patch_size")),
                                "patch_embedding"),
                        new Operator.Lookup("position_embedding", VISION, patches, hidden))));
        for (int layer = 0; layer < Decoder.layers(k, "num_hidden_layers"); layer++) {
            List<Operator> ops = new ArrayList<>();
            ops.add(Blocks.layerNorm("layer_norm1", VISION, hidden));
            for (String name : List.of("q_proj", "k_proj", "v_proj")) {
                ops.add(linear("self_attn." + name, hidden, hidden, true, new Scope.EachToken()));
            }
            ops.add(attention("self_attn.attention", heads, hidden));
            ops.add(linear("self_attn.out_proj", hidden, hidden, true, new Scope.EachToken()));
            ops.add(Blocks.layerNorm("layer_norm2", VISION, hidden));
            ops.addAll(Blocks.plain("mlp.fc1", "mlp.fc2", VISION, hidden, intermediate));
            sections.add(new Section("vision_tower.encoder.layers." + layer, layer, "vision layer", ops));
        }
        sections.add(
                section("vision_tower", "final norm", List.of(Blocks.layerNorm("post_layernorm", VISION, hidden))));
        if (k.flag("vision_use_head")) {
            sections.add(section("vision_tower.head", "pooling head", poolingHead(hidden, intermediate, patches)));
        }
        Scope pooled = new Scope.Fixed(imageTokens);
        sections.add(section(
                "multi_modal_projector",
                "projector",
                List.of(
                        new Operator.Norm("mm_soft_emb_norm", VISION, hidden, 1, false, pooled),
                        linear("mm_input_projection", hidden, textHidden, false, pooled))));
        return new Tower(
                Tower.Kind.VISION,
                new Tower.Size.Always(patches, "an image of " + k.positive("image_size") + " pixels square"),
                sections);
    }

    /// A learned query that attends over all patches of an image.
    private static List<Operator> poolingHead(long hidden, long intermediate, long patches) {
        Scope one = new Scope.Fixed(1);
        return List.of(
                new Operator.Constant("probe", VISION, hidden),
                linear("attention.q_proj", hidden, hidden, true, one),
                linear("attention.k_proj", hidden, hidden, true, new Scope.EachToken()),
                linear("attention.v_proj", hidden, hidden, true, new Scope.EachToken()),
                new Operator.Product("attention.scores", VISION, hidden, patches, one),
                new Operator.Product("attention.values", VISION, patches, hidden, one),
                linear("attention.out_proj", hidden, hidden, true, one),
                new Operator.Norm("layernorm", VISION, hidden, 1, true, one),
                linear("mlp.fc1", hidden, intermediate, true, one),
                linear("mlp.fc2", intermediate, hidden, true, one));
    }

    /// The tower of Qwen3-VL: patches in merged squares, and mergers that also feed early text
    /// layers.
    static Tower qwen3(Keys k) {
        long hidden = k.positive("hidden_size");
        long intermediate = k.positive("intermediate_size");
        long heads = heads(k, "num_heads", hidden);
        long patch = k.positive("patch_size");
        long merge = k.positive("spatial_merge_size");
        long out = k.positive("out_hidden_size");
        List<Section> sections = new ArrayList<>();
        long taps = Math.multiplyExact(square(patch), k.positive("temporal_patch_size"));
        sections.add(section(
                "visual",
                "patches",
                List.of(
                        patchEmbedding(k.positive("in_channels"), hidden, taps, "patch_embed"),
                        new Operator.Lookup("pos_embed", VISION, k.positive("num_position_embeddings"), hidden))));
        for (int layer = 0; layer < Decoder.layers(k, "depth"); layer++) {
            List<Operator> ops = new ArrayList<>();
            ops.add(Blocks.layerNorm("norm1", VISION, hidden));
            ops.add(linear("attn.qkv", hidden, 3 * hidden, true, new Scope.EachToken()));
            ops.add(attention("attn.attention", heads, hidden));
            ops.add(linear("attn.proj", hidden, hidden, true, new Scope.EachToken()));
            ops.add(Blocks.layerNorm("norm2", VISION, hidden));
            ops.addAll(Blocks.plain("mlp.linear_fc1", "mlp.linear_fc2", VISION, hidden, intermediate));
            sections.add(new Section("visual.blocks." + layer, layer, "vision layer", ops));
        }
        sections.add(section("visual.merger", "merger", merger(hidden, merge, out, false)));
        for (int i = 0; i < k.counts("deepstack_visual_indexes").size(); i++) {
            sections.add(section("visual.deepstack_merger_list." + i, "merger", merger(hidden, merge, out, true)));
        }
        return new Tower(Tower.Kind.VISION, new Tower.Size.Patches(patch, merge), sections);
    }

    private static List<Operator> merger(long hidden, long merge, long out, boolean normBehind) {
        Scope merged = new Scope.OncePer(square(merge));
        long wide = Math.multiplyExact(hidden, square(merge));
        return List.of(
                normBehind
                        ? new Operator.Norm("norm", VISION, wide, 1, true, merged)
                        : new Operator.Norm("norm", VISION, hidden, 1, true, new Scope.EachToken()),
                linear("linear_fc1", wide, wide, true, merged),
                linear("linear_fc2", wide, out, true, merged));
    }

    private static Operator patchEmbedding(long channels, long hidden, long taps, String name) {
        return new Operator.Convolution(name, VISION, channels, hidden, taps, taps, 0, true);
    }

    private static Operator attention(String name, long heads, long hidden) {
        return new Operator.Attention(
                name, VISION, heads, heads, hidden / heads, hidden / heads, new Reach.Both(0), false, false);
    }

    private static Operator linear(String name, long inputs, long outputs, boolean bias, Scope scope) {
        return new Operator.Linear(name, VISION, Part.WHOLE, inputs, outputs, bias, true, scope, Split.NONE);
    }

    private static long heads(Keys k, String key, long hidden) {
        long heads = k.positive(key);
        if (hidden % heads != 0) {
            throw k.wrong(key, "a divisor of hidden_size = " + hidden);
        }
        return heads;
    }

    private static Section section(String name, String kind, List<Operator> operators) {
        return Section.outside(name, kind, operators);
    }

    private static long square(long n) {
        return Math.multiplyExact(n, n);
    }
}
