-- Spans in which a GPU is busy without a break: the union over its streams. Three sets, each within the next: compute; compute with communication; everything, copies included. A fourth, comm, is communication alone; a fifth, any, is of all GPUs of a source that has several.
-- @column source_id          the source that it was read from
-- @column device             GPU ordinal; -1 for the set any
-- @column part               compute, work (compute and communication), all, comm, any
-- @column ts [ns]            start
-- @column end_ts [ns]        end
-- @column before [ns]        length of the same set's earlier spans together
-- @column opener             the device operation that begins the span
CREATE OR REPLACE TABLE busy_span AS
WITH op AS (
  SELECT source_id, device, 'all' AS part, id, ts, end_ts FROM device_op WHERE end_ts > ts
  UNION ALL
  SELECT source_id, device, 'work', id, ts, end_ts FROM device_op WHERE end_ts > ts AND class <> 'copy'
  UNION ALL
  SELECT source_id, device, 'compute', id, ts, end_ts FROM device_op WHERE end_ts > ts AND class = 'compute'
  UNION ALL
  SELECT source_id, device, 'comm', id, ts, end_ts FROM device_op WHERE end_ts > ts AND class = 'comm'
  UNION ALL
  SELECT source_id, -1, 'any', id, ts, end_ts
  FROM device_op
  WHERE end_ts > ts AND source_id IN (SELECT source_id FROM device_op GROUP BY source_id HAVING count(DISTINCT device) > 1)),
     reached AS (
  SELECT *, max(end_ts) OVER (PARTITION BY source_id, device, part ORDER BY ts, end_ts, id ROWS UNBOUNDED PRECEDING) AS reach
  FROM op),
     led AS (
  SELECT *, lag(reach) OVER (PARTITION BY source_id, device, part ORDER BY ts, end_ts, id) AS earlier FROM reached),
     final AS (SELECT source_id, device, part, max(end_ts) AS last_end FROM op GROUP BY ALL),
     span AS (
  SELECT l.source_id, l.device, l.part, l.ts, l.id AS opener,
         coalesce(lead(l.earlier) OVER (PARTITION BY l.source_id, l.device, l.part ORDER BY l.ts), f.last_end) AS end_ts
  FROM led l
  JOIN final f USING (source_id, device, part)
  WHERE l.earlier IS NULL OR l.ts > l.earlier)
SELECT source_id, device, part, ts, end_ts,
       TRY_CAST((sum(end_ts - ts) OVER (PARTITION BY source_id, device, part ORDER BY ts ROWS UNBOUNDED PRECEDING)
         - (end_ts - ts)) AS BIGINT) AS before,
       opener
FROM span
ORDER BY source_id, device, part, ts
