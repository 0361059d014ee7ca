package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Scope;
import dev.hourglass.core.model.Section;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.Tower;
import dev.hourglass.core.model.family.Blocks.Normed;
import dev.hourglass.core.model.family.Decoder.Names;
import dev.hourglass.core.model.family.Decoder.Placed;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;

/// Encoders of a source text with a decoder that attends to their output: T5 and BART.
final class TextToText {
    private static final String CROSS = "EncDecAttention.";
    private static final String POSITIONS = "max_position_embeddings";

    private final Keys k;
    private final long width;
    private final long source;
    private final boolean bias;
    private final Normed normed;

    private TextToText(Keys k, long source, boolean bias, Normed normed) {
        this.k = k;
        this.width = k.positive("d_model");
        this.source = source;
        this.bias = bias;
        this.normed = normed;
    }

    static Decoder t5(Keys k) {
        return new TextToText(k, k.positive("n_positions", 512), false, Normed.SCALE).t5(false);
    }

    static Decoder umt5(Keys k) {
        return new TextToText(k, k.positive("n_positions", 512), false, Normed.SCALE).t5(true);
    }

    static Decoder bart(Keys k) {
        return new TextToText(k, k.positive(POSITIONS), true, Normed.SCALE_AND_OFFSET).bart(false);
    }

    static Decoder mbart(Keys k) {
        return new TextToText(k, k.positive(POSITIONS), true, Normed.SCALE_AND_OFFSET).bart(true);
    }

    /// @param biasEverywhere whether each layer has its own table of relative positions
    private Decoder t5(boolean biasEverywhere) {
        long heads = k.positive("num_heads");
        long head = k.positive("d_kv");
        long wide = k.positive("d_ff");
        boolean gated = k.text("feed_forward_proj").orElse("relu").startsWith("gated");
        k.optional("num_decoder_layers");
        String layersKey = k.has("num_decoder_layers") ? "num_decoder_layers" : "num_layers";
        Decoder decoder = new Decoder(k, new Names("decoder", "lm_head", "d_model", layersKey, "n_positions"))
                .norms(normed, "final_layer_norm")
                .tied(true)
                .norms(new Placed(List.of("layer.0.layer_norm"), List.of("layer.2.layer_norm"), List.of()));
        decoder.layers(
                layer -> {
                    List<Operator> ops = relative(layer, biasEverywhere, heads);
                    ops.addAll(self("layer.0.SelfAttention.", heads, head, new Reach.All()));
                    ops.add(normed.over("layer.1.layer_norm", width, 1));
                    ops.addAll(cross("layer.1." + CROSS, heads, head));
                    return ops;
                },
                layer -> feed("layer.2.DenseReluDense.", wide, gated));
        List<Section> sections = new ArrayList<>();
        for (int layer = 0; layer < Decoder.layers(k, "num_layers"); layer++) {
            List<Operator> ops = relative(layer, biasEverywhere, heads);
            ops.add(normed.over("layer.0.layer_norm", width, 1));
            ops.addAll(self("layer.0.SelfAttention.", heads, head, new Reach.Both(0)));
            ops.add(normed.over("layer.1.layer_norm", width, 1));
            ops.addAll(feed("layer.1.DenseReluDense.", wide, gated));
            sections.add(new Section("encoder.block." + layer, layer, "encoder layer", ops));
        }
        sections.add(Section.outside("encoder", "final norm", List.of(normed.over("final_layer_norm", width, 1))));
        return decoder.tower(tower(sections));
    }

    private Tower tower(List<Section> sections) {
        return new Tower(
                Tower.Kind.ENCODER, new Tower.Size.Always(source, "a text of " + source + " tokens"), sections);
    }

    private List<Operator> relative(int layer, boolean everywhere, long heads) {
        List<Operator> ops = new ArrayList<>();
        if (layer == 0 || everywhere) {
            ops.add(new Operator.Constant(
                    "layer.0.SelfAttention.relative_attention_bias",
                    Group.ATTN,
                    k.positive("relative_attention_num_buckets") * heads));
        }
        return ops;
    }

    private List<Operator> feed(String prefix, long wide, boolean gated) {
        return gated
                ? Blocks.gated(prefix, Group.MLP, width, wide, false)
                : Blocks.plain(prefix + "wi", prefix + "wo", Group.MLP, new long[] {width, wide}, false);
    }

    private List<Operator> self(String prefix, long heads, long head, Reach reach) {
        return Attend.of(width, heads, head).bias(bias, bias).output("out_proj").at(prefix, reach);
    }

    private List<Operator> cross(String prefix, long heads, long head) {
        Scope once = new Scope.FirstCall(source);
        Scope each = new Scope.EachToken();
        long inner = heads * head;
        return List.of(
                project(prefix + "q_proj", width, inner, each, Split.outputs(heads)),
                project(prefix + "k_proj", width, inner, once, Split.outputs(heads)),
                project(prefix + "v_proj", width, inner, once, Split.outputs(heads)),
                new Operator.CrossAttention(prefix + "attention", heads, head, source),
                project(prefix + "out_proj", inner, width, each, Split.inputs(heads)));
    }

    private Operator project(String name, long inputs, long outputs, Scope scope, Split split) {
        return new Operator.Linear(name, Group.CROSS_ATTN, Group.Part.PROJ, inputs, outputs, bias, true, scope, split);
    }

    /// @param lastNorms whether encoder and decoder end in a norm
    private Decoder bart(boolean lastNorms) {
        k.optional("num_hidden_layers");
        long heads = k.positive("decoder_attention_heads");
        Placed placed = new Placed(List.of("self_attn_layer_norm"), List.of("final_layer_norm"), List.of());
        Decoder decoder = new Decoder(k, new Names("model.decoder", "lm_head", "d_model", "decoder_layers", POSITIONS))
                .norms(normed, lastNorms ? "layer_norm" : "")
                .norms(placed)
                .before(positions())
                .before(normed.over("layernorm_embedding", width, 1));
        decoder.layers(
                layer -> {
                    List<Operator> ops = new ArrayList<>(self("self_attn.", heads, width / heads, new Reach.All()));
                    ops.add(normed.over("encoder_attn_layer_norm", width, 1));
                    ops.addAll(cross("encoder_attn.", heads, width / heads));
                    return ops;
                },
                layer -> Blocks.plain("fc1", "fc2", Group.MLP, width, k.positive("decoder_ffn_dim")));
        return decoder.tower(tower(bartEncoder(lastNorms)));
    }

    private Operator positions() {
        return new Operator.Lookup("embed_positions", Group.EMBED, k.positive(POSITIONS) + 2, width);
    }

    private List<Section> bartEncoder(boolean lastNorm) {
        long heads = k.positive("encoder_attention_heads");
        List<Section> sections = new ArrayList<>();
        sections.add(Section.outside(
                "model.encoder", "embedding", List.of(positions(), normed.over("layernorm_embedding", width, 1))));
        for (int layer = 0; layer < Decoder.layers(k, "encoder_layers"); layer++) {
            List<Operator> ops = new ArrayList<>(self("self_attn.", heads, width / heads, new Reach.Both(0)));
            ops.add(normed.over("self_attn_layer_norm", width, 1));
            ops.addAll(Blocks.plain("fc1", "fc2", Group.MLP, width, k.positive("encoder_ffn_dim")));
            ops.add(normed.over("final_layer_norm", width, 1));
            sections.add(new Section("model.encoder.layers." + layer, layer, "encoder layer", ops));
        }
        if (lastNorm) {
            sections.add(Section.outside("model.encoder", "final norm", List.of(normed.over("layer_norm", width, 1))));
        }
        return sections;
    }
}
