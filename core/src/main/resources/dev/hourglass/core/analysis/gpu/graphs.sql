-- How much of the work comes from CUDA graphs, and how well do they replay?
-- @needs    device_op, launch
-- @column   stage                   stage in which the graph was launched; outside for launches outside all steps
-- @column   coverage [ratio]        of the stage's kernels, those in graph replays
-- @column   time_coverage [ratio]   of the stage's kernel time, that in graph replays
-- @column   replays [count]         graph launches
-- @column   per_step [count]        per step
-- @column   nodes [count]           mean device operations per replay
-- @column   under_recorded [count]  replays with less than half as many operations as is usual
-- @column   wall [ns]               mean from the first to the last operation of a replay
-- @column   busy_ratio [ratio]      of that, any operation runs
-- @column   between [ns]            mean idle between consecutive nodes
-- @column   call [ns]               mean duration of the launch call
WITH steps AS (SELECT belongs, count(DISTINCT step) AS steps FROM step_time WHERE stage <> 'between' GROUP BY belongs),
     placed AS (
  SELECT coalesce(h.belongs, 'outside') AS stage, o.*
  FROM device_op o
  LEFT JOIN step_op s ON s.id = o.id
  LEFT JOIN host_step h ON h.step = s.step),
     cover AS (
  SELECT stage, avg(graph::INTEGER) AS coverage,
         coalesce(sum(end_ts - ts) FILTER (graph), 0) * 1e0 / nullif(sum(end_ts - ts), 0) AS time_coverage
  FROM placed WHERE kind = 'kernel' GROUP BY stage),
     replay AS (
  SELECT stage, launch_id, any_value(launch_end - launch_ts) AS call, count(*) AS nodes, min(ts) AS ts, max(end_ts) AS end_ts
  FROM placed WHERE graph AND launch_id IS NOT NULL GROUP BY stage, launch_id),
     reached AS (
  SELECT stage, launch_id, ts, end_ts, max(end_ts) OVER (PARTITION BY launch_id ORDER BY ts ROWS UNBOUNDED PRECEDING) AS reach
  FROM placed WHERE graph AND launch_id IS NOT NULL),
     idle AS (
  SELECT launch_id, sum(greatest(0, ts - before)) AS ns
  FROM (SELECT *, lag(reach) OVER (PARTITION BY launch_id ORDER BY ts) AS before FROM reached)
  GROUP BY launch_id),
     usual AS (SELECT stage, median(nodes) AS nodes FROM replay GROUP BY stage)
SELECT c.stage, c.coverage, c.time_coverage, count(r.launch_id) AS replays,
       count(r.launch_id) * 1e0 / any_value(steps.steps) AS per_step, avg(r.nodes) AS nodes,
       count(*) FILTER (r.nodes * 2 < u.nodes) AS under_recorded, avg(r.end_ts - r.ts) AS wall,
       1 - sum(i.ns) * 1e0 / nullif(sum(r.end_ts - r.ts), 0) AS busy_ratio,
       sum(i.ns) * 1e0 / nullif(sum(r.nodes - 1), 0) AS "between", avg(r.call) AS call
FROM cover c
LEFT JOIN replay r ON r.stage = c.stage
LEFT JOIN idle i ON i.launch_id = r.launch_id
LEFT JOIN usual u ON u.stage = c.stage
LEFT JOIN steps ON steps.belongs = c.stage
GROUP BY c.stage, c.coverage, c.time_coverage
ORDER BY c.stage
