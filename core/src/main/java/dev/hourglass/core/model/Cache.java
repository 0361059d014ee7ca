package dev.hourglass.core.model;

import static java.lang.Math.multiplyExact;

/// What a sequence keeps between steps, in elements.
public final class Cache {
    private Cache() {}

    /// Elements that one more cached token adds, as long as no window is full.
    public static long perToken(Operator operator) {
        return switch (operator) {
            case Operator.Attention a ->
                a.borrowed() || a.reach() instanceof Reach.Both || a.reach() instanceof Reach.Tile
                        ? 0
                        : multiplyExact(a.keyHeads(), a.keyWidth() + a.valueWidth());
            case Operator.Indexer i -> i.width() / i.every();
            case Operator.CompressedAttention a -> a.width() + (a.every() == 0 ? 0 : a.width() / a.every());
            case Operator.LatentAttention a -> a.rank() + a.ropeWidth();
            case Operator other -> 0;
        };
    }

    /// Elements of growing cache after `tokens` tokens.
    public static long growing(Operator operator, long tokens) {
        return switch (operator) {
            case Operator.CompressedAttention a -> compressed(a, tokens);
            case Operator.Indexer i when i.every() > 1 -> compressed(i.width(), i.every(), true, tokens);
            case Operator other -> multiplyExact(perToken(other), reach(other).held(tokens));
        };
    }

    private static long compressed(Operator.CompressedAttention a, long tokens) {
        long window = multiplyExact(a.width(), Reach.window(a.window()).held(tokens));
        return a.every() == 0 ? window : Math.addExact(window, compressed(a.width(), a.every(), a.top() > 0, tokens));
    }

    /// Entries of whole stretches, and the projections of tokens that fill none yet: of keys and gates,
    /// twice as wide where stretches overlap, which also keeps the last whole stretch.
    private static long compressed(long width, long every, boolean overlap, long tokens) {
        long projected = overlap ? 2 * width : width;
        long last = overlap && tokens >= every ? 2 * every * width : 0;
        return multiplyExact(width, tokens / every) + 2 * projected * (tokens % every) + last;
    }

    /// Elements that a step reads of the growing cache, its own or a borrowed one.
    public static long read(Operator operator, long tokens) {
        return switch (operator) {
            case Operator.Attention a ->
                multiplyExact(
                        multiplyExact(a.keyHeads(), a.keyWidth() + a.valueWidth()),
                        a.reach().read(tokens));
            case Operator.CompressedAttention a
            when a.top() > 0 ->
                multiplyExact(a.width(), Reach.window(a.window()).held(tokens) + Math.min(a.top(), a.entries(tokens)));
            case Operator.Indexer i -> multiplyExact(i.width(), tokens / i.every());
            case Operator.LatentAttention a when a.top() > 0 -> multiplyExact(perToken(a), Math.min(tokens, a.top()));
            case Operator other -> growing(other, tokens);
        };
    }

    private static Reach reach(Operator operator) {
        return operator instanceof Operator.Attention a ? a.reach() : new Reach.All();
    }

    /// Elements kept whatever the length: recurrent and convolution states, an encoder's keys and
    /// values.
    public static long fixed(Operator operator) {
        return recurrent(operator) + shortTerm(operator);
    }

    /// The recurrent part of [#fixed], which engines keep in 32 bits.
    public static long recurrent(Operator operator) {
        return switch (operator) {
            case Operator.DeltaRule d -> multiplyExact(d.valueHeads(), d.keyWidth() * d.valueWidth());
            case Operator.StateScan s -> multiplyExact(s.inner(), s.state());
            case Operator.SelectiveScan s -> multiplyExact(s.inner(), s.state());
            case Operator other -> 0;
        };
    }

    private static long shortTerm(Operator operator) {
        return switch (operator) {
            case Operator.DeltaRule d -> multiplyExact(d.channels(), d.kernel());
            case Operator.StateScan s -> multiplyExact(s.channels(), s.kernel());
            case Operator.SelectiveScan s -> multiplyExact(s.inner(), s.kernel());
            case Operator.ShortConvolution c -> multiplyExact(c.width(), c.kernel());
            case Operator.CrossAttention a -> multiplyExact(2 * a.heads() * a.width(), a.source());
            case Operator other -> 0;
        };
    }
}
