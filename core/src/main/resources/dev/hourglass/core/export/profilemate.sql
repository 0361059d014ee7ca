-- The files that ProfileMate documents for a run of vLLM, under its names and columns. Seconds count from the start of
-- the first process, $origin.

-- @query origin
-- Start of the first process, else the first moment of an engine.
SELECT coalesce((SELECT min(start_ts) FROM probe_process), (SELECT min(ts) FROM batch), (SELECT min(ts) FROM step), 0)::BIGINT AS ts

-- @query cuda_graph_captures
SELECT mode AS runtime_mode, tokens AS num_tokens, coalesce(requests::VARCHAR, 'None') AS num_reqs,
       CASE WHEN uniform THEN 'True' ELSE 'False' END AS uniform, CASE WHEN lora THEN 'True' ELSE 'False' END AS has_lora,
       round((ts - $origin) / 1e9, 3) AS capture_time_sec
FROM cuda_graph_capture ORDER BY ts

-- @query cuda_graph_usage
SELECT mode AS runtime_mode, tokens AS num_tokens, coalesce(requests::VARCHAR, 'None') AS num_reqs,
       CASE WHEN uniform THEN 'True' ELSE 'False' END AS uniform, CASE WHEN lora THEN 'True' ELSE 'False' END AS has_lora,
       TRY_CAST(sum(count) AS BIGINT) AS replay_count
FROM cuda_graph_replay GROUP BY ALL ORDER BY replay_count DESC, runtime_mode, num_tokens

-- @query cuda_graph_timeline
SELECT round((ts + coalesce(dur, 0) - $origin) / 1e9, 6) AS timestamp_sec,
       mode || ':BatchDescriptor(num_tokens=' || coalesce(tokens::VARCHAR, 'None') || ', num_reqs=' || coalesce(requests::VARCHAR, 'None')
         || ', uniform=' || CASE WHEN uniform THEN 'True' ELSE 'False' END || ', has_lora=' || CASE WHEN lora THEN 'True' ELSE 'False' END || ')' AS descriptor,
       round(dur / 1e6, 3) AS duration_ms
FROM cuda_graph_replay WHERE ts IS NOT NULL ORDER BY ts

-- @query kv_cache_usage
SELECT round((ts - $origin) / 1e9, 6) AS timestamp_sec, round(usage_ratio * 100, 2) AS usage_pct, blocks AS num_blocks, total_blocks
FROM kv_usage ORDER BY ts

-- @query kv_cache_evictions
-- Those that cost a prefix.
SELECT round((ts - $origin) / 1e9, 6) AS timestamp_sec, round(lifetime_ns / 1e9, 3) AS lifetime_sec, round(idle_ns / 1e9, 3) AS idle_sec
FROM kv_eviction WHERE coalesce(prefix, true) ORDER BY ts

-- @query moe_expert_tracking/moe_expert_activations
SELECT layer AS layer_idx, expert AS expert_id, TRY_CAST(sum(tokens) AS BIGINT) AS activation_count,
       round(100 * sum(tokens) / sum(sum(tokens)) OVER (PARTITION BY layer), 2) AS percentage
FROM expert_count WHERE other_expert IS NULL GROUP BY layer, expert HAVING sum(tokens) > 0 ORDER BY layer, expert

-- @query moe_expert_tracking/moe_expert_coselection
-- All pairs.
SELECT layer AS layer_idx, expert AS expert_id_1, other_expert AS expert_id_2, TRY_CAST(sum(tokens) AS BIGINT) AS coselection_count
FROM expert_count WHERE other_expert IS NOT NULL GROUP BY ALL HAVING sum(tokens) > 0 ORDER BY layer, coselection_count DESC, expert, other_expert

-- @query moe_expert_tracking/moe_routing_weights_hist
-- Single weights, where they were sampled.
SELECT layer AS layer_idx, token AS token_idx, expert AS expert_id, round(weight, 6) AS weight FROM expert_weight ORDER BY layer, token, expert

-- @query moe_expert_tracking/moe_load_imbalance
-- Over all experts of the layer, idle ones counted in the deviation.
SELECT layer AS layer_idx, round((ts - $origin) / 1e9, 6) AS timestamp_sec, round(stddev, 3) AS std_dev, round(max_min, 3) AS max_min_ratio
FROM expert_load ORDER BY ts, layer

-- @query forward_pass_timing
-- Time on the device where it was measured, else host time of the slowest worker's forward pass.
SELECT round((s.ts - $origin) / 1e9, 6) AS timestamp_sec, s.phase, s.requests AS batch_size, s.tokens AS num_tokens,
       round(coalesce(max(f.gpu_forward_ns), max(f.forward_ns), any_value(s.gpu_ns)) / 1e6, 3) AS forward_time_ms,
       round(s.tokens * 1e9 / coalesce(max(f.gpu_forward_ns), max(f.forward_ns), any_value(s.gpu_ns)), 1) AS throughput_tokens_per_sec
FROM step s LEFT JOIN forward_pass f ON f.step = s.step AND f.engine IS NOT DISTINCT FROM s.engine
GROUP BY s.engine, s.step, s.ts, s.phase, s.requests, s.tokens
HAVING coalesce(max(f.gpu_forward_ns), max(f.forward_ns), any_value(s.gpu_ns)) > 0
ORDER BY s.ts

-- @query cpu_operations_timing
SELECT round((ts + dur - $origin) / 1e9, 6) AS timestamp_sec, name AS operation, round(dur / 1e6, 3) AS duration_ms, context
FROM host_operation ORDER BY ts

-- @query batch_utilization
SELECT round((ts - $origin) / 1e9, 6) AS timestamp_sec, requests AS num_seqs, max_requests AS max_num_seqs,
       round(100 * requests / max_requests, 2) AS seq_utilization_pct, tokens AS num_tokens, max_tokens,
       round(100 * tokens / max_tokens, 2) AS token_utilization_pct, phase, running AS running_queue_len, waiting AS waiting_queue_len
FROM batch ORDER BY ts

-- @query preemption_events
SELECT round((ts - $origin) / 1e9, 6) AS timestamp_sec, request AS request_id, event, reason,
       round(running_ns / 1e9, 3) AS running_time_sec, 'num_blocks=' || blocks AS extra_info
FROM preemption ORDER BY ts, request

-- @query request_lifecycle
WITH event AS (
  SELECT request, event, max(ts) AS ts FROM preemption GROUP BY request, event)
SELECT request AS request_id, round((max(ts) FILTER (event = 'started') - $origin) / 1e9, 6) AS started_sec,
       round((max(ts) FILTER (event = 'preempted') - $origin) / 1e9, 6) AS preempted_sec,
       round((max(ts) FILTER (event = 'resumed') - $origin) / 1e9, 6) AS resumed_sec,
       round((max(ts) FILTER (event = 'finished') - $origin) / 1e9, 6) AS finished_sec,
       round((max(ts) FILTER (event = 'finished') - max(ts) FILTER (event = 'started')) / 1e9, 6) AS total_time_sec,
       round((max(ts) FILTER (event = 'resumed') - max(ts) FILTER (event = 'preempted')) / 1e9, 6) AS preemption_delay_sec
FROM event GROUP BY request ORDER BY started_sec, request

-- @query encoder_decoder_timing
SELECT round((ts - $origin) / 1e9, 6) AS timestamp_sec, component, round(dur / 1e6, 3) AS duration_ms, context
FROM encoder_decoder ORDER BY ts

-- @query forward_pass_summary.json
WITH timed AS (
  SELECT s.phase, coalesce(max(f.gpu_forward_ns), max(f.forward_ns), any_value(s.gpu_ns)) / 1e6 AS ms
  FROM step s LEFT JOIN forward_pass f ON f.step = s.step AND f.engine IS NOT DISTINCT FROM s.engine
  GROUP BY s.engine, s.step, s.phase),
     told AS (
  SELECT phase, json_object('count', count(ms), 'mean_ms', avg(ms), 'std_ms', stddev_pop(ms), 'min_ms', min(ms), 'max_ms', max(ms),
                            'p50_ms', quantile_cont(ms, 0.5), 'p95_ms', percentile(ms, 0.95), 'p99_ms', percentile(ms, 0.99)) AS summary
  FROM timed WHERE ms IS NOT NULL AND phase IS NOT NULL GROUP BY phase)
SELECT json_group_object(phase, summary)::VARCHAR AS text FROM told HAVING count(*) > 0

-- @query cpu_timing_summary.json
WITH told AS (
  SELECT name, json_object('count', count(*), 'mean_ms', avg(dur) / 1e6, 'std_ms', stddev_pop(dur) / 1e6, 'min_ms', min(dur) / 1e6,
                           'max_ms', max(dur) / 1e6, 'p95_ms', percentile(dur, 0.95) / 1e6) AS summary
  FROM host_operation WHERE name IS NOT NULL GROUP BY name)
SELECT json_group_object(name, summary)::VARCHAR AS text FROM told HAVING count(*) > 0

-- @query batch_utilization_summary.json
SELECT json_object('total_samples', count(*), 'mean_seq_utilization_pct', avg(100 * requests / max_requests),
                   'mean_token_utilization_pct', avg(100 * tokens / max_tokens),
                   'underutilization_events', count(*) FILTER (2 * tokens < max_tokens),
                   'prefill_avg_utilization', avg(100 * tokens / max_tokens) FILTER (phase <> 'decode'),
                   'decode_avg_utilization', avg(100 * tokens / max_tokens) FILTER (phase = 'decode'),
                   'max_num_seqs', max(max_requests), 'max_tokens', max(max_tokens))::VARCHAR AS text
FROM batch HAVING count(*) > 0

-- @query preemption_summary.json
WITH reasons AS (
  SELECT coalesce(reason, 'not told') AS reason, count(*) AS n FROM preemption WHERE event = 'preempted' GROUP BY 1),
     resumed AS (
  SELECT min(r.ts) - p.ts AS ns
  FROM preemption p JOIN preemption r ON r.request = p.request AND r.event = 'resumed' AND r.ts > p.ts
  WHERE p.event = 'preempted' GROUP BY p.request, p.ts)
SELECT json_object('total_preemptions', count(*) FILTER (event = 'preempted'), 'total_requests', count(DISTINCT request),
                   'preemption_reasons', coalesce((SELECT json_group_object(reason, n) FROM reasons), '{}'::JSON),
                   'mean_running_time_before_preempt', avg(running_ns) FILTER (event = 'preempted') / 1e9,
                   'mean_resume_delay', (SELECT avg(ns) / 1e9 FROM resumed), 'max_resume_delay', (SELECT max(ns) / 1e9 FROM resumed))::VARCHAR AS text
FROM preemption HAVING count(*) > 0

-- @query encoder_decoder_summary.json
WITH told AS (
  SELECT coalesce(component, 'not told') AS component, sum(dur) AS ns, json_object('count', count(*), 'total_ms', sum(dur) / 1e6, 'mean_ms', avg(dur) / 1e6, 'std_ms', stddev_pop(dur) / 1e6) AS summary
  FROM encoder_decoder GROUP BY 1)
SELECT json_merge_patch(json_group_object(component, summary), json_object('model_type', CASE WHEN bool_or(component = 'encoder') THEN 'encoder_decoder' ELSE 'decoder_only' END))::VARCHAR AS text
FROM told HAVING count(*) > 0

-- @query moe_expert_tracking/moe_summary.json
WITH chosen AS (
  SELECT layer, expert, sum(tokens) AS n FROM expert_count WHERE other_expert IS NULL GROUP BY layer, expert),
     told AS (
  SELECT layer, json_object('num_experts', count(*), 'total_activations', TRY_CAST(sum(n) AS BIGINT), 'unique_experts_activated', count(*) FILTER (n > 0),
                            'activation_coverage_pct', 100 * avg((n > 0)::INTEGER), 'mean_activations_per_expert', avg(n) FILTER (n > 0),
                            'std_dev_activations', stddev_pop(n) FILTER (n > 0), 'min_activations', TRY_CAST(min(n) FILTER (n > 0) AS BIGINT),
                            'max_activations', TRY_CAST(max(n) AS BIGINT), 'load_balance_ratio', max(n) / greatest(min(n) FILTER (n > 0), 1)) AS summary
  FROM chosen GROUP BY layer)
SELECT json_group_object('layer_' || coalesce(layer::VARCHAR, 'not told'), summary)::VARCHAR AS text FROM told HAVING count(*) > 0
