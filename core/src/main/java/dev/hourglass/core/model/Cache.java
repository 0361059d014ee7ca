package dev.hourglass.core.model;

import static java.lang.Math.multiplyExact;

/// What a sequence keeps between steps, in elements.
public final class Cache {
    private Cache() {}

    /// Tokens that a layer with this window still holds after `tokens` were seen: a window of `w`
    /// needs `w - 1` besides the next token.
    static long held(long window, long tokens) {
        return window == 0 ? tokens : Math.min(tokens, window - 1);
    }

    /// Elements that one more cached token adds, as long as no window is full.
    public static long perToken(Operator operator) {
        return switch (operator) {
            case Operator.Attention a -> a.causal() ? multiplyExact(a.keyHeads(), a.keyWidth() + a.valueWidth()) : 0;
            case Operator.LatentAttention a -> a.rank() + a.ropeWidth();
            case Operator other -> 0;
        };
    }

    /// Elements of growing cache after `tokens` tokens.
    public static long growing(Operator operator, long tokens) {
        long window = operator instanceof Operator.Attention a ? a.window() : 0;
        return multiplyExact(perToken(operator), held(window, tokens));
    }

    /// Elements kept whatever the length: recurrent and convolution states, an encoder's keys and
    /// values.
    public static long fixed(Operator operator) {
        return recurrent(operator) + shortTerm(operator);
    }

    /// The recurrent part of [#fixed], which engines keep in 32 bits.
    static long recurrent(Operator operator) {
        return switch (operator) {
            case Operator.DeltaRule d -> multiplyExact(d.valueHeads(), d.keyWidth() * d.valueWidth());
            case Operator.StateScan s -> multiplyExact(s.inner(), s.state());
            case Operator other -> 0;
        };
    }

    private static long shortTerm(Operator operator) {
        return switch (operator) {
            case Operator.DeltaRule d -> multiplyExact(d.channels(), d.kernel());
            case Operator.StateScan s -> multiplyExact(s.channels(), s.kernel());
            case Operator.CrossAttention a -> multiplyExact(2 * a.heads() * a.width(), a.source());
            case Operator other -> 0;
        };
    }
}
