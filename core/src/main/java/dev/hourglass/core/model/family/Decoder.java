package dev.hourglass.core.model.family;

import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Group.Part;
import dev.hourglass.core.model.Kinds;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Scope;
import dev.hourglass.core.model.Section;
import dev.hourglass.core.model.Split;
import dev.hourglass.core.model.Tower;
import dev.hourglass.core.model.family.Blocks.Normed;
import dev.hourglass.core.model.keys.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Builds a text model: embedding, layers, final norm, head.
public final class Decoder {
    public static final String ATTENTION = "self_attn.";
    public static final String FEED = "mlp.";

    /// Far above any model; guards against a hostile count.
    private static final long MOST_LAYERS = 10_000;

    private final Names names;
    private final long hidden;
    private final long vocabulary;
    private final int layers;
    private final OptionalLong positions;
    private final List<Section> sections = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Doubt> doubts = new ArrayList<>();
    private final List<Operator> before = new ArrayList<>();
    private final List<Operator> behind = new ArrayList<>();
    private Optional<Tower> tower = Optional.empty();
    private Normed normed = Normed.SCALE;
    private String last = "norm";
    private Placed placed = Placed.BEFORE;
    private boolean tied;
    private boolean headless;
    private boolean headBias;
    private long headRows;
    private Optional<Operator> start = Optional.empty();
    private int shortenedFrom = Integer.MAX_VALUE;

    /// Names of modules and of the keys that a family's sizes stand under.
    public record Names(String root, String head, String hidden, String layers, String positions) {
        static final Names USUAL =
                new Names("model", "lm_head", "hidden_size", "num_hidden_layers", "max_position_embeddings");
    }

    /// Where a layer's norms stand: before its mixer, between it and its feed-forward, behind both.
    public record Placed(List<String> before, List<String> between, List<String> behind) {
        static final Placed BEFORE =
                new Placed(List.of("input_layernorm"), List.of("post_attention_layernorm"), List.of());
        static final Placed BEHIND =
                new Placed(List.of(), List.of("post_attention_layernorm"), List.of("post_feedforward_layernorm"));
        static final Placed SANDWICH = new Placed(
                List.of("input_layernorm"),
                List.of("post_attention_layernorm", "pre_feedforward_layernorm"),
                List.of("post_feedforward_layernorm"));
        static final Placed ONCE = new Placed(List.of("input_layernorm"), List.of(), List.of());
    }

    public Decoder(Keys k, Names names) {
        this(k, names, (int) layers(k, names.layers()));
    }

    private Decoder(Keys k, Names names, int layers) {
        this.names = names;
        this.hidden = k.positive(names.hidden());
        this.vocabulary = k.positive("vocab_size");
        this.headRows = vocabulary;
        this.layers = layers;
        this.positions = k.optional(names.positions());
        this.tied = k.flag("tie_word_embeddings");
    }

    public static Decoder of(Keys k) {
        return new Decoder(k, Names.USUAL);
    }

    /// With as many layers as a pattern has letters.
    public static Decoder of(Keys k, int layers) {
        return new Decoder(k, Names.USUAL, layers);
    }

    public static long layers(Keys k, String key) {
        long layers = k.positive(key);
        if (layers > MOST_LAYERS) {
            throw k.wrong(key, "at most " + MOST_LAYERS + " layers");
        }
        return layers;
    }

    /// The operators of a part of a layer.
    @FunctionalInterface
    public interface PerLayer {
        List<Operator> at(int layer);
    }

    public long hidden() {
        return hidden;
    }

    public int layers() {
        return layers;
    }

    /// What its norms learn, and what the last of them is called.
    public Decoder norms(Normed kind, String lastName) {
        normed = kind;
        last = lastName;
        return this;
    }

    public Decoder norms(Placed where) {
        placed = where;
        return this;
    }

    public Decoder tied(boolean now) {
        tied = now;
        return this;
    }

    /// Layers from which on eager PyTorch computes the last token alone, where no other's logits are
    /// asked for.
    public Decoder shortenedFrom(long layer) {
        shortenedFrom = (int) layer;
        return this;
    }

    /// There is no head: what leaves is the hidden state.
    public Decoder headless() {
        headless = true;
        return this;
    }

    public Decoder headBias(boolean present) {
        headBias = present;
        return this;
    }

    /// Another begins than its own embedding: what a draft takes from the model that it serves.
    Decoder startingWith(Operator operator) {
        start = Optional.of(operator);
        return this;
    }

    /// The head knows so many tokens.
    Decoder headRows(long rows) {
        headRows = rows;
        return this;
    }

    /// An operator that runs once per step, before the layers.
    public Decoder before(Operator operator) {
        before.add(operator);
        return this;
    }

    /// An operator that runs behind the layers, before the last norm.
    public Decoder behind(Operator operator) {
        behind.add(operator);
        return this;
    }

    /// Adds a set of rotary angles.
    public void rotary(long width) {
        before.add(new Operator.RotaryAngles("rotary_emb", width));
    }

    /// Adds the rotary angles of the heads.
    public Decoder rotary(Keys k) {
        return rotary(k, 1);
    }

    /// Adds the rotary angles of the heads, for positions along several axes.
    public Decoder rotary(Keys k, long axes) {
        long headDim = k.positive("head_dim", hidden / k.positive("num_attention_heads"));
        rotary(axes * (long) (headDim * k.real("partial_rotary_factor", 1)));
        return this;
    }

    /// What a reader of the numbers must know.
    public Decoder note(String text) {
        notes.add(text);
        return this;
    }

    /// What may change the numbers.
    public Decoder doubt(Doubt doubt) {
        doubts.add(doubt);
        return this;
    }

    public Decoder multiToken(long predictionLayers) {
        if (predictionLayers > 0) {
            note("Multi-token prediction is not counted; layers of it in the checkpoint: " + predictionLayers + ".");
        }
        return this;
    }

    public Decoder tower(Tower built) {
        tower = Optional.of(built);
        return this;
    }

    public List<Operator> gated(long intermediate, boolean bias) {
        return Blocks.gated(FEED, Group.MLP, hidden, intermediate, bias);
    }

    /// All layers alike, with a gated feed-forward.
    public Decoder dense(Attend attend, Windows windows, long intermediate, boolean bias) {
        return layers(layer -> attend.at(ATTENTION, windows.at(layer)), layer -> gated(intermediate, bias));
    }

    /// Layers of attention and feed-forward, with their norms where they are placed.
    public Decoder layers(PerLayer mixer, PerLayer feed) {
        for (int layer = 0; layer < layers; layer++) {
            List<Operator> ops = new ArrayList<>();
            placed.before().forEach(name -> ops.add(norm(name)));
            ops.addAll(mixer.at(layer));
            placed.between().forEach(name -> ops.add(norm(name)));
            ops.addAll(feed.at(layer));
            placed.behind().forEach(name -> ops.add(norm(name)));
            add(layer, ops);
        }
        return this;
    }

    /// Layers of one part each, behind its norm.
    public Decoder blocks(String norm, PerLayer part) {
        for (int layer = 0; layer < layers; layer++) {
            List<Operator> ops = new ArrayList<>();
            ops.add(norm(norm));
            ops.addAll(part.at(layer));
            add(layer, ops);
        }
        return this;
    }

    public Operator norm(String name) {
        return normed.over(name, hidden, 1);
    }

    public void add(int layer, List<Operator> operators) {
        sections.add(new Section(
                names.root() + ".layers." + layer, layer, Kinds.of(operators), operators, layer >= shortenedFrom));
    }

    /// Every attention layer sees both sides; of a window, half to each.
    public void bothSides() {
        sections.replaceAll(section -> {
            List<Operator> operators =
                    section.operators().stream().map(Decoder::bothSides).toList();
            return new Section(section.name(), section.layer(), Kinds.of(operators), operators);
        });
    }

    private static Operator bothSides(Operator operator) {
        return operator instanceof Operator.Attention a ? a.reaching(a.reach().bothSides()) : operator;
    }

    public Built build() {
        List<Section> all = new ArrayList<>();
        List<Operator> first = new ArrayList<>();
        first.add(start.orElseGet(() -> new Operator.Lookup("embed_tokens", Group.EMBED, vocabulary, hidden)));
        first.addAll(before);
        all.add(Section.outside(names.root(), "embedding", first));
        all.addAll(sections);
        if (!behind.isEmpty()) {
            all.add(Section.outside(names.root(), "behind the layers", behind));
        }
        if (!last.isEmpty()) {
            all.add(Section.outside(names.root(), "final norm", List.of(norm(last))));
        }
        if (!headless) {
            all.add(Section.outside("", "head", List.of(head())));
        }
        return new Built(all, tower, positions, notes, doubts);
    }

    private Operator head() {
        return new Operator.Linear(
                names.head(),
                Group.LM_HEAD,
                Part.WHOLE,
                hidden,
                headRows,
                headBias,
                !tied,
                new Scope.Logits(),
                Split.outputs(headRows));
    }

    /// What a recipe yields.
    public record Built(
            List<Section> sections,
            Optional<Tower> tower,
            OptionalLong positions,
            List<String> notes,
            List<Doubt> doubts) {}
}
