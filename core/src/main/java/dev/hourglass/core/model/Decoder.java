package dev.hourglass.core.model;

import dev.hourglass.core.model.Blocks.GroupedAttention;
import dev.hourglass.core.model.Group.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Builds a text model: embedding, layers, final norm, head.
final class Decoder {
    static final String ATTENTION = "self_attn.";
    static final String FEED = "mlp.";

    /// Far above any model; guards against a hostile count.
    private static final long MOST_LAYERS = 10_000;

    private final String root;
    private final String head;
    private final long hidden;
    private final long vocabulary;
    private final int layers;
    private final OptionalLong positions;
    private final List<Section> sections = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Operator> before = new ArrayList<>();
    private Optional<Tower> tower = Optional.empty();
    private boolean tied;
    private boolean sandwich;
    private Operator.Norm last;

    Decoder(Keys k, String root, String head, String hidden, String layers, String positions, Operator.Norm last) {
        this.root = root;
        this.head = head;
        this.hidden = k.positive(hidden);
        this.vocabulary = k.positive("vocab_size");
        this.layers = (int) layers(k, layers);
        this.positions = k.optional(positions);
        this.tied = k.flag("tie_word_embeddings");
        this.last = last;
    }

    static Decoder of(Keys k) {
        return new Decoder(
                k,
                "model",
                "lm_head",
                "hidden_size",
                "num_hidden_layers",
                "max_position_embeddings",
                Blocks.norm("norm", k.positive("hidden_size")));
    }

    static long layers(Keys k, String key) {
        long layers = k.positive(key);
        if (layers > MOST_LAYERS) {
            throw k.wrong(key, "at most " + MOST_LAYERS + " layers");
        }
        return layers;
    }

    /// The operators of a part of a layer.
    @FunctionalInterface
    interface PerLayer {
        List<Operator> at(int layer);
    }

    long hidden() {
        return hidden;
    }

    int layers() {
        return layers;
    }

    /// Gives each layer a norm before and behind each of its halves.
    void sandwich() {
        sandwich = true;
    }

    void tied(boolean now) {
        tied = now;
    }

    /// An operator that runs once per step, before the layers.
    void before(Operator operator) {
        before.add(operator);
    }

    /// Adds a set of rotary angles.
    void rotary(long width) {
        before.add(new Operator.RotaryAngles("rotary_emb", width));
    }

    /// Adds the rotary angles of the heads.
    Decoder rotary(Keys k) {
        return rotary(k, 1);
    }

    /// Adds the rotary angles of the heads, for positions along several axes.
    Decoder rotary(Keys k, long axes) {
        long headDim = k.positive("head_dim", hidden / k.positive("num_attention_heads"));
        rotary(axes * (long) (headDim * k.real("partial_rotary_factor", 1)));
        return this;
    }

    void multiToken(long predictionLayers) {
        if (predictionLayers > 0) {
            notes.add(
                    "Multi-token prediction is not counted; layers of it in the checkpoint: " + predictionLayers + ".");
        }
    }

    Decoder tower(Tower built) {
        tower = Optional.of(built);
        return this;
    }

    List<Operator> gated(long intermediate, boolean bias) {
        return Blocks.gated(FEED, Group.MLP, hidden, intermediate, bias);
    }

    /// All layers alike, with a gated feed-forward.
    Decoder dense(GroupedAttention attention, long intermediate, boolean bias) {
        return layers(layer -> attention.operators(ATTENTION), layer -> gated(intermediate, bias));
    }

    /// Layers of attention and feed-forward, each behind its norm.
    Decoder layers(PerLayer mixer, PerLayer feed) {
        for (int layer = 0; layer < layers; layer++) {
            List<Operator> ops = new ArrayList<>();
            ops.add(Blocks.norm("input_layernorm", hidden));
            ops.addAll(mixer.at(layer));
            ops.add(Blocks.norm("post_attention_layernorm", hidden));
            if (sandwich) {
                ops.add(Blocks.norm("pre_feedforward_layernorm", hidden));
            }
            ops.addAll(feed.at(layer));
            if (sandwich) {
                ops.add(Blocks.norm("post_feedforward_layernorm", hidden));
            }
            add(layer, ops);
        }
        return this;
    }

    /// Layers of state-space scans, without feed-forward.
    Decoder scans(Operator.StateScan core, boolean bias) {
        for (int layer = 0; layer < layers; layer++) {
            add(
                    layer,
                    List.of(
                            Blocks.norm("norm", hidden),
                            Blocks.linear(
                                    "mixer.in_proj",
                                    Group.SSM,
                                    hidden,
                                    core.inner() + core.channels() + core.heads(),
                                    bias,
                                    Split.outputs(core.heads())),
                            core,
                            Blocks.norm("mixer.norm", core.inner()),
                            Blocks.linear(
                                    "mixer.out_proj",
                                    Group.SSM,
                                    core.inner(),
                                    hidden,
                                    bias,
                                    Split.inputs(core.heads()))));
        }
        return this;
    }

    void add(int layer, List<Operator> operators) {
        sections.add(new Section(root + ".layers." + layer, layer, Kinds.of(operators), operators));
    }

    Built build() {
        List<Section> all = new ArrayList<>();
        List<Operator> first = new ArrayList<>();
        first.add(new Operator.Lookup("embed_tokens", Group.EMBED, vocabulary, hidden));
        first.addAll(before);
        all.add(Section.outside(root, "embedding", first));
        all.addAll(sections);
        all.add(Section.outside(root, "final norm", List.of(last)));
        all.add(Section.outside(
                "",
                "head",
                List.of(new Operator.Linear(
                        head,
                        Group.LM_HEAD,
                        Part.WHOLE,
                        hidden,
                        vocabulary,
                        false,
                        !tied,
                        new Scope.Logits(),
                        Split.outputs(vocabulary)))));
        return new Built(all, tower, positions, notes);
    }

    /// What a recipe yields.
    record Built(List<Section> sections, Optional<Tower> tower, OptionalLong positions, List<String> notes) {}
}
