-- The steps that a stage's figures are of, whatever recorded them: the profiled tokens of a decode run, else steps with device work, else annotated spans of the host. The first step of a recording, in which the recorder itself starts, is here only where its stage has no other.
-- @column stage              prefill, decode, mixed, another annotation's name, or run
-- @column step               identifier: as in token where told is token, else as in host_step
-- @column source_id          the source that it was read from; NULL where told is token
-- @column ts [ns]            start
-- @column dur [ns]           T_token, or the step's wall as a mean over its GPUs, or the annotation's length
-- @column first              whether it is the first step of its recording
-- @column told               token, device or host: what the step was seen by
CREATE VIEW judged_step AS
WITH device_step AS (
  SELECT belongs AS stage, step, source_id, min(ts) AS ts, avg(wall) AS dur, any_value(first) AS first
  FROM step_time
  WHERE judged AND stage <> 'between'
  GROUP BY belongs, step, source_id),
     alone AS (SELECT stage, source_id, bool_and(first) AS only_first FROM host_step GROUP BY ALL)
SELECT 'decode' AS stage, token AS step, NULL::BIGINT AS source_id, ts, dur::DOUBLE AS dur, false AS first, 'token' AS told FROM token
UNION ALL
SELECT stage, step, source_id, ts, dur, first, 'device' FROM device_step
WHERE stage <> 'decode' OR NOT EXISTS (SELECT 1 FROM token)
UNION ALL
SELECT h.stage, h.step, h.source_id, h.ts, (h.end_ts - h.ts)::DOUBLE, h.first, 'host'
FROM host_step h
JOIN alone a ON a.stage = h.stage AND a.source_id = h.source_id
WHERE h.stage NOT IN ('between', 'run') AND (NOT h.first OR a.only_first) AND NOT EXISTS (SELECT 1 FROM device_step)
  AND (h.stage <> 'decode' OR NOT EXISTS (SELECT 1 FROM token))
