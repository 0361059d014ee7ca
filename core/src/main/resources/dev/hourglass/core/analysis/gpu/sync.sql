-- Which calls wait for the GPU, from where, for how long?
-- @needs    launch
-- @column   stage                   stage in which the call was made; outside for calls outside all steps
-- @column   call                    function
-- @column   operator                operator or annotation around it; NULL where there is none
-- @column   calls [count]           how often
-- @column   per_step [count]        per step
-- @column   total [ns]              host time in them
-- @column   mean [ns]               mean duration
-- @column   max [ns]                longest
-- @column   caused_idle [ns]        idle time of the GPU that they caused, as in gpu_gap
WITH steps AS (SELECT belongs, count(DISTINCT step) AS steps FROM step_time WHERE stage <> 'between' GROUP BY belongs),
     placed AS (
  SELECT w.*, w.end_ts - w.ts AS dur, CASE WHEN w.ts < h.end_ts THEN h.belongs END AS stage, p.name AS operator
  FROM host_wait w
  ASOF LEFT JOIN host_step h ON h.track_id = w.track_id AND w.ts >= h.ts
  LEFT JOIN slice c ON c.id = w.id
  LEFT JOIN slice p ON p.id = c.parent_id AND p.category <> 'python_function'),
     caused AS (
  SELECT w.id, sum(g.sync) AS ns
  FROM gpu_gap g
  JOIN host_step h ON h.step = g.step
  LEFT JOIN device_op o ON o.id = g.opener
  ASOF JOIN host_wait w ON w.track_id = coalesce(o.launch_track, h.track_id) AND g.ts >= w.ts
  WHERE g.cause = 'sync'
  GROUP BY w.id)
SELECT coalesce(p.stage, 'outside') AS stage, p.name AS call, p.operator, count(*) AS calls,
       count(*) * 1e0 / any_value(steps.steps) AS per_step, TRY_CAST(sum(p.dur) AS BIGINT) AS total, avg(p.dur) AS mean, max(p.dur) AS max,
       TRY_CAST(coalesce(sum(c.ns), 0) AS BIGINT) AS caused_idle
FROM placed p
LEFT JOIN caused c ON c.id = p.id
LEFT JOIN steps ON steps.belongs = p.stage
GROUP BY ALL
ORDER BY caused_idle DESC, total DESC, stage, call, p.operator
