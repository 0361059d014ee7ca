-- What passes from step to step on each thread that annotates, by the host's clock alone: from the end of a step to that of the next. As step_period, where no work of a GPU was recorded.
-- @column step               the step that ends it, as in host_step
-- @column stage              as in host_step
-- @column source_id          the source that it was read from
-- @column track_id           the thread
-- @column first              as in host_step
-- @column ts [ns]            start: end of the step before; the start of the step where told is wall
-- @column end_ts [ns]        end of the step
-- @column wall [ns]          length of the step itself
-- @column told               next, other or wall, as in step_period
-- @column judged             whether it counts in the stage's figures, as in step_period
-- @column tokens [tokens]    as in host_step
CREATE VIEW host_period AS
WITH led AS (
  SELECT *, lag(end_ts) OVER line AS begin, lag(ts) OVER line AS led_ts, lag(stage) OVER line AS after,
         bool_and(first) OVER (PARTITION BY source_id, stage) AS only_first
  FROM host_step
  WHERE stage NOT IN ('between', 'run')
  WINDOW line AS (PARTITION BY source_id, track_id ORDER BY ts, step)),
     found AS (
  SELECT l.step, l.stage, l.source_id, l.track_id, l.first, l.begin AS ts, l.end_ts, l.end_ts - l.ts AS wall,
         CASE WHEN l.after = l.stage THEN 'next' ELSE 'other' END AS told, NOT l.first OR l.only_first AS counts, l.tokens
  FROM led l
  ASOF LEFT JOIN (SELECT source_id, track_id, ts, end_ts FROM pause) p
    ON p.source_id = l.source_id AND p.track_id = l.track_id AND l.ts >= p.end_ts
  WHERE l.end_ts > l.begin AND NOT coalesce(p.ts >= l.led_ts, false)
  UNION ALL
  SELECT step, stage, source_id, track_id, first, ts, end_ts, end_ts - ts, 'wall', NOT first OR only_first, tokens FROM led)
SELECT step, stage, source_id, track_id, first, ts, end_ts, wall, told,
       counts AND told = min(told) FILTER (counts) OVER (PARTITION BY source_id, stage) AS judged, tokens
FROM found
QUALIFY told = min(told) OVER (PARTITION BY source_id, step)
