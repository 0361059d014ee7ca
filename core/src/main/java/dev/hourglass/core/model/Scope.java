package dev.hourglass.core.model;

/// For how many tokens an operator runs.
public sealed interface Scope {
    /// For each new token.
    record EachToken() implements Scope {}

    /// Only for positions whose logits are asked for.
    record Logits() implements Scope {}

    /// Once per `n` tokens: a merger of image patches.
    record OncePer(long n) implements Scope {}

    /// For `n` tokens of each sequence, whatever its length: the projector of a fixed-size image.
    record Fixed(long n) implements Scope {}

    /// For the `n` tokens of an encoder's output, in the first call of a sequence only.
    record FirstCall(long n) implements Scope {}

    /// Rows that the operator computes in the step, over all sequences.
    default long rows(Work work) {
        return switch (this) {
            case EachToken() -> work.newTokens();
            case Logits() -> work.logitRows();
            case OncePer(long n) -> work.newTokens() / n;
            case Fixed(long n) -> Math.multiplyExact(n, work.batch());
            case FirstCall(long n) -> work.context() == 0 ? Math.multiplyExact(n, work.batch()) : 0;
        };
    }
}
