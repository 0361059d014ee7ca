package dev.hourglass.core.engine;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Optional;

/// Names of llama.cpp's server: metrics begin with `llamacpp:`. Its two throughputs are averages over
/// the time since the last scrape.
public final class LlamaCppAdapter implements EngineAdapter {
    private static final String PREFIX = "llamacpp:";
    private static final Map<String, EngineMetric> METRICS = Map.ofEntries(
            entry("requests_processing", EngineMetric.REQUESTS_RUNNING),
            entry("requests_deferred", EngineMetric.REQUESTS_WAITING),
            entry("kv_cache_usage_ratio", EngineMetric.KV_USAGE),
            entry("kv_cache_tokens", EngineMetric.KV_TOKENS),
            entry("prompt_tokens", EngineMetric.PROMPT_TOKENS),
            entry("tokens_predicted", EngineMetric.OUTPUT_TOKENS),
            entry("prompt_seconds", EngineMetric.PREFILL_TIME),
            entry("tokens_predicted_seconds", EngineMetric.DECODE_TIME),
            entry("prompt_tokens_seconds", EngineMetric.PROMPT_THROUGHPUT),
            entry("predicted_tokens_seconds", EngineMetric.THROUGHPUT),
            entry("n_decode", EngineMetric.DECODE_CALLS),
            entry("n_busy_slots_per_decode", EngineMetric.BATCH_SIZE));

    /// Found by `ServiceLoader`.
    public LlamaCppAdapter() {}

    @Override
    public String engine() {
        return "llama.cpp";
    }

    @Override
    public boolean owns(String metric) {
        return metric.startsWith(PREFIX);
    }

    @Override
    public Optional<EngineMetric> metric(String metric) {
        return owns(metric) ? Optional.ofNullable(METRICS.get(metric.substring(PREFIX.length()))) : Optional.empty();
    }
}
