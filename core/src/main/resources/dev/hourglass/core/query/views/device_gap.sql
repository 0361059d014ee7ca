-- Idle spans of a GPU: the moments between its first and last work that no kernel, copy, memset or replay recorded as a whole covers. Overlapping work counts once, whatever its stream.
-- @column device             GPU ordinal
-- @column ts [ns]            where the gap begins: the latest end of all work before it
-- @column dur [ns]           length of the gap
-- @column next_id            the slice that ends it
-- @column next_name          its name
-- @column next_correlation   number shared with its launch call
-- @column source_id          the source that it was read from
CREATE VIEW device_gap AS
WITH op AS (
  SELECT s.id, s.name, s.correlation, s.ts, s.ts + greatest(s.dur, 0) AS te, t.device, t.source_id
  FROM slice s JOIN track t ON t.id = s.track_id
  WHERE s.category IN ('kernel', 'gpu_memcpy', 'gpu_memset', 'cuda_graph')),
ends AS (
  SELECT *, max(te) OVER (PARTITION BY source_id, device ORDER BY ts, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
  FROM op)
SELECT device, busy_until AS ts, ts - busy_until AS dur, id AS next_id, name AS next_name, correlation AS next_correlation, source_id
FROM ends
WHERE ts > busy_until
