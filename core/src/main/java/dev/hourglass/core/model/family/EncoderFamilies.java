package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Scope;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.family.Blocks.Normed;
import dev.hourglass.core.model.family.Decoder.Names;
import dev.hourglass.core.model.family.Decoder.Placed;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;

/// Encoders, whose tokens see each other in both directions, alone or before a decoder.
final class EncoderFamilies {
    static final List<Family> ALL = List.of(
            new Family("whisper", List.of("whisper"), "WhisperForConditionalGeneration", Whisper::of),
            new Family("t5", List.of("t5", "mt5"), "T5ForConditionalGeneration", TextToText::t5),
            new Family("umt5", List.of("umt5"), "UMT5ForConditionalGeneration", TextToText::umt5),
            new Family("bart", List.of("bart"), "BartForConditionalGeneration", TextToText::bart),
            new Family("mbart", List.of("mbart"), "MBartForConditionalGeneration", TextToText::mbart),
            new Family("bert", List.of("bert"), "BertModel", EncoderFamilies::bert),
            new Family(
                    "roberta",
                    List.of("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl"),
                    "RobertaModel",
                    EncoderFamilies::bert),
            new Family("distilbert", List.of("distilbert"), "DistilBertModel", EncoderFamilies::distilBert),
            new Family("modernbert", List.of("modernbert"), "ModernBertModel", EncoderFamilies::modernBert));

    private static final String INTERMEDIATE = "intermediate_size";
    private static final String NORM = "LayerNorm";

    private EncoderFamilies() {}

    private static Decoder bert(Keys k) {
        Decoder decoder = encoder(k, Names.USUAL);
        long hidden = decoder.hidden();
        table(decoder, "position_embeddings", k.positive("max_position_embeddings"));
        table(decoder, "token_type_embeddings", k.positive("type_vocab_size"));
        decoder.before(Blocks.layerNorm(NORM, Group.NORM, hidden));
        decoder.norms(new Placed(List.of(), List.of("attention.output.LayerNorm"), List.of("output.LayerNorm")));
        Attend attend = Attend.of(hidden, k.positive("num_attention_heads"), hidden / k.positive("num_attention_heads"))
                .bias(true, true)
                .output("output.dense");
        decoder.layers(
                layer -> attend.at("attention.", new Reach.Both(0)),
                layer -> Blocks.plain(
                        "intermediate.dense", "output.dense", Group.MLP, hidden, k.positive(INTERMEDIATE)));
        return head(k, decoder, "pooler.dense");
    }

    private static Decoder distilBert(Keys k) {
        Decoder decoder = encoder(k, new Names("transformer", "", "dim", "n_layers", "max_position_embeddings"));
        long hidden = decoder.hidden();
        table(decoder, "position_embeddings", k.positive("max_position_embeddings"));
        decoder.before(Blocks.layerNorm(NORM, Group.NORM, hidden));
        decoder.norms(new Placed(List.of(), List.of("sa_layer_norm"), List.of("output_layer_norm")));
        Attend attend = Attend.of(hidden, k.positive("n_heads"), hidden / k.positive("n_heads"))
                .bias(true, true)
                .output("out_lin");
        decoder.layers(
                layer -> attend.at("attention.", new Reach.Both(0)),
                layer -> Blocks.plain("ffn.lin1", "ffn.lin2", Group.MLP, hidden, k.positive("hidden_dim")));
        return decoder.headless();
    }

    private static Decoder encoder(Keys k, Names names) {
        return new Decoder(k, names).norms(Normed.SCALE_AND_OFFSET, "");
    }

    private static void table(Decoder decoder, String name, long rows) {
        decoder.before(new Operator.Lookup(name, Group.EMBED, rows, decoder.hidden()));
    }

    /// A pooler over the first token for the bare model; for others their head is said not to be
    /// counted.
    private static Decoder head(Keys k, Decoder decoder, String pooler) {
        String architecture = k.texts("architectures").stream().findFirst().orElse("Model");
        if (!architecture.endsWith("Model")) {
            return decoder.headless()
                    .doubt(Doubt.mayChange(
                            "The head of " + architecture + " is not counted; the numbers are those of the encoder."));
        }
        long hidden = decoder.hidden();
        return decoder.headless()
                .behind(new Operator.Linear(
                        pooler,
                        Group.OTHER,
                        Group.Part.WHOLE,
                        hidden,
                        hidden,
                        true,
                        true,
                        new Scope.Fixed(1),
                        Split.NONE));
    }

    /// A sliding layer sees half of `local_attention` to each side.
    private static Decoder modernBert(Keys k) {
        boolean normBias = k.flag("norm_bias");
        boolean bias = k.flag("attention_bias");
        boolean feedBias = k.flag("mlp_bias");
        Decoder decoder = Decoder.of(k).rotary(k);
        Normed normed = normBias ? Normed.SCALE_AND_OFFSET : Normed.SCALE;
        long hidden = decoder.hidden();
        decoder.norms(normed, "final_norm").norms(new Placed(List.of(), List.of("mlp_norm"), List.of()));
        decoder.before(normed.over("norm", hidden, 1));
        Attend attend = Attend.of(k).bias(bias, bias).output("Wo");
        long side = k.positive("local_attention") / 2;
        long global = k.positive("global_attn_every_n_layers", 3);
        List<String> kinds = LayerKinds.of(
                k,
                "layer_types",
                List.of(LayerKinds.FULL, "sliding_attention"),
                decoder.layers(),
                layer -> layer % global == 0 ? LayerKinds.FULL : "sliding_attention");
        long intermediate = k.positive(INTERMEDIATE);
        decoder.layers(
                layer -> {
                    List<Operator> ops = new ArrayList<>();
                    if (layer > 0) {
                        ops.add(normed.over("attn_norm", hidden, 1));
                    }
                    ops.addAll(attend.at(
                            "attn.",
                            kinds.get(layer).equals(LayerKinds.FULL) ? new Reach.Both(0) : new Reach.Both(side)));
                    return ops;
                },
                layer -> Blocks.gated(Decoder.FEED, Group.MLP, hidden, intermediate, feedBias));
        String architecture = k.texts("architectures").stream().findFirst().orElse("Model");
        return architecture.endsWith("Model")
                ? decoder.headless()
                : decoder.headless()
                        .doubt(Doubt.mayChange("The head of " + architecture
                                + " is not counted; the numbers are those of the encoder."));
    }
}
