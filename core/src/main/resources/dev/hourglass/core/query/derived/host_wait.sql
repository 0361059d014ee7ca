-- Calls in which the host waits for the GPU: synchronisations, and copies that return only when they are done, as those from or to pageable memory do.
-- @column id                 the call in launch
-- @column track_id           thread
-- @column ts [ns]            start
-- @column end_ts [ns]        end
-- @column name               function
CREATE OR REPLACE TABLE host_wait AS
WITH blocking AS (
  SELECT launch_id FROM memcpy
  WHERE kind IN ('HtoD', 'DtoH') AND (src_kind = 'pageable' OR dst_kind = 'pageable'))
SELECT l.id, l.track_id, l.ts, l.ts + l.dur AS end_ts, l.name
FROM launch l
LEFT JOIN blocking b ON b.launch_id = l.id
WHERE l.dur > 0
  AND (l.kind = 'sync' AND NOT contains(l.name, 'WaitEvent')
       OR l.kind = 'memcpy' AND l.last_end_ts <= l.ts + l.dur
          AND (b.launch_id IS NOT NULL OR NOT contains(l.name, 'Async')))
ORDER BY l.track_id, l.ts
