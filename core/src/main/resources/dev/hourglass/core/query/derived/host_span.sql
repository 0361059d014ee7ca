-- Spans in which a thread of the host is inside a runtime call or compiles, or inside an operator or one of these, or waits for the GPU, or compiles, or does what only the recording needs. What is in none of the first two is other code.
-- @column track_id           the thread
-- @column part               call (any runtime or driver call, or compilation), known (an operator, a call, or compilation), wait (a call that returns when device work has ended), compile (compilation), recorder (of a graph launch of which each node was recorded, what is longer than 20 µs)
-- @column ts [ns]            start
-- @column end_ts [ns]        end
-- @column before [ns]        length of the same set's earlier spans together
CREATE OR REPLACE TABLE host_span AS
WITH piece AS (
  SELECT track_id, 'call' AS part, ts, ts + dur AS end_ts FROM launch WHERE dur > 0
  UNION ALL
  SELECT track_id, 'known', ts, ts + dur FROM launch WHERE dur > 0
  UNION ALL
  SELECT track_id, 'known', ts, ts + dur FROM slice WHERE dur > 0 AND category = 'cpu_op'
    -- What an engine computes on the CPU beside a GPU dispatches nothing.
    AND id NOT IN (SELECT slice_id FROM op WHERE slice_id IS NOT NULL AND EXISTS (FROM engine_split))
  UNION ALL
  SELECT c.track_id, p.part, c.ts, c.end_ts FROM compilation c, (VALUES ('call'), ('known'), ('compile')) p (part)
  UNION ALL
  SELECT track_id, 'recorder', ts + 20000, ts + dur FROM launch WHERE kind = 'graph' AND ops >= 8 AND dur > 20000
  UNION ALL
  SELECT track_id, 'wait', ts, end_ts FROM host_wait),
     reached AS (
  SELECT *, max(end_ts) OVER (PARTITION BY track_id, part ORDER BY ts, end_ts ROWS UNBOUNDED PRECEDING) AS reach
  FROM piece),
     led AS (
  SELECT *, lag(reach) OVER (PARTITION BY track_id, part ORDER BY ts, end_ts) AS earlier FROM reached),
     final AS (SELECT track_id, part, max(end_ts) AS last_end FROM piece GROUP BY ALL),
     span AS (
  SELECT l.track_id, l.part, l.ts,
         coalesce(lead(l.earlier) OVER (PARTITION BY l.track_id, l.part ORDER BY l.ts), f.last_end) AS end_ts
  FROM led l
  JOIN final f USING (track_id, part)
  WHERE l.earlier IS NULL OR l.ts > l.earlier)
SELECT track_id, part, ts, end_ts,
       TRY_CAST((sum(end_ts - ts) OVER (PARTITION BY track_id, part ORDER BY ts ROWS UNBOUNDED PRECEDING)
         - (end_ts - ts)) AS BIGINT) AS before
FROM span
ORDER BY track_id, part, ts
