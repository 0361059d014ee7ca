package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.family.Attend.QueryKeyNorm;
import dev.hourglass.core.model.family.Decoder.Placed;
import dev.hourglass.core.model.keys.Keys;
import java.util.List;
import java.util.function.IntPredicate;

/// Decoders of short convolutions with attention between them.
final class ConvolutionFamilies {
    static final List<Family> ALL = List.of(
            new Family("lfm2", List.of("lfm2"), "Lfm2ForCausalLM", ConvolutionFamilies::lfm2),
            new Family("lfm2_moe", List.of("lfm2_moe"), "Lfm2MoeForCausalLM", ConvolutionFamilies::lfm2Moe));

    private static final String INTERMEDIATE = "intermediate_size";
    private static final String FEED = "feed_forward.";

    private ConvolutionFamilies() {}

    private static Decoder lfm2(Keys k) {
        Decoder decoder = lfm(k);
        long wide = k.positive("block_ff_dim", k.positive(INTERMEDIATE));
        if (k.flag("block_auto_adjust_ff_dim")) {
            long multiple = k.positive("block_multiple_of");
            long thirds = 2 * wide / 3;
            long two = (long) (thirds * k.real("block_ffn_dim_multiplier", 1));
            wide = multiple * Math.ceilDiv(two, multiple);
        }
        long intermediate = wide;
        List<Long> attention = k.counts("full_attn_idxs");
        boolean all = !k.has("full_attn_idxs");
        return decoder.layers(
                shortConvolutions(k, decoder, layer -> all || attention.contains((long) layer)),
                layer -> Blocks.gated(FEED, Group.MLP, decoder.hidden(), intermediate, false));
    }

    private static Decoder lfm2Moe(Keys k) {
        Decoder decoder = lfm(k);
        long dense = k.count("num_dense_layers").orElse(0);
        long intermediate = k.positive(INTERMEDIATE);
        Mixture mixture = Mixture.of(k);
        k.flag("use_expert_bias");
        return decoder.layers(
                shortConvolutions(k, decoder, layer -> true),
                layer -> layer < dense
                        ? Blocks.gated(FEED, Group.MLP, decoder.hidden(), intermediate, false)
                        : mixture.at(FEED));
    }

    private static Decoder lfm(Keys k) {
        return Decoder.of(k)
                .rotary(k)
                .norms(Blocks.Normed.SCALE, "embedding_norm")
                .norms(new Placed(List.of("operator_norm"), List.of("ffn_norm"), List.of()));
    }

    private static Decoder.PerLayer shortConvolutions(Keys k, Decoder decoder, IntPredicate attends) {
        List<String> kinds = LayerKinds.of(
                k,
                "layer_types",
                List.of(LayerKinds.FULL, "conv"),
                decoder.layers(),
                layer -> attends.test(layer) ? LayerKinds.FULL : "conv");
        Attend attend = Attend.of(k).norm(QueryKeyNorm.HEAD).output("out_proj");
        long hidden = decoder.hidden();
        boolean bias = k.flag("conv_bias");
        long kernel = k.positive("conv_L_cache");
        List<Operator> convolution = List.of(
                Blocks.linear("conv.in_proj", Group.CONV, hidden, 3 * hidden, bias, Split.outputs(hidden)),
                new Operator.ShortConvolution("conv.conv", hidden, kernel, bias),
                Blocks.linear("conv.out_proj", Group.CONV, hidden, hidden, bias, Split.inputs(hidden)));
        return layer -> kinds.get(layer).equals("conv") ? convolution : attend.at(Decoder.ATTENTION, new Reach.All());
    }
}
