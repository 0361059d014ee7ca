package dev.hourglass.core.model;

/// What one step of a model is asked to do.
///
/// @param tokens new tokens per sequence, at least 1
/// @param context tokens per sequence that are already cached
/// @param batch sequences
/// @param logits positions per sequence whose logits are computed
public record Work(long tokens, long context, long batch, long logits) {

    public Work {
        if (tokens < 1 || context < 0 || batch < 1 || logits < 0 || logits > tokens) {
            throw new IllegalArgumentException(
                    "no such step: " + tokens + " tokens, " + context + " cached, " + batch + " sequences");
        }
    }

    /// A first call over the whole prompt, with the last position's logits.
    public static Work prefill(long prompt, long batch) {
        return new Work(prompt, 0, batch, 1);
    }

    /// One new token per sequence on top of `context` cached ones.
    public static Work decode(long context, long batch) {
        return new Work(1, context, batch, 1);
    }

    /// The same step with the logits of every position.
    public Work allLogits() {
        return new Work(tokens, context, batch, tokens);
    }

    public long newTokens() {
        return Math.multiplyExact(tokens, batch);
    }

    public long logitRows() {
        return Math.multiplyExact(logits, batch);
    }
}
