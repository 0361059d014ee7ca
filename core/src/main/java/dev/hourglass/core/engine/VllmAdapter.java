package dev.hourglass.core.engine;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Optional;

/// Names of vLLM, releases 0.9 to 0.33: metrics begin with `vllm:`.
public final class VllmAdapter implements EngineAdapter {
    private static final String PREFIX = "vllm:";
    private static final Map<String, EngineMetric> METRICS = Map.ofEntries(
            entry("num_requests_running", EngineMetric.REQUESTS_RUNNING),
            entry("num_requests_waiting", EngineMetric.REQUESTS_WAITING),
            entry("request_success", EngineMetric.REQUESTS_FINISHED),
            entry("kv_cache_usage_perc", EngineMetric.KV_USAGE),
            entry("gpu_cache_usage_perc", EngineMetric.KV_USAGE),
            entry("prefix_cache_queries", EngineMetric.PREFIX_QUERIES),
            entry("prefix_cache_hits", EngineMetric.PREFIX_HITS),
            entry("gpu_prefix_cache_queries", EngineMetric.PREFIX_QUERIES),
            entry("gpu_prefix_cache_hits", EngineMetric.PREFIX_HITS),
            entry("num_preemptions", EngineMetric.PREEMPTIONS),
            entry("prompt_tokens", EngineMetric.PROMPT_TOKENS),
            entry("generation_tokens", EngineMetric.OUTPUT_TOKENS),
            entry("iteration_tokens", EngineMetric.STEP_TOKENS),
            entry("iteration_tokens_total", EngineMetric.STEP_TOKENS),
            entry("time_to_first_token_seconds", EngineMetric.TTFT),
            entry("inter_token_latency_seconds", EngineMetric.ITL),
            entry("time_per_output_token_seconds", EngineMetric.ITL),
            entry("request_time_per_output_token_seconds", EngineMetric.TPOT),
            entry("e2e_request_latency_seconds", EngineMetric.E2E),
            entry("request_queue_time_seconds", EngineMetric.QUEUE_TIME),
            entry("request_prefill_time_seconds", EngineMetric.PREFILL_TIME),
            entry("request_decode_time_seconds", EngineMetric.DECODE_TIME),
            entry("request_inference_time_seconds", EngineMetric.INFERENCE_TIME),
            entry("spec_decode_num_draft_tokens", EngineMetric.SPEC_DRAFTED),
            entry("spec_decode_num_accepted_tokens", EngineMetric.SPEC_ACCEPTED),
            entry("estimated_flops_per_gpu", EngineMetric.ESTIMATED_FLOPS));

    /// Found by `ServiceLoader`.
    public VllmAdapter() {}

    @Override
    public String engine() {
        return "vllm";
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
