-- How long each GPU was busy and idle between its first and its last work.
-- @column device               GPU ordinal
-- @column span_ns [ns]         from the first start to the last end
-- @column busy_ns [ns]         covered by at least one kernel, copy, memset, or replay that was recorded as a whole
-- @column idle_ns [ns]         the rest: busy and idle add up to the span
-- @column idle_ratio [ratio]   idle over span
-- @column gaps [count]         idle spans
-- @column source_id            the source that it was read from
CREATE VIEW device_idle AS
WITH op AS (
  SELECT s.id, s.ts, s.ts + greatest(s.dur, 0) AS te, t.device, t.source_id
  FROM slice s JOIN track t ON t.id = s.track_id
  WHERE s.category IN ('kernel', 'gpu_memcpy', 'gpu_memset', 'cuda_graph')),
ends AS (
  SELECT *, max(te) OVER (PARTITION BY source_id, device ORDER BY ts, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
  FROM op),
total AS (
  SELECT source_id, device, max(te) - min(ts) AS span_ns,
         TRY_CAST(coalesce(sum(ts - busy_until) FILTER (ts > busy_until), 0) AS BIGINT) AS idle_ns,
         count(*) FILTER (ts > busy_until) AS gaps
  FROM ends GROUP BY source_id, device)
SELECT device, span_ns, span_ns - idle_ns AS busy_ns, idle_ns, idle_ns::DOUBLE / nullif(span_ns, 0)::DOUBLE AS idle_ratio, gaps, source_id
FROM total
