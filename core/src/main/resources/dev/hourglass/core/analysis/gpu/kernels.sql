-- Which kernels take the GPU's time?
-- @needs    device_op
-- @column   stage                   stage whose steps issued it; outside for work outside all steps
-- @column   name                    short name
-- @column   category                what part of a model it is likely to be
-- @column   calls [count]           executions
-- @column   per_step [count]        executions per step; NULL outside steps
-- @column   total [ns]              sum of their durations
-- @column   share [ratio]           of all device time of the stage
-- @column   mean [ns]               mean duration
-- @column   min [ns]                shortest
-- @column   p50 [ns]                median
-- @column   p99 [ns]                99th percentile; NULL below 100 samples
-- @column   max [ns]                longest
-- @column   graph_ratio [ratio]     of the executions, those in graph replays
WITH steps AS (SELECT belongs, count(DISTINCT step) AS steps FROM step_time WHERE stage <> 'between' GROUP BY belongs),
     placed AS (
  SELECT coalesce(h.belongs, 'outside') AS stage, o.short_name, o.category, o.end_ts - o.ts AS dur, o.graph
  FROM device_op o
  LEFT JOIN step_op s ON s.id = o.id
  LEFT JOIN host_step h ON h.step = s.step),
     per AS (
  SELECT stage, short_name AS name, any_value(category) AS category, count(*) AS calls, TRY_CAST(sum(dur) AS BIGINT) AS total,
         avg(dur) AS mean, min(dur) AS min, quantile_cont(dur, 0.5) AS p50, percentile(dur, 0.99) AS p99,
         max(dur) AS max, avg(graph::INTEGER) AS graph_ratio
  FROM placed
  GROUP BY stage, short_name)
SELECT p.stage, p.name, p.category, p.calls, p.calls * 1e0 / s.steps AS per_step, p.total,
       p.total * 1e0 / nullif(sum(p.total) OVER (PARTITION BY p.stage), 0) AS share, p.mean, p.min, p.p50, p.p99, p.max, p.graph_ratio
FROM per p
LEFT JOIN steps s ON s.belongs = p.stage
ORDER BY p.total DESC, p.stage, p.name
