package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Scope;
import dev.hourglass.core.model.Section;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.Tower;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;

/// Whisper: an encoder over 30 s of audio, and a decoder that attends to its output.
final class Whisper {
    private static final String MAX_TARGET = "max_target_positions";

    private Whisper() {}

    static Decoder of(Keys k) {
        long width = k.positive("d_model");
        long source = k.positive("max_source_positions");
        Decoder decoder = new Decoder(
                        k, new Decoder.Names("model.decoder", "proj_out", "d_model", "decoder_layers", MAX_TARGET))
                .norms(Blocks.Normed.SCALE_AND_OFFSET, "layer_norm");
        k.optional("num_hidden_layers");
        decoder.before(new Operator.Lookup("embed_positions", Group.EMBED, k.positive(MAX_TARGET), width));
        long heads = heads(k, "decoder_attention_heads", width);
        long wide = k.positive("decoder_ffn_dim");
        for (int layer = 0; layer < decoder.layers(); layer++) {
            List<Operator> ops = new ArrayList<>();
            ops.addAll(selfAttention("self_attn", heads, width, true));
            ops.add(Blocks.layerNorm("self_attn_layer_norm", Group.NORM, width));
            ops.addAll(crossAttention(heads, width, source));
            ops.add(Blocks.layerNorm("encoder_attn_layer_norm", Group.NORM, width));
            ops.addAll(Blocks.plain("fc1", "fc2", Group.MLP, width, wide));
            ops.add(Blocks.layerNorm("final_layer_norm", Group.NORM, width));
            decoder.add(layer, ops);
        }
        return decoder.tower(encoder(k, width, source));
    }

    private static Tower encoder(Keys k, long width, long source) {
        long heads = heads(k, "encoder_attention_heads", width);
        long wide = k.positive("encoder_ffn_dim");
        List<Section> sections = new ArrayList<>();
        sections.add(Section.outside(
                "model.encoder",
                "stem",
                List.of(
                        new Operator.Convolution(
                                "conv1", Group.CONV, k.positive("num_mel_bins"), width, 3, 1, 2 * source, true),
                        new Operator.Convolution("conv2", Group.CONV, width, width, 3, 2, source, true),
                        new Operator.Lookup("embed_positions", Group.EMBED, source, width))));
        for (int layer = 0; layer < Decoder.layers(k, "encoder_layers"); layer++) {
            List<Operator> ops = new ArrayList<>();
            ops.addAll(selfAttention("self_attn", heads, width, false));
            ops.add(Blocks.layerNorm("self_attn_layer_norm", Group.NORM, width));
            ops.addAll(Blocks.plain("fc1", "fc2", Group.MLP, width, wide));
            ops.add(Blocks.layerNorm("final_layer_norm", Group.NORM, width));
            sections.add(new Section("model.encoder.layers." + layer, layer, "encoder layer", ops));
        }
        sections.add(Section.outside(
                "model.encoder", "final norm", List.of(Blocks.layerNorm("layer_norm", Group.NORM, width))));
        return new Tower(Tower.Kind.ENCODER, new Tower.Size.Always(source, "30 s of audio"), sections);
    }

    private static List<Operator> selfAttention(String name, long heads, long width, boolean causal) {
        return List.of(
                project(name + ".q_proj", Group.ATTN, width, true, new Scope.EachToken(), Split.outputs(heads)),
                project(name + ".k_proj", Group.ATTN, width, false, new Scope.EachToken(), Split.outputs(heads)),
                project(name + ".v_proj", Group.ATTN, width, true, new Scope.EachToken(), Split.outputs(heads)),
                new Operator.Attention(
                        name + ".attention",
                        Group.ATTN,
                        heads,
                        heads,
                        width / heads,
                        width / heads,
                        causal ? new Reach.All() : new Reach.Both(0),
                        false,
                        false),
                project(name + ".out_proj", Group.ATTN, width, true, new Scope.EachToken(), Split.inputs(heads)));
    }

    private static List<Operator> crossAttention(long heads, long width, long source) {
        Scope once = new Scope.FirstCall(source);
        Group group = Group.CROSS_ATTN;
        return List.of(
                project("encoder_attn.q_proj", group, width, true, new Scope.EachToken(), Split.outputs(heads)),
                project("encoder_attn.k_proj", group, width, false, once, Split.outputs(heads)),
                project("encoder_attn.v_proj", group, width, true, once, Split.outputs(heads)),
                new Operator.CrossAttention("encoder_attn.attention", heads, width / heads, source),
                project("encoder_attn.out_proj", group, width, true, new Scope.EachToken(), Split.inputs(heads)));
    }

    private static Operator project(String name, Group group, long width, boolean bias, Scope scope, Split split) {
        return new Operator.Linear(name, group, Group.Part.PROJ, width, width, bias, true, scope, split);
    }

    private static long heads(Keys k, String key, long width) {
        long heads = k.positive(key);
        if (width % heads != 0) {
            throw k.wrong(key, "a divisor of d_model = " + width);
        }
        return heads;
    }
}
