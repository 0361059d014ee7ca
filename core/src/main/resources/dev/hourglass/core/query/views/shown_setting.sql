-- What the recording shows of the settings that remedies speak of. What it does not tell is unknown, never off.
-- @column aim                as in remedy_flag
-- @column state              on, off or unknown
-- @column evidence           one sentence that says what shows it, or why nothing does
CREATE VIEW shown_setting AS
WITH fact AS (
  -- The engine's own configuration, as the probe read it.
  SELECT regexp_extract(name, '[^.]+$') AS key, lower(any_value(value)) AS value
  FROM metadata
  WHERE name LIKE 'engine.%' AND value IS NOT NULL
  GROUP BY ALL
  HAVING count(DISTINCT lower(value)) = 1),
     config AS (
  SELECT * FROM (VALUES
    ('graphs', 'graph_mode', 'CUDA graphs'), ('async', 'async_scheduling', 'Async scheduling'), ('prefix_cache', 'prefix_caching', 'The prefix cache'),
    ('chunked_prefill', 'chunked_prefill', 'Chunked prefill'), ('compile', 'compilation', 'Compilation'),
    ('kv_fp8', 'cache_dtype', 'A smaller format of the KV cache'), ('quantize', 'quantization', 'Quantisation')) AS known (aim, key, label)),
     configured AS (
  SELECT c.aim, c.label, f.key, f.value,
         CASE WHEN c.key IN ('graph_mode', 'compilation')
                THEN CASE WHEN f.value IN ('none', '0', 'null', '') OR EXISTS (SELECT 1 FROM fact e WHERE e.key = 'eager' AND e.value = 'true') THEN 'off' ELSE 'on' END
              WHEN c.key = 'cache_dtype' THEN CASE WHEN contains(f.value, 'fp8') OR contains(f.value, 'fp4') OR contains(f.value, 'int8') THEN 'on' ELSE 'off' END
              WHEN c.key = 'quantization' THEN CASE WHEN f.value IN ('none', 'null', '') THEN 'off' ELSE 'on' END
              WHEN f.value IN ('true', '1') THEN 'on' WHEN f.value IN ('false', '0') THEN 'off' END AS state
  FROM config c JOIN fact f ON f.key = c.key),
     command AS (SELECT ' ' || string_agg(DISTINCT command, ' ') || ' ' AS line FROM probe_process),
     commanded AS (
  SELECT aim, label, state, flag
  FROM (VALUES ('graphs', 'CUDA graphs', 'off', '--enforce-eager'), ('graphs', 'CUDA graphs', 'off', '--disable-cuda-graph'),
               ('async', 'Async scheduling', 'on', '--async-scheduling'), ('async', 'Async scheduling', 'off', '--no-async-scheduling'),
               ('async', 'Async scheduling', 'off', '--disable-overlap-schedule'),
               ('prefix_cache', 'The prefix cache', 'on', '--enable-prefix-caching'), ('prefix_cache', 'The prefix cache', 'off', '--no-enable-prefix-caching'),
               ('prefix_cache', 'The prefix cache', 'off', '--disable-radix-cache'),
               ('chunked_prefill', 'Chunked prefill', 'on', '--enable-chunked-prefill'), ('chunked_prefill', 'Chunked prefill', 'off', '--no-enable-chunked-prefill'),
               ('compile', 'Compilation', 'off', '--enforce-eager'), ('compile', 'Compilation', 'on', '--enable-torch-compile')) AS known (aim, label, state, flag)
  JOIN command c ON contains(c.line, ' ' || flag || ' ')),
     function AS (
  SELECT left(name, 400) AS name, count(*) AS n FROM slice WHERE category = 'python_function' GROUP BY ALL),
     called AS (
  SELECT sum(n) AS n, bool_or(contains(name, 'vllm/') AND ends_with(name, ': step_with_batch_queue')) AS batch_queue,
         bool_or(contains(name, 'vllm/v1/engine/core.py') AND ends_with(name, ': step')) AS plain_step,
         bool_or(ends_with(name, ': event_loop_overlap')) AS overlap_loop, bool_or(ends_with(name, ': event_loop_normal')) AS normal_loop,
         bool_or(ends_with(name, ': find_longest_cache_hit')) AS prefix_walk,
         bool_or(contains(name, 'radix_cache.py') AND ends_with(name, ': match_prefix')) AS radix_walk,
         bool_or(contains(name, 'torch_compile_cache') OR contains(name, 'torchinductor_') OR contains(name, '_inductor/output_code.py') OR contains(name, '_inductor/standalone_compile.py')) AS compiled
  FROM function),
     replayed AS (
  SELECT coalesce(h.belongs, 'other work') AS stage, count(*) AS kernels, count(*) FILTER (o.graph) AS graphed, count(o.launch_id) AS linked
  FROM device_op o
  LEFT JOIN step_op s ON s.id = o.id
  LEFT JOIN host_step h ON h.step = s.step
  WHERE o.kind = 'kernel'
  GROUP BY ALL),
     graphs AS (
  SELECT max_by(stage, (graphed * 1e0 / kernels, stage)) AS stage, max(graphed * 1e0 / kernels) AS share, max_by(graphed, (graphed * 1e0 / kernels, stage)) AS graphed,
         max_by(kernels, (graphed * 1e0 / kernels, stage)) AS kernels, sum(kernels) AS kernels_of_all, sum(linked) AS linked
  FROM replayed),
     passes AS (SELECT count(*) AS n, count(*) FILTER (graph_mode IN ('FULL', 'PIECEWISE')) AS graphed FROM forward_pass WHERE graph_mode IS NOT NULL),
     inductor AS (
  SELECT count(*) AS n
  FROM kernel
  WHERE starts_with(name, 'triton_poi_fused') OR starts_with(name, 'triton_red_fused') OR starts_with(name, 'triton_per_fused') OR starts_with(name, 'triton_tem_fused')),
     region AS (SELECT count(*) AS n FROM cpu_op WHERE starts_with(name, 'Torch-Compiled Region') OR contains(name, 'CompiledFxGraph')),
     lookup AS (SELECT count(*) AS n, count(*) FILTER (hit_tokens > 0) AS hits, count(*) FILTER (miss = 'caching off') AS caching_off FROM prefix_lookup),
     chunked AS (
  SELECT count(*) AS requests FROM (SELECT engine, request FROM request_step WHERE phase = 'prefill' GROUP BY ALL HAVING count(DISTINCT step) > 1)),
     narrow AS (
  SELECT string_agg(DISTINCT format, ' and ' ORDER BY format) AS formats FROM gemm_call WHERE format IN ('fp8', 'int8', 'fp4')),
     width AS (
  SELECT max(n) AS n
  FROM (SELECT max(coalesce(decode_requests, 0) + coalesce(prefill_requests, 0)) AS n FROM stage UNION ALL SELECT max(requests) FROM step UNION ALL SELECT max(requests) FROM batch)),
     shown (aim, state, evidence, rank) AS (
  SELECT 'graphs', 'on', 'CUDA graphs are on: ' || graphed || ' of ' || kernels || ' kernels of ' || stage || ' (' || round(share * 100)::BIGINT || ' %) come from replays', 1
  FROM graphs WHERE share >= 0.5
  UNION ALL
  SELECT 'graphs', 'unknown', 'CUDA graphs are used in part: ' || graphed || ' of ' || kernels || ' kernels of ' || stage || ' (' || round(share * 100)::BIGINT || ' %) come from replays', 8
  FROM graphs WHERE share > 0 AND share < 0.5
  UNION ALL
  SELECT 'graphs', 'off', 'CUDA graphs are off in what was recorded: each of ' || linked || ' kernels was launched by a call of its own', 1
  FROM graphs WHERE share = 0 AND linked * 10 >= kernels_of_all * 9
  UNION ALL
  SELECT 'graphs', 'on', 'CUDA graphs are on: ' || graphed || ' of ' || n || ' forward passes replayed one', 1 FROM passes WHERE graphed > 0
  UNION ALL
  SELECT 'async', CASE WHEN batch_queue OR overlap_loop THEN 'on' ELSE 'off' END,
         CASE WHEN batch_queue THEN 'Async scheduling is on: step_with_batch_queue is on the stacks' WHEN overlap_loop THEN 'The overlap schedule is on: event_loop_overlap is on the stacks'
              WHEN plain_step THEN 'Async scheduling is off: EngineCore.step is on the stacks, without a queue' ELSE 'The overlap schedule is off: event_loop_normal is on the stacks' END, 1
  FROM called WHERE batch_queue OR overlap_loop OR plain_step OR normal_loop
  UNION ALL
  SELECT 'prefix_cache', CASE WHEN hits > 0 THEN 'on' ELSE 'off' END,
         CASE WHEN hits > 0 THEN 'The prefix cache is on: ' || hits || ' of ' || n || ' look-ups hit' ELSE 'The prefix cache is off: so say the look-ups' END, 1
  FROM lookup WHERE hits > 0 OR caching_off > 0
  UNION ALL
  SELECT 'prefix_cache', 'on', 'The prefix cache is on: ' || CASE WHEN prefix_walk THEN 'find_longest_cache_hit' ELSE 'match_prefix' END || ' is on the stacks', 2
  FROM called WHERE prefix_walk OR radix_walk
  UNION ALL
  SELECT 'chunked_prefill', 'on', 'Chunked prefill is on: ' || requests || CASE requests WHEN 1 THEN ' prompt was' ELSE ' prompts were' END || ' computed in several steps', 1 FROM chunked WHERE requests > 0
  UNION ALL
  SELECT 'compile', 'on', 'The model is compiled: ' || n || ' kernels bear the names that Inductor gives', 1 FROM inductor WHERE n > 0
  UNION ALL
  SELECT 'compile', 'on', 'The model is compiled: ' || n || ' compiled regions are among the operators', 2 FROM region WHERE n > 0
  UNION ALL
  SELECT 'compile', 'on', 'The model is compiled: code of Inductor is on the stacks', 2 FROM called WHERE compiled
  UNION ALL
  SELECT 'stacks', 'on', 'The recording has stacks: ' || n || ' functions of Python', 1 FROM called WHERE n > 0
  UNION ALL
  SELECT 'stacks', 'on', 'The recording has stacks: with_stack says so', 2 FROM metadata WHERE name LIKE 'source.%.with_stack' AND value IN ('1', 'true')
  UNION ALL
  SELECT 'shapes', 'on', 'Shapes were recorded: record_shapes says so', 1 FROM metadata WHERE name LIKE 'source.%.record_shapes' AND value IN ('1', 'true')
  UNION ALL
  SELECT 'apart', 'on', 'Text is made of tokens in a process of its own: so does ' || string_agg(engine, ' and ' ORDER BY engine), 1
  FROM recorded_engine WHERE engine IN ('vllm', 'sglang', 'tensorrt-llm', 'rtp-llm') HAVING count(*) > 0
  UNION ALL
  SELECT 'quantize', 'on', 'Products in ' || formats || ' are in the recording', 1 FROM narrow WHERE formats IS NOT NULL
  UNION ALL
  SELECT aim, state, label || CASE state WHEN 'on' THEN ' is on' ELSE ' is off' END || ': ' || key || ' of the engine''s configuration is ' || left(value, 40), 3
  FROM configured WHERE state IS NOT NULL
  UNION ALL
  SELECT aim, state, label || CASE state WHEN 'on' THEN ' is on' ELSE ' is off' END || ': ' || flag || ' is on the command line', 4 FROM commanded),
     unknown (aim, why) AS (VALUES
  ('graphs', 'no work of a GPU and no forward pass with its mode was recorded'),
  ('async', 'neither the engine core''s functions (stacks) nor its configuration were recorded'),
  ('prefix_cache', 'neither look-ups nor the engine''s configuration were recorded'),
  ('chunked_prefill', 'no prompt in several steps was seen, and the engine''s configuration was not recorded'),
  ('compile', 'no kernel, operator or function tells, and the engine''s configuration was not recorded'),
  ('kv_fp8', 'the engine''s configuration was not recorded'),
  ('quantize', 'no format of a product tells, and the engine''s configuration was not recorded'),
  ('apart', 'no engine that is known to do so was recorded'),
  ('stacks', 'no function of Python was recorded'),
  ('shapes', 'the recording does not say'))
SELECT aim, min_by(state, rank) AS state, min_by(evidence, rank) AS evidence
FROM (SELECT * FROM shown
      UNION ALL
      SELECT 'batch', 'unknown', 'The largest recorded batch has ' || n || ' sequences' || coalesce((SELECT ', of ' || value || ' that the engine allows' FROM fact WHERE key = 'max_num_seqs'), '; how many the engine allows was not recorded'), 5
      FROM width WHERE n > 0
      UNION ALL
      SELECT aim, 'unknown', 'Unknown, because ' || why, 9 FROM unknown)
GROUP BY aim
