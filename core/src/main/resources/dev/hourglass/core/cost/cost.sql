-- What the arithmetic of a session's steps asks: timed steps, as ref, ts, dur, busy_ns, devices, phase, batch, tokens, context.

-- @query ceiling
-- The measured ones of a unit on a kind of device, the highest first; of bytes those of memory, not of a cache or a link, and of reading before others.
SELECT name, device, value, threads, dtype
FROM ceiling
WHERE unit = $unit AND device LIKE $place AND NOT regexp_matches(name, '(?i)^(llc|l[0-9]|h2d|d2h|p2p|.*cache)')
ORDER BY name NOT LIKE '%read%', value DESC, name

-- @query device
-- What the session calls the device that ran, and of what kind it is: the GPU where one worked, else the processor.
WITH worked AS (SELECT EXISTS (SELECT 1 FROM kernel) OR EXISTS (SELECT 1 FROM device_op) AS gpu, EXISTS (SELECT 1 FROM token) AS tokens)
SELECT m.value AS name, m.place
FROM (
  SELECT value, CASE name WHEN 'host.cpu' THEN 'cpu' ELSE 'gpu' END AS place, name
  FROM metadata
  WHERE name = 'host.cpu' OR name LIKE '%gpu.0.name' OR name LIKE '%gpu.name'
  UNION ALL
  SELECT '', 'gpu', NULL
  FROM worked
  WHERE gpu) m, worked w
WHERE CASE m.place WHEN 'gpu' THEN w.gpu OR NOT w.tokens ELSE NOT w.gpu END
ORDER BY m.place DESC, m.name NULLS LAST
LIMIT 1

-- @query empty
DELETE FROM $table

-- @query token
SELECT
  t.token AS ref, w.ts, w.dur::BIGINT AS dur, NULL AS busy_ns, 1 AS devices, 'decode' AS phase, 1 AS batch, NULL AS tokens, t.position AS context
FROM worked_step w
JOIN token t ON t.token = w.step
WHERE w.told = 'token' AND w.dur > 0
ORDER BY t.token

-- @query step
-- An engine's own record of its steps.
SELECT
  step AS ref, ts, dur, gpu_ns AS busy_ns, 1 AS devices, phase,
  CASE phase WHEN 'prefill' THEN prefill_requests ELSE decode_requests END AS batch,
  prefill_tokens AS tokens,
  CASE phase WHEN 'prefill' THEN greatest(context_tokens - prefill_tokens, 0) ELSE context_tokens END AS context
FROM step
WHERE dur > 0
ORDER BY ts

-- @query stage
-- Steps that annotations tell, as they are judged elsewhere.
SELECT
  s.id AS ref, w.ts, w.dur::BIGINT AS dur, w.busy::BIGINT AS busy_ns, w.devices, s.kind AS phase,
  CASE s.kind WHEN 'prefill' THEN prefill_requests ELSE decode_requests END AS batch,
  prefill_tokens AS tokens,
  CASE s.kind WHEN 'prefill' THEN greatest(context_tokens - prefill_tokens, 0) ELSE context_tokens END AS context
FROM worked_step w
JOIN stage s ON s.id = w.stage_id
WHERE w.dur > 0 AND s.kind IN ('prefill', 'decode', 'mixed')
ORDER BY w.ts
