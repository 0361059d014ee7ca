-- Idle time in launches while the queue fills again after a wait inside the step: only where the host issues what follows faster than the GPU works it off, so that without the wait the queue would not have run dry. The first gap after the wait is not part of it: that is sync in gpu_gap.
-- @column step          the step, as in host_step
-- @column device        GPU ordinal
-- @column source_id     the source that it was read from
-- @column refill [ns]   part of launch in step_time
CREATE VIEW sync_refill AS
WITH issued AS (
  SELECT o.id, o.device, o.source_id, s.step, o.launch_track, o.launch_ts, o.launch_end, o.end_ts - o.ts AS work
  FROM device_op o
  JOIN step_op s ON s.id = o.id
  WHERE o.launch_ts IS NOT NULL AND s.step IS NOT NULL),
     after AS (
  SELECT i.*, w.id AS wait_id, w.ts AS wait_ts, w.end_ts AS woken
  FROM issued i
  ASOF JOIN host_wait w ON w.track_id = i.launch_track AND i.launch_ts >= w.ts),
     burst AS (
  SELECT a.wait_id, a.device, a.source_id, a.step
  FROM after a
  JOIN host_step h ON h.step = a.step AND a.wait_ts >= h.ts
  GROUP BY ALL
  HAVING max(a.launch_end) - max(a.woken) < sum(a.work))
SELECT g.step, g.device, g.source_id, TRY_CAST(sum(g.operator + g.call + g.flight) AS BIGINT) AS refill
FROM gpu_gap g
JOIN after a ON a.id = g.opener
JOIN burst b ON b.wait_id = a.wait_id AND b.device = g.device AND b.source_id = g.source_id AND b.step = g.step
WHERE g.cause = 'issue'
GROUP BY ALL
