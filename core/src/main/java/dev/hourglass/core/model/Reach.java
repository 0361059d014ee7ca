package dev.hourglass.core.model;

import static java.lang.Math.addExact;
import static java.lang.Math.multiplyExact;

/// Which tokens a query of an attention layer sees.
public sealed interface Reach {
    /// Every token before it, and itself.
    record All() implements Reach {}

    /// The last `tokens`, itself included.
    record Window(long tokens) implements Reach {}

    /// Those before it in its own stretch of `tokens`.
    record Chunk(long tokens) implements Reach {}

    /// Tokens on both sides: an encoder. At most `tokens` to either side; 0 for all.
    record Both(long tokens) implements Reach {}

    /// Those of its own tile of `tokens`, before and behind it: windows of a picture.
    record Tile(long tokens) implements Reach {}

    /// A window of so many tokens; 0 for none.
    static Reach window(long tokens) {
        return tokens == 0 ? new All() : new Window(tokens);
    }

    /// Tokens that a layer still holds after `tokens` were seen: a window of `w` needs `w - 1` besides
    /// the next token. An encoder holds none.
    default long held(long tokens) {
        return switch (this) {
            case All() -> tokens;
            case Window(long window) -> Math.min(tokens, window - 1);
            case Chunk(long chunk) -> Math.min(tokens, chunk - 1);
            case Both b -> 0;
            case Tile t -> 0;
        };
    }

    /// Cached tokens that the next step reads at a context of `tokens`.
    default long read(long tokens) {
        return this instanceof Chunk(long chunk) ? tokens % chunk : held(tokens);
    }

    /// Pairs that a sequence's `tokens` new tokens need behind `context` cached ones.
    default long pairs(long context, long tokens) {
        return switch (this) {
            case All() -> windowed(0, context, tokens);
            case Window(long window) -> windowed(window, context, tokens);
            case Chunk(long chunk) -> Math.subtractExact(chunked(chunk, context + tokens), chunked(chunk, context));
            case Both(long side) -> both(side, tokens);
            case Tile(long tile) -> multiplyExact(tokens, Math.min(tile, tokens));
        };
    }

    /// The same to both sides; of a window, half to each.
    default Reach bothSides() {
        return this instanceof Window(long window) ? new Both(window / 2) : new Both(0);
    }

    /// Whether the work per token stops growing at some context.
    default long limit() {
        return switch (this) {
            case All() -> 0;
            case Window(long window) -> window;
            case Chunk(long chunk) -> chunk;
            case Both(long side) -> side;
            case Tile(long tile) -> tile;
        };
    }

    /// Pairs of a sequence in which new token `j` sees `min(context + j, window)` tokens.
    static long windowed(long window, long context, long tokens) {
        long growing = window == 0 ? tokens : Math.clamp(window - context, 0, tokens);
        long pairs = addExact(multiplyExact(growing, context), triangle(growing));
        return addExact(pairs, multiplyExact(tokens - growing, window));
    }

    /// Pairs of new tokens with the entries before them, one per `every` tokens, of which at most `top`
    /// are left; 0 for all.
    static long entries(long every, long top, long context, long tokens) {
        long end = addExact(context, tokens);
        return Math.subtractExact(entriesTo(every, top, end), entriesTo(every, top, context));
    }

    /// Sum of `min(⌊p / every⌋, top)` over positions `p` from 1 to `end`.
    private static long entriesTo(long every, long top, long end) {
        long full = end / every;
        long growing = top == 0 ? full : Math.min(full, top);
        // ⌊p / every⌋ = n for `every` positions, of the last n only the rest of them
        long sum = growing == 0 ? 0 : multiplyExact(every, triangle(growing - 1));
        return growing == 0 ? 0 : addExact(sum, multiplyExact(growing, end - multiplyExact(growing, every) + 1));
    }

    /// Pairs of the first `tokens` of a sequence that is cut into chunks.
    private static long chunked(long chunk, long tokens) {
        return addExact(multiplyExact(tokens / chunk, triangle(chunk)), triangle(tokens % chunk));
    }

    private static long both(long side, long tokens) {
        if (side == 0 || side >= tokens) {
            return multiplyExact(tokens, tokens);
        }
        return Math.subtractExact(multiplyExact(tokens, 2 * side + 1), multiplyExact(side, side + 1));
    }

    private static long triangle(long n) {
        return n % 2 == 0 ? multiplyExact(n / 2, n + 1) : multiplyExact(n, (n + 1) / 2);
    }
}
