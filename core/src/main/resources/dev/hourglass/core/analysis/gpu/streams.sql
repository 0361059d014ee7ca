-- What runs on which stream?
-- @needs    device_op
-- @column   device                  GPU ordinal
-- @column   stream                  stream
-- @column   ops [count]             device operations
-- @column   busy [ns]               sum of their durations
-- @column   top                     what takes most of the time
-- @column   overlapping [count]     operations that begin before an earlier one of the same stream has ended
WITH ordered AS (
  SELECT *, max(end_ts) OVER (PARTITION BY source_id, device, stream ORDER BY ts, end_ts ROWS UNBOUNDED PRECEDING) AS reach
  FROM device_op),
     led AS (
  SELECT *, lag(reach) OVER (PARTITION BY source_id, device, stream ORDER BY ts, end_ts) AS before FROM ordered),
     per AS (
  SELECT source_id, device, stream, short_name, count(*) AS ops, sum(end_ts - ts) AS dur,
         count(*) FILTER (ts < before) AS overlapping
  FROM led
  GROUP BY source_id, device, stream, short_name)
SELECT device, stream, TRY_CAST(sum(ops) AS BIGINT) AS ops, TRY_CAST(sum(dur) AS BIGINT) AS busy, max_by(short_name, (dur, short_name)) AS top,
       TRY_CAST(sum(overlapping) AS BIGINT) AS overlapping
FROM per
GROUP BY source_id, device, stream
ORDER BY busy DESC, device, stream, source_id
