-- Do pieces of a step overlap?
-- @needs    token, op
-- @column   pieces [count]            timed pieces of all profiled steps
-- @column   overlapping [count]       pieces that begin before an earlier piece of the same step has ended
-- @column   overlap [ns]              mean time of a step in which more than one piece ran
-- @column   sequential [ratio]        time of the pieces, of T_token
WITH led AS (
  SELECT token, ts, dur, max(ts + dur) OVER (PARTITION BY token ORDER BY ts, dur ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
  FROM op)
SELECT count(*) AS pieces, count(*) FILTER (ts < reach) AS overlapping,
       coalesce(sum(least(reach, ts + dur) - ts) FILTER (ts < reach), 0) * 1e0 / nullif((SELECT count(*) FROM token), 0) AS overlap,
       sum(dur) * 1e0 / nullif((SELECT sum(dur) FROM token), 0) AS sequential
FROM led
HAVING count(*) > 0
