-- Which step each device operation belongs to: the one in which the host issued it, whenever the GPU ran it. Where the recording has no call for it, the step during which it ran.
-- @column id                 the device operation
-- @column step               the step; NULL outside all steps
-- @column by                 launch, or time where the recording has no call for it
CREATE OR REPLACE TABLE step_op AS
WITH annotated AS (SELECT DISTINCT track_id FROM host_step WHERE track_id IS NOT NULL),
     counted AS (
  SELECT h.source_id, t.upid, h.track_id, count(*) AS steps
  FROM host_step h
  JOIN track t ON t.id = h.track_id
  GROUP BY ALL),
     main AS (
  SELECT source_id, track_id FROM counted
  QUALIFY row_number() OVER (PARTITION BY source_id ORDER BY steps DESC, track_id) = 1),
     own_main AS (
  SELECT upid, track_id FROM counted
  WHERE upid IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY upid ORDER BY steps DESC, track_id) = 1),
     placed AS (
  SELECT o.id, coalesce(o.launch_ts, o.ts) AS at, CASE WHEN o.launch_ts IS NULL THEN 'time' ELSE 'launch' END AS by,
         coalesce(a.track_id, w.track_id, m.track_id, -o.source_id) AS lane
  FROM device_op o
  LEFT JOIN annotated a ON a.track_id = o.launch_track
  LEFT JOIN launch l ON l.id = o.launch_id
  LEFT JOIN own_main w ON w.upid = l.upid
  LEFT JOIN main m ON m.source_id = o.source_id),
     window_of AS (
  SELECT step, CASE WHEN stage = 'run' THEN -9223372036854775807 ELSE ts END AS ts, end_ts,
         coalesce(track_id, -source_id) AS lane, stage
  FROM host_step)
SELECT p.id, CASE WHEN w.stage = 'run' OR p.at < w.end_ts THEN w.step END AS step, p.by
FROM placed p
ASOF LEFT JOIN window_of w ON p.lane = w.lane AND p.at >= w.ts
