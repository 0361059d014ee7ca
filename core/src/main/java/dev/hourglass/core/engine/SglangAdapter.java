package dev.hourglass.core.engine;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Optional;

/// Names of SGLang: metrics begin with `sglang:`.
public final class SglangAdapter implements EngineAdapter {
    private static final String PREFIX = "sglang:";
    private static final Map<String, EngineMetric> METRICS = Map.ofEntries(
            entry("num_running_reqs", EngineMetric.REQUESTS_RUNNING),
            entry("num_queue_reqs", EngineMetric.REQUESTS_WAITING),
            entry("num_requests", EngineMetric.REQUESTS_FINISHED),
            entry("token_usage", EngineMetric.KV_USAGE),
            entry("num_used_tokens", EngineMetric.KV_TOKENS),
            entry("cache_hit_rate", EngineMetric.PREFIX_HIT_RATE),
            entry("cached_tokens", EngineMetric.PREFIX_HITS),
            entry("num_retracted_reqs", EngineMetric.PREEMPTIONS),
            entry("prompt_tokens", EngineMetric.PROMPT_TOKENS),
            entry("generation_tokens", EngineMetric.OUTPUT_TOKENS),
            entry("gen_throughput", EngineMetric.THROUGHPUT),
            entry("time_to_first_token_seconds", EngineMetric.TTFT),
            entry("inter_token_latency_seconds", EngineMetric.ITL),
            entry("time_per_output_token_seconds", EngineMetric.ITL),
            entry("e2e_request_latency_seconds", EngineMetric.E2E),
            entry("queue_time_seconds", EngineMetric.QUEUE_TIME),
            entry("spec_accept_length", EngineMetric.SPEC_ACCEPT_LENGTH));

    /// Found by `ServiceLoader`.
    public SglangAdapter() {}

    @Override
    public String engine() {
        return "sglang";
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
