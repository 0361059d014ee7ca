-- Calls in which the host waits for the GPU: synchronisations, and copies that return only when they are done, as those from or to pageable memory do. Where the recording does not say which call asked for a copy, it is the call in which the copy lies.
-- @column id                 the call in launch
-- @column track_id           thread
-- @column ts [ns]            start
-- @column end_ts [ns]        end
-- @column name               function
CREATE OR REPLACE TABLE host_wait AS
WITH pageable AS (
  SELECT launch_id, ts, ts + dur AS end_ts, source_id FROM memcpy
  WHERE kind IN ('HtoD', 'DtoH') AND (src_kind = 'pageable' OR dst_kind = 'pageable')),
     unlinked AS (
  SELECT id, ts, ts + dur AS end_ts, source_id FROM launch WHERE kind = 'memcpy' AND ops = 0 AND dur > 0),
     blocking AS (
  SELECT DISTINCT launch_id, NULL::BIGINT AS last_end_ts FROM pageable WHERE launch_id IS NOT NULL
  UNION ALL
  SELECT u.id, max(p.end_ts)
  FROM pageable p
  ASOF JOIN unlinked u ON u.source_id = p.source_id AND p.ts >= u.ts
  WHERE p.launch_id IS NULL AND p.end_ts <= u.end_ts
  GROUP BY u.id)
SELECT l.id, l.track_id, l.ts, l.ts + l.dur AS end_ts, l.name
FROM launch l
LEFT JOIN blocking b ON b.launch_id = l.id
WHERE l.dur > 0
  AND (l.kind = 'sync' AND NOT contains(l.name, 'WaitEvent')
       OR l.kind = 'memcpy' AND coalesce(l.last_end_ts, b.last_end_ts) <= l.ts + l.dur
          AND (b.launch_id IS NOT NULL OR NOT contains(l.name, 'Async')))
ORDER BY l.track_id, l.ts
