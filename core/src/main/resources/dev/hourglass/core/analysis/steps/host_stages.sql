-- How long does a step of each stage take on the host, and how much of it is inside operators?
-- @needs    host_step
-- @column   stage                   which stage
-- @column   steps [count]           steps, the first of the recording left out where the stage has others
-- @column   first_only              whether the only step is the first one of the recording
-- @column   wall [ns]               mean duration of the annotation
-- @column   stddev [ns]             sample standard deviation over steps
-- @column   min [ns]                shortest
-- @column   p50 [ns]                median
-- @column   p90 [ns]                90th percentile
-- @column   p99 [ns]                99th percentile
-- @column   max [ns]                longest
-- @column   operators [ns]          inside operators and runtime calls of the same thread
-- @column   other [ns]              the rest
-- @column   tokens [tokens]         mean tokens of a step; NULL where the annotation does not tell
WITH alone AS (SELECT stage, source_id, bool_and(first) AS only_first FROM host_step GROUP BY ALL),
     step AS (
  SELECT h.step, h.stage, h.first, h.track_id, h.ts, h.end_ts, h.tokens
  FROM host_step h
  JOIN alone a ON a.stage = h.stage AND a.source_id = h.source_id
  WHERE h.stage NOT IN ('between', 'run') AND (NOT h.first OR a.only_first)),
     edge AS (
  SELECT step, track_id, ts AS moment, -1 AS sign FROM step
  UNION ALL
  SELECT step, track_id, end_ts, 1 FROM step),
     inside AS (
  SELECT e.step, TRY_CAST(sum(e.sign * coalesce(s.before + least(e.moment, s.end_ts) - s.ts, 0)) AS BIGINT) AS ns
  FROM edge e
  ASOF LEFT JOIN (SELECT track_id, ts, end_ts, before FROM host_span WHERE part = 'known') s
    ON s.track_id = e.track_id AND e.moment >= s.ts
  GROUP BY e.step)
SELECT s.stage, count(*) AS steps, bool_and(s.first) AS first_only, avg(s.end_ts - s.ts) AS wall,
       coalesce(stddev_samp(s.end_ts - s.ts), 0) AS stddev, min(s.end_ts - s.ts) AS min,
       quantile_cont(s.end_ts - s.ts, 0.5) AS p50, quantile_cont(s.end_ts - s.ts, 0.9) AS p90,
       quantile_cont(s.end_ts - s.ts, 0.99) AS p99, max(s.end_ts - s.ts) AS max, avg(i.ns) AS operators,
       avg(s.end_ts - s.ts - i.ns) AS other, avg(s.tokens) AS tokens
FROM step s
JOIN inside i ON i.step = s.step
GROUP BY s.stage
ORDER BY sum(s.end_ts - s.ts) DESC, s.stage
