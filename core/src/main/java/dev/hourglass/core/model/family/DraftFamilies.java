package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.family.Decoder.Placed;
import dev.hourglass.core.model.keys.Keys;
import java.util.List;

/// Draft models, which predict for another and take its hidden states and its embedding.
final class DraftFamilies {
    static final List<Family> ALL =
            List.of(new Family("eagle3", List.of(), "LlamaForCausalLMEagle3", DraftFamilies::eagle3));

    private DraftFamilies() {}

    /// EAGLE-3: three hidden states of the target joined into one, layers that see it beside the embedding,
    /// and a head over the draft's own vocabulary.
    private static Decoder eagle3(Keys k) {
        Decoder decoder = Decoder.of(k)
                .rotary(k)
                .norms(new Placed(
                        List.of("input_layernorm", "hidden_norm"), List.of("post_attention_layernorm"), List.of()));
        long hidden = decoder.hidden();
        long target = k.positive("target_hidden_size", hidden);
        Attend attend = Attend.of(k).inputs(2 * hidden);
        decoder.startingWith(Blocks.linear("fc", Group.OTHER, 3 * target, hidden, false, Split.NONE))
                .headRows(k.positive("draft_vocab_size", k.positive("vocab_size")))
                .note("A draft model: the embedding is the one of the model that it serves, and not counted.");
        long intermediate = k.positive("intermediate_size");
        return decoder.layers(
                layer -> attend.at(Decoder.ATTENTION, new Reach.All()), layer -> decoder.gated(intermediate, false));
    }
}
