-- What the arithmetic of a session's steps asks: timed steps, as ref, ts, dur, busy_ns, phase, batch, tokens, context.

-- @query ceiling
-- The highest measured one of a unit, on a kind of device.
SELECT name, device, value, threads
FROM ceiling
WHERE unit = $unit AND device LIKE $place
ORDER BY value DESC
LIMIT 1

-- @query empty
DELETE FROM $table

-- @query token
SELECT
  token AS ref, ts, dur, NULL AS busy_ns, 'decode' AS phase, 1 AS batch, NULL AS tokens, position AS context
FROM token
WHERE dur > 0
ORDER BY token

-- @query step
SELECT
  step AS ref, ts, dur, gpu_ns AS busy_ns, phase,
  CASE phase WHEN 'prefill' THEN prefill_requests ELSE decode_requests END AS batch,
  prefill_tokens AS tokens, context_tokens AS context
FROM step
WHERE dur > 0
ORDER BY ts

-- @query stage
SELECT
  s.id AS ref, s.ts, s.dur, b.busy_ns, s.kind AS phase,
  CASE s.kind WHEN 'prefill' THEN prefill_requests ELSE decode_requests END AS batch,
  prefill_tokens AS tokens, context_tokens AS context
FROM stage s
LEFT JOIN (
  SELECT stage_id, sum(fresh) AS busy_ns
  FROM (
    SELECT
      ks.stage_id,
      greatest(0, k.ts + k.dur - greatest(k.ts, coalesce(max(k.ts + k.dur) OVER (
        PARTITION BY ks.stage_id ORDER BY k.ts, k.dur ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), k.ts))) AS fresh
    FROM kernel k
    JOIN kernel_stage ks USING (id)
    WHERE ks.stage_id IS NOT NULL)
  GROUP BY stage_id) b ON b.stage_id = s.id
WHERE s.dur > 0 AND s.kind IN ('prefill', 'decode', 'mixed')
ORDER BY s.ts
