-- How long is it from step to step of each stage on the host, and how much of it is inside operators?
-- @needs    host_step
-- @column   stage                   which stage
-- @column   steps [count]           recorded steps
-- @column   periods [count]         judged periods of them: n steps one after the other have n - 1
-- @column   first_only              whether the only step is the first one of the recording
-- @column   told                    what the period is, as in steps/stages
-- @column   period [ns]             mean time from the end of a step to that of the next
-- @column   stddev [ns]             sample standard deviation over steps
-- @column   min [ns]                shortest
-- @column   p50 [ns]                median
-- @column   p90 [ns]                90th percentile; NULL below 10 samples
-- @column   p99 [ns]                99th percentile; NULL below 100 samples
-- @column   max [ns]                longest
-- @column   wall [ns]               mean duration of the annotation
-- @column   operators [ns]          of the period, inside operators and runtime calls of the same thread
-- @column   other [ns]              the rest
-- @column   tokens [tokens]         mean tokens of a step; NULL where the annotation does not tell
-- @column   rate [tokens/s]         tokens over periods, the whole batch; NULL where the tokens are not told
WITH step AS (SELECT * FROM host_period WHERE judged),
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
SELECT s.stage, (SELECT count(*) FROM host_step h WHERE h.stage = s.stage) AS steps, count(*) AS periods, bool_and(s.first) AS first_only, min(s.told) AS told, avg(s.end_ts - s.ts) AS period,
       coalesce(stddev_samp(s.end_ts - s.ts), 0) AS stddev, min(s.end_ts - s.ts) AS min,
       quantile_cont(s.end_ts - s.ts, 0.5) AS p50, percentile(s.end_ts - s.ts, 0.9) AS p90,
       percentile(s.end_ts - s.ts, 0.99) AS p99, max(s.end_ts - s.ts) AS max, avg(s.wall) AS wall, avg(i.ns) AS operators,
       avg(s.end_ts - s.ts - i.ns) AS other, avg(s.tokens) AS tokens,
       sum(s.tokens) * 1e9 / nullif(sum(s.end_ts - s.ts) FILTER (s.tokens IS NOT NULL), 0) AS rate
FROM step s
JOIN inside i ON i.step = s.step
GROUP BY s.stage
ORDER BY sum(s.end_ts - s.ts) DESC, s.stage
