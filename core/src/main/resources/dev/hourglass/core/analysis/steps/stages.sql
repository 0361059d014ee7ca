-- How long does a step of each stage take, and where does its time go?
-- @needs    device_op
-- @column   stage                   which stage
-- @column   steps [count]           judged steps
-- @column   devices [count]         GPUs
-- @column   first_only              whether the only step is the first one of the recording, in which the recorder itself starts
-- @column   wall [ns]               mean wall of a step
-- @column   stddev [ns]             sample standard deviation over steps
-- @column   min [ns]                shortest
-- @column   p50 [ns]                median
-- @column   p90 [ns]                90th percentile
-- @column   p99 [ns]                99th percentile
-- @column   max [ns]                longest
-- @column   busy_ratio [ratio]      GPU busy, of the wall
-- @column   compute [ns]            kernels run
-- @column   communication [ns]      communication that nothing hides
-- @column   copy [ns]               copies between host and device that nothing hides
-- @column   launch [ns]             idle inside operators and launch calls
-- @column   sync [ns]               idle that a wait caused
-- @column   host [ns]               idle while other code runs on the host
-- @column   rest [ns]               idle with work queued, while another GPU is awaited, through the recording, or unknown
-- @column   between [ns]            from the end of a step to the start of the next
-- @column   tokens [tokens]         mean tokens of a step; NULL where the annotation does not tell
-- @column   kernels [count]         mean kernels of a step, all GPUs
-- @column   launches [count]        mean calls that issued device work
WITH step AS (
  SELECT t.belongs AS stage, t.step, t.source_id, count(*) AS devices, any_value(t.first) AS first, avg(t.wall) AS wall,
         avg(t.busy) AS busy, avg(t.compute) AS compute, avg(t.communication) AS communication, avg(t.copy) AS copy,
         avg(t.launch) AS launch, avg(t.sync) AS sync, avg(t.host) AS host, avg(t.rest) AS rest,
         sum(t.kernels) AS kernels, sum(t.launches) AS launches, any_value(h.tokens) AS tokens
  FROM step_time t
  JOIN host_step h ON h.step = t.step
  WHERE t.judged AND t.stage <> 'between'
  GROUP BY t.belongs, t.step, t.source_id),
     gap AS (
  SELECT belongs AS stage, sum(wall) AS wall FROM step_time WHERE judged AND stage = 'between' GROUP BY belongs),
     lanes AS (
  SELECT belongs AS stage, count(DISTINCT (source_id, device)) AS devices, count(*) AS rows FROM step_time
  WHERE judged AND stage <> 'between' GROUP BY belongs)
SELECT s.stage, count(*) AS steps, any_value(l.devices) AS devices, bool_and(s.first) AS first_only, avg(s.wall) AS wall,
       coalesce(stddev_samp(s.wall), 0) AS stddev, min(s.wall) AS min, quantile_cont(s.wall, 0.5) AS p50,
       quantile_cont(s.wall, 0.9) AS p90, quantile_cont(s.wall, 0.99) AS p99, max(s.wall) AS max,
       sum(s.busy) * 1e0 / nullif(sum(s.wall), 0) AS busy_ratio, avg(s.compute) AS compute, avg(s.communication) AS communication,
       avg(s.copy) AS copy, avg(s.launch) AS launch, avg(s.sync) AS sync, avg(s.host) AS host, avg(s.rest) AS rest,
       coalesce(any_value(g.wall) * 1e0 / any_value(l.rows), 0) AS "between", avg(s.tokens) AS tokens, avg(s.kernels) AS kernels,
       avg(s.launches) AS launches
FROM step s
JOIN lanes l ON l.stage = s.stage
LEFT JOIN gap g ON g.stage = s.stage
GROUP BY s.stage
ORDER BY sum(s.wall) DESC, s.stage
