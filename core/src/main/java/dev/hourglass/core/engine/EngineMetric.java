package dev.hourglass.core.engine;

import dev.hourglass.core.unit.Unit;
import java.util.Locale;

/// What engines measure about themselves, under one name each.
public enum EngineMetric {
    REQUESTS_RUNNING(Unit.COUNT, "Requests in the running batch."),
    REQUESTS_WAITING(Unit.COUNT, "Requests waiting to be scheduled."),
    REQUESTS_FINISHED(Unit.COUNT, "Requests that ended."),
    KV_USAGE(Unit.RATIO, "KV cache in use over its size."),
    KV_TOKENS(Unit.TOKENS, "Tokens in the KV cache."),
    PREFIX_QUERIES(Unit.TOKENS, "Tokens looked up in the prefix cache."),
    PREFIX_HITS(Unit.TOKENS, "Of them found."),
    PREFIX_HIT_RATE(Unit.RATIO, "Tokens found in the prefix cache over tokens looked up."),
    PREEMPTIONS(Unit.COUNT, "Requests that lost their KV cache and have to be computed again."),
    PROMPT_TOKENS(Unit.TOKENS, "Prompt tokens processed."),
    OUTPUT_TOKENS(Unit.TOKENS, "Tokens generated."),
    STEP_TOKENS(Unit.TOKENS, "Tokens of one step."),
    THROUGHPUT(Unit.TOKENS_PER_SECOND, "Tokens generated per second, as the engine averages it."),
    PROMPT_THROUGHPUT(Unit.TOKENS_PER_SECOND, "Prompt tokens per second, as the engine averages it."),
    TTFT(Unit.SECONDS, "From a request's arrival to its first token."),
    ITL(Unit.SECONDS, "Between two tokens of a request."),
    TPOT(Unit.SECONDS, "Mean per output token of a request after the first."),
    E2E(Unit.SECONDS, "From a request's arrival to its end."),
    QUEUE_TIME(Unit.SECONDS, "From a request's arrival to its first scheduling."),
    PREFILL_TIME(Unit.SECONDS, "In prefill."),
    DECODE_TIME(Unit.SECONDS, "In decode."),
    INFERENCE_TIME(Unit.SECONDS, "In prefill and decode together."),
    DECODE_CALLS(Unit.COUNT, "Calls of the decode function."),
    BATCH_SIZE(Unit.COUNT, "Sequences per decode step, as the engine averages it."),
    SPEC_ACCEPT_LENGTH(Unit.TOKENS, "Tokens accepted per step of speculative decoding."),
    SPEC_DRAFTED(Unit.TOKENS, "Tokens that speculative decoding proposed."),
    SPEC_ACCEPTED(Unit.TOKENS, "Of them accepted."),
    ESTIMATED_FLOPS(Unit.FLOP, "Floating-point operations per GPU, as the engine estimates from its config.");

    private final Unit unit;
    private final String doc;

    EngineMetric(Unit unit, String doc) {
        this.unit = unit;
        this.doc = doc;
    }

    /// The word in `metric.meaning`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public Unit unit() {
        return unit;
    }

    /// Whether engines keep it as a distribution over requests or steps.
    public boolean isDistribution() {
        return unit == Unit.SECONDS || this == STEP_TOKENS;
    }

    public String doc() {
        return doc;
    }
}
