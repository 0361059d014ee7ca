-- What ran in the steps of judged_step and in the spans before them, by name: kernels and copies where the steps were seen by GPUs, the engine's pieces in a decode run.
-- @column stage              as in judged_step
-- @column name               short name of the kernel, copy or memset; name of the piece
-- @column calls [count]      how often per step
-- @column dur [ns]           its time per step, over all GPUs
CREATE VIEW stage_call AS
WITH steps AS (SELECT stage, count(DISTINCT step) AS n FROM judged_step GROUP BY stage),
     issuing AS (
  SELECT DISTINCT stage, step FROM step_period WHERE judged
  UNION
  SELECT DISTINCT stage, span FROM step_period WHERE judged AND span IS NOT NULL)
SELECT s.stage, o.name, count(*) * 1e0 / s.n AS calls, sum(o.dur) * 1e0 / s.n AS dur
FROM op o
JOIN steps s ON s.stage = 'decode'
WHERE EXISTS (SELECT 1 FROM token)
GROUP BY s.stage, o.name, s.n
UNION ALL
SELECT j.stage, o.short_name, count(*) * 1e0 / s.n, sum(o.end_ts - o.ts) * 1e0 / s.n
FROM issuing j
JOIN step_op p ON p.step = j.step
JOIN device_op o ON o.id = p.id
JOIN steps s ON s.stage = j.stage
WHERE EXISTS (SELECT 1 FROM judged_step t WHERE t.told = 'device' AND t.stage = j.stage)
GROUP BY j.stage, o.short_name, s.n
