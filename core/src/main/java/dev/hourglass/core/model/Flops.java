package dev.hourglass.core.model;

import static java.lang.Math.addExact;
import static java.lang.Math.multiplyExact;

/// FLOPs of an operator in a step: two per multiply-add of matrix products, convolutions and state
/// updates. Norms, activations, softmax and rotation are not counted in either convention.
public final class Flops {
    private Flops() {}

    /// FLOPs of an operator of a section.
    ///
    /// @throws ArithmeticException if the count exceeds 63 bits
    public static long of(Section section, Operator operator, Work work, Convention convention) {
        long flops = of(operator, work, convention);
        boolean shortened = section.shortened() && convention == Convention.HF && work.logits() == 1;
        return shortened ? flops / work.tokens() : flops;
    }

    /// @throws ArithmeticException if the count exceeds 63 bits
    public static long of(Operator operator, Work work, Convention convention) {
        return switch (operator) {
            case Operator.Lookup l -> 0;
            case Operator.Norm n -> 0;
            case Operator.Constant c -> 0;
            case Operator.Linear l -> product(2, l.scope().rows(work), l.inputs(), l.outputs());
            case Operator.Product p -> product(2, p.scope().rows(work), p.inputs(), p.outputs());
            case Operator.Attention a ->
                product(2, a.queryHeads(), a.keyWidth() + a.valueWidth(), pairs(a, work, convention));
            case Operator.CrossAttention a -> product(4, a.heads(), a.width(), a.source(), work.newTokens());
            case Operator.LatentExpansion e ->
                product(2, e.rank(), e.heads(), e.nopeWidth() + e.valueWidth(), expanded(work, convention));
            case Operator.LatentAttention a -> latent(a, work, convention);
            case Operator.Indexer i -> product(2, i.heads(), i.width() + i.joined(), indexed(i, work, convention));
            case Operator.CompressedAttention a -> product(4, a.heads(), a.width(), compressed(a, work, convention));
            case Operator.Experts e -> experts(e, work, convention);
            case Operator.DeltaRule d ->
                multiplyExact(
                        work.newTokens(),
                        addExact(
                                product(2, d.channels(), d.kernel()),
                                product(8, d.valueHeads(), d.keyWidth(), d.valueWidth())));
            case Operator.StateScan s ->
                multiplyExact(
                        work.newTokens(),
                        addExact(product(2, s.channels(), s.kernel()), product(6, s.inner(), s.state())));
            case Operator.SelectiveScan s ->
                product(work.newTokens(), s.inner(), addExact(2 * s.kernel(), 6 * s.state()));
            case Operator.ShortConvolution c -> product(2, work.newTokens(), c.width(), c.kernel());
            case Operator.Convolution c ->
                product(2, c.positions(work), c.inputs(), multiplyExact(c.taps(), c.outputs()));
            case Operator.RotaryAngles r -> product(r.width(), work.tokens());
        };
    }

    /// Query-key pairs that are multiplied, over all sequences.
    public static long pairs(Operator.Attention a, Work work, Convention convention) {
        return switch (convention) {
            case HF -> executed(a.reach(), work);
            case SERVING -> multiplyExact(work.batch(), a.reach().pairs(work.context(), work.tokens()));
        };
    }

    /// Pairs of the square that eager PyTorch multiplies, of tiles each by itself.
    private static long executed(Reach reach, Work work) {
        return reach instanceof Reach.Tile tile
                ? multiplyExact(work.batch(), tile.pairs(0, work.tokens()))
                : square(work, reach.held(work.context()));
    }

    /// Every new token against those held and every new one.
    private static long square(Work work, long held) {
        return product(work.batch(), work.tokens(), addExact(held, work.tokens()));
    }

    /// Pairs that an indexer scores.
    private static long indexed(Operator.Indexer i, Work work, Convention convention) {
        return switch (convention) {
            case HF -> product(work.batch(), work.tokens(), addExact(work.context(), work.tokens()) / i.every());
            case SERVING -> multiplyExact(work.batch(), Reach.entries(i.every(), 0, work.context(), work.tokens()));
        };
    }

    private static long compressed(Operator.CompressedAttention a, Work work, Convention convention) {
        long end = addExact(work.context(), work.tokens());
        return switch (convention) {
            case HF -> square(work, addExact(Reach.window(a.window()).held(work.context()), a.entries(end)));
            case SERVING -> multiplyExact(work.batch(), a.pairs(work.context(), work.tokens()));
        };
    }

    private static long expanded(Work work, Convention convention) {
        return switch (convention) {
            case HF -> multiplyExact(work.batch(), addExact(work.context(), work.tokens()));
            case SERVING -> work.newTokens();
        };
    }

    private static long latent(Operator.LatentAttention a, Work work, Convention convention) {
        return switch (convention) {
            case HF ->
                product(
                        2,
                        a.heads(),
                        a.nopeWidth() + a.ropeWidth() + a.valueWidth(),
                        product(work.batch(), work.tokens(), addExact(work.context(), work.tokens())));
            case SERVING ->
                product(
                        2,
                        a.heads(),
                        2 * a.rank() + a.ropeWidth(),
                        multiplyExact(work.batch(), Reach.windowed(a.top(), work.context(), work.tokens())));
        };
    }

    /// Under expert parallelism a device computes its share of the chosen experts on average.
    private static long experts(Operator.Experts e, Work work, Convention convention) {
        long run = convention == Convention.HF ? e.eager() : e.chosen();
        long all = product(2 * e.matrices(), work.newTokens(), run, multiplyExact(e.hidden(), e.intermediate()));
        return e.local() == e.total() ? all : Math.round((double) all * e.local() / e.total());
    }

    private static long product(long... factors) {
        long product = 1;
        for (long factor : factors) {
            product = multiplyExact(product, factor);
        }
        return product;
    }
}
