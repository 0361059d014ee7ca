-- How long do operators that compute experts on the CPU take in a step?
-- @needs    device_op, stage
-- @column   stage                 which stage
-- @column   operators [count]     such operators per step, those inside others left out
-- @column   time [ns]             their time per step
WITH expert AS (
  SELECT id, parent_id, ts, dur FROM slice
  WHERE category = 'cpu_op' AND regexp_matches(name, '(?i)cpu.*(moe|expert|ffn)|kt_|cpuinfer')),
     outer_most AS (SELECT * FROM expert WHERE parent_id IS NULL OR parent_id NOT IN (SELECT id FROM expert)),
     span AS (
  SELECT belongs AS stage, step, min(ts) AS ts, max(end_ts) AS end_ts FROM step_time
  WHERE judged AND stage <> 'between' GROUP BY ALL),
     counted AS (SELECT stage, count(*) AS steps FROM span GROUP BY stage)
SELECT s.stage, count(*) * 1e0 / c.steps AS operators, sum(e.dur) * 1e0 / c.steps AS time
FROM outer_most e
JOIN span s ON e.ts >= s.ts AND e.ts < s.end_ts
JOIN counted c ON c.stage = s.stage
GROUP BY s.stage, c.steps
ORDER BY time DESC, s.stage
