package dev.hourglass.core.model;

import static java.lang.Math.addExact;
import static java.lang.Math.multiplyExact;

/// FLOPs of an operator in a step: two per multiply-add of matrix products, convolutions and state
/// updates. Norms, activations, softmax and rotation are not counted in either convention.
public final class Flops {
    private Flops() {}

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
            case Operator.Experts e -> experts(e, work);
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
            case Operator.Convolution c ->
                product(2, c.positions(work), c.inputs(), multiplyExact(c.taps(), c.outputs()));
            case Operator.RotaryAngles r -> product(r.width(), work.tokens());
        };
    }

    /// Query-key pairs that are multiplied, over all sequences.
    static long pairs(Operator.Attention a, Work work, Convention convention) {
        if (!a.causal()) {
            return product(work.batch(), work.tokens(), work.tokens());
        }
        return switch (convention) {
            case HF ->
                product(work.batch(), work.tokens(), addExact(Cache.held(a.window(), work.context()), work.tokens()));
            case SERVING -> multiplyExact(work.batch(), causalPairs(a.window(), work.context(), work.tokens()));
        };
    }

    /// Pairs of a sequence in which new token `j` sees `min(context + j, window)` tokens.
    static long causalPairs(long window, long context, long tokens) {
        long growing = window == 0 ? tokens : Math.clamp(window - context, 0, tokens);
        long pairs = addExact(multiplyExact(growing, context), triangle(growing));
        return addExact(pairs, multiplyExact(tokens - growing, window));
    }

    private static long triangle(long n) {
        return n % 2 == 0 ? multiplyExact(n / 2, n + 1) : multiplyExact(n, (n + 1) / 2);
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
                        multiplyExact(work.batch(), causalPairs(0, work.context(), work.tokens())));
        };
    }

    /// Under expert parallelism a device computes its share of the chosen experts on average.
    private static long experts(Operator.Experts e, Work work) {
        long all = product(6, work.newTokens(), e.chosen(), multiplyExact(e.hidden(), e.intermediate()));
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
