-- The steps that a stage's figures are of, whatever recorded them: the profiled tokens of a decode run, else steps with device work, else annotated spans of the host. The first step of a recording, in which the recorder itself starts, is here only where its stage has no other. Steps that several ranks take together are one.
-- @column stage              prefill, decode, mixed, another annotation's name, or run
-- @column step               identifier: as in token where told is token, else as in host_step; of ranks that of the lowest
-- @column source_id          the source that it was read from; NULL where told is token
-- @column ts [ns]            start of what dur is the length of
-- @column dur [ns]           T_token: the period where it is known, else the wall
-- @column period [ns]        from token to token: from the end of the device work of the step before to that of this one, as a mean over GPUs and ranks; in a decode run T_token, behind which the next begins; of the host from end to end of its annotations. NULL where nothing tells, as for a stage's only step
-- @column wall [ns]          T_token, or the step's wall as a mean over its GPUs, or the annotation's length
-- @column tokens [tokens]    tokens of decode and prompt together; NULL where the recording does not tell
-- @column batch [count]      requests that it serves; NULL where the recording does not tell
-- @column first              whether it is the first step of its recording
-- @column told               token, device or host: what the step was seen by
CREATE VIEW judged_step AS
WITH served AS (
  SELECT h.step, h.first, h.tokens, nullif(coalesce(s.decode_requests, 0) + coalesce(s.prefill_requests, 0), 0) AS batch
  FROM host_step h
  LEFT JOIN stage s ON s.id = h.stage_id),
     device_step AS (
  SELECT c.stage, c.counted AS step, c.counted_source AS source_id, min(p.ts) AS ts, avg(p.period) AS dur,
         avg(p.period) FILTER (p.told <> 'wall') AS period, avg(p.wall) AS wall
  FROM step_period p
  JOIN counted_step c ON c.step = p.step AND c.source_id = p.source_id
  WHERE p.judged
  GROUP BY ALL)
SELECT 'decode' AS stage, token AS step, NULL::BIGINT AS source_id, ts, dur::DOUBLE AS dur, dur::DOUBLE AS period, dur::DOUBLE AS wall, 1 AS tokens, 1 AS batch,
       false AS first, 'token' AS told
FROM token
UNION ALL
SELECT d.stage, d.step, d.source_id, d.ts, d.dur, d.period, d.wall, s.tokens, s.batch, s.first, 'device'
FROM device_step d
LEFT JOIN served s ON s.step = d.step
WHERE d.stage <> 'decode' OR NOT EXISTS (SELECT 1 FROM token)
UNION ALL
SELECT h.stage, h.step, h.source_id, h.ts, (h.end_ts - h.ts)::DOUBLE, CASE WHEN h.told <> 'wall' THEN (h.end_ts - h.ts)::DOUBLE END, h.wall::DOUBLE,
       h.tokens, s.batch, h.first, 'host'
FROM host_period h
LEFT JOIN served s ON s.step = h.step
WHERE h.judged AND NOT EXISTS (SELECT 1 FROM device_step)
  AND (h.stage <> 'decode' OR NOT EXISTS (SELECT 1 FROM token))
