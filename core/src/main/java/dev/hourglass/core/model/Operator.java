package dev.hourglass.core.model;

import dev.hourglass.core.model.Group.Part;
import java.util.ArrayList;
import java.util.List;

/// One piece of a model's work, with the weights that it owns.
///
/// Sealed: every formula switches over all kinds, so a new kind is a compile error until each
/// formula knows it. Elementwise functions (activations, residual additions, rotation) are part of
/// their neighbours and have no operator of their own.
public sealed interface Operator {
    /// Dotted name below its layer, as Transformers names the module: `self_attn.q_proj`.
    String name();

    Group group();

    /// Which part of its group the FLOPs are.
    default Part part() {
        return Part.WHOLE;
    }

    /// The weights that belong to it.
    default List<Weight> weights() {
        return List.of();
    }

    /// Number of parameters.
    default long parameters() {
        long sum = 0;
        for (Weight weight : weights()) {
            sum = Math.addExact(sum, weight.elements());
        }
        return sum;
    }

    /// The core of an attention-like layer: what is not a projection.
    sealed interface Core extends Operator {
        @Override
        default Part part() {
            return Part.CORE;
        }
    }

    /// Rows of a table, picked by index.
    record Lookup(String name, Group group, long rows, long width) implements Operator {
        @Override
        public List<Weight> weights() {
            return List.of(new Weight("weight", group, Weight.Kind.TABLE, 1, rows, width));
        }
    }

    /// A norm over vectors of `width`, of which each token has `vectors`.
    record Norm(String name, Group group, long width, long vectors, boolean bias, Scope scope) implements Operator {
        @Override
        public List<Weight> weights() {
            Weight weight = Weight.vector("weight", group, width);
            return bias ? List.of(weight, Weight.vector("bias", group, width)) : List.of(weight);
        }
    }

    /// A matrix product with a weight of `outputs` × `inputs`.
    ///
    /// @param owned false for a head that borrows the embedding's table: work, but no weight
    record Linear(
            String name,
            Group group,
            Part part,
            long inputs,
            long outputs,
            boolean bias,
            boolean owned,
            Scope scope,
            Split split)
            implements Operator {
        @Override
        public List<Weight> weights() {
            if (!owned) {
                return List.of();
            }
            Weight matrix = Weight.matrix(group, outputs, inputs);
            return bias ? List.of(matrix, Weight.vector("bias", group, outputs)) : List.of(matrix);
        }
    }

    /// Scores, softmax and weighted sum, over keys and values that each query head shares with its
    /// group. Caches a key and a value per token and key/value head.
    ///
    /// @param reach which tokens a query sees
    /// @param sinks whether each query head has a learned sink
    /// @param borrowed whether it reads the keys and values of an earlier layer and keeps none
    record Attention(
            String name,
            Group group,
            long queryHeads,
            long keyHeads,
            long keyWidth,
            long valueWidth,
            Reach reach,
            boolean sinks,
            boolean borrowed)
            implements Core {
        public Attention reaching(Reach other) {
            return new Attention(name, group, queryHeads, keyHeads, keyWidth, valueWidth, other, sinks, borrowed);
        }

        @Override
        public List<Weight> weights() {
            return sinks ? List.of(Weight.vector("sinks", group, queryHeads)) : List.of();
        }
    }

    /// Attention of new tokens over an encoder's `source` positions, whose keys and values are
    /// computed in the first call and kept.
    record CrossAttention(String name, long heads, long width, long source) implements Core {
        @Override
        public Group group() {
            return Group.CROSS_ATTN;
        }
    }

    /// The matrix between a cached latent and the heads' keys and values. Expanded, it runs over
    /// every cached token; absorbed into query and output, over the new tokens only.
    record LatentExpansion(String name, long heads, long rank, long nopeWidth, long valueWidth) implements Operator {
        @Override
        public Group group() {
            return Group.ATTN;
        }

        @Override
        public Part part() {
            return Part.PROJ;
        }

        @Override
        public List<Weight> weights() {
            return List.of(Weight.matrix(Group.ATTN, heads * (nopeWidth + valueWidth), rank));
        }
    }

    /// Attention over a latent of `rank` and a shared rotary key of `ropeWidth` per token, which is
    /// all that is cached.
    ///
    /// @param top how many tokens an indexer leaves of those that are cached; 0 for all
    record LatentAttention(
            String name, long heads, long rank, long nopeWidth, long ropeWidth, long valueWidth, long top)
            implements Core {
        public LatentAttention(String name, long heads, long rank, long nopeWidth, long ropeWidth, long valueWidth) {
            this(name, heads, rank, nopeWidth, ropeWidth, valueWidth, 0);
        }

        @Override
        public Group group() {
            return Group.ATTN;
        }
    }

    /// Attention of `heads` queries to one head of shared keys and values: those of a window, and
    /// entries that each stand for `every` tokens.
    ///
    /// @param every tokens per entry; 0 for no entries
    /// @param top entries that an indexer leaves; 0 for all
    record CompressedAttention(String name, long heads, long width, long window, long every, long top) implements Core {
        @Override
        public Group group() {
            return Group.ATTN;
        }

        /// Entries that `tokens` tokens have become.
        public long entries(long tokens) {
            return every == 0 ? 0 : tokens / every;
        }

        /// Pairs that a sequence's new tokens need.
        public long pairs(long context, long tokens) {
            return Math.addExact(
                    Reach.windowed(window, context, tokens),
                    every == 0 ? 0 : Reach.entries(every, top, context, tokens));
        }

        @Override
        public List<Weight> weights() {
            return List.of(Weight.vector("sinks", Group.ATTN, heads));
        }
    }

    /// Scores every cached token for each new one, by `heads` products with one key of `width` that is
    /// cached per token, so that attention can be confined to the best.
    ///
    /// @param joined products per score that join the heads' scores: 1, or 0 where that is elementwise
    /// @param every cached entries come one per so many tokens
    record Indexer(String name, long heads, long width, long joined, long every) implements Core {
        @Override
        public Group group() {
            return Group.ATTN;
        }
    }

    /// Gated feed-forward experts, of which the router chooses `chosen` of `total` per token.
    ///
    /// @param local experts that this device holds; all but under expert parallelism
    /// @param bias whether both matrices of each expert have biases
    /// @param gated whether a third matrix gates the second
    /// @param eager experts that eager PyTorch runs each token through; more than chosen where it
    ///     multiplies with all of them
    record Experts(
            String name,
            long total,
            long local,
            long chosen,
            long hidden,
            long intermediate,
            boolean bias,
            boolean gated,
            long eager)
            implements Operator {
        /// Matrices of one expert.
        public long matrices() {
            return gated ? 3 : 2;
        }

        @Override
        public Group group() {
            return Group.ROUTED_EXPERTS;
        }

        @Override
        public List<Weight> weights() {
            List<Weight> weights = new ArrayList<>();
            if (gated) {
                weights.add(matrix("gate_proj", intermediate, hidden));
            }
            weights.add(matrix("up_proj", intermediate, hidden));
            weights.add(matrix("down_proj", hidden, intermediate));
            if (bias) {
                weights.add(new Weight(
                        "gate_up_bias", group(), Weight.Kind.PLAIN, local, 1, (matrices() - 1) * intermediate));
                weights.add(new Weight("down_bias", group(), Weight.Kind.PLAIN, local, 1, hidden));
            }
            return List.copyOf(weights);
        }

        private Weight matrix(String matrix, long rows, long columns) {
            return new Weight(matrix, group(), Weight.Kind.MATRIX, local, rows, columns);
        }
    }

    /// The gated delta rule with its short convolution: a state of `keyWidth` × `valueWidth` per
    /// value head instead of a growing cache.
    ///
    /// @param decays numbers that set how fast the state decays: one per head, or one per channel
    record DeltaRule(
            String name, long keyHeads, long valueHeads, long keyWidth, long valueWidth, long kernel, long decays)
            implements Core {
        @Override
        public Group group() {
            return Group.LINEAR_ATTN;
        }

        /// Channels of the convolution: queries, keys and values.
        public long channels() {
            return 2 * keyHeads * keyWidth + valueHeads * valueWidth;
        }

        @Override
        public List<Weight> weights() {
            return List.of(
                    Weight.vector("conv1d.weight", group(), channels() * kernel),
                    Weight.vector("dt_bias", group(), decays),
                    Weight.vector("A_log", group(), valueHeads));
        }
    }

    /// A selective state-space scan with its short convolution.
    ///
    /// @param state state elements per channel
    /// @param groups groups that share input and output vectors
    record StateScan(String name, long heads, long headWidth, long state, long groups, long kernel, boolean convBias)
            implements Core {
        @Override
        public Group group() {
            return Group.SSM;
        }

        public long inner() {
            return heads * headWidth;
        }

        /// Channels of the convolution: inputs and the groups' input and output vectors.
        public long channels() {
            return inner() + 2 * groups * state;
        }

        @Override
        public List<Weight> weights() {
            return List.of(
                    Weight.vector("conv1d", group(), channels() * (kernel + (convBias ? 1 : 0))),
                    Weight.vector("dt_bias", group(), heads),
                    Weight.vector("A_log", group(), heads),
                    Weight.vector("D", group(), heads));
        }
    }

    /// A selective scan whose step sizes are projected per channel, with its short convolution.
    ///
    /// @param state state elements per channel
    record SelectiveScan(String name, long inner, long state, long kernel, boolean convBias) implements Core {
        @Override
        public Group group() {
            return Group.SSM;
        }

        @Override
        public List<Weight> weights() {
            return List.of(
                    Weight.vector("conv1d", group(), inner * (kernel + (convBias ? 1 : 0))),
                    Weight.vector("A_log", group(), inner * state),
                    Weight.vector("D", group(), inner));
        }
    }

    /// A short convolution along the tokens, channel by channel, that keeps its last inputs.
    record ShortConvolution(String name, long width, long kernel, boolean bias) implements Core {
        @Override
        public Group group() {
            return Group.CONV;
        }

        @Override
        public List<Weight> weights() {
            return List.of(Weight.vector("weight", group(), width * (kernel + (bias ? 1 : 0))));
        }
    }

    /// A convolution of an encoder's stem or of image patches, as a matrix product per output
    /// position.
    ///
    /// @param taps elements of one kernel window in one channel
    /// @param stride elements of a channel by which the window moves on
    /// @param stem output positions per sequence where they are fixed; 0 for one per token
    record Convolution(
            String name, Group group, long inputs, long outputs, long taps, long stride, long stem, boolean bias)
            implements Operator {
        /// Output positions in a step, over all sequences.
        public long positions(Work work) {
            return stem == 0 ? work.newTokens() : Math.multiplyExact(stem, work.batch());
        }

        @Override
        public List<Weight> weights() {
            Weight kernel = new Weight("weight", group, Weight.Kind.PLAIN, 1, outputs, inputs * taps);
            return bias ? List.of(kernel, Weight.vector("bias", group, outputs)) : List.of(kernel);
        }
    }

    /// The outer product of positions and frequencies; `width` angles per token.
    record RotaryAngles(String name, long width) implements Operator {
        @Override
        public Group group() {
            return Group.ROPE;
        }
    }

    /// A product of two computed matrices: `rows` of `inputs` by `inputs` × `outputs`.
    record Product(String name, Group group, long inputs, long outputs, Scope scope) implements Operator {}

    /// Parameters that take part in no product, such as a learned query.
    record Constant(String name, Group group, long length) implements Operator {
        @Override
        public List<Weight> weights() {
            return List.of(Weight.vector("", group, length));
        }
    }
}
