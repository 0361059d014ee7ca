-- The wall of each step on each GPU: from the later of its host start and the previous step's last device work, to the later of its host end and its own last device work. A step has a row for each GPU that its process uses; for every GPU where its process issues no work itself.
-- @column step               the step, as in host_step
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
-- @column stage              as in host_step
-- @column belongs            as in host_step
-- @column first              as in host_step
-- @column seq                as in host_step
-- @column track_id           as in host_step
-- @column ts [ns]            start of the wall
-- @column end_ts [ns]        end of the wall
-- @column wall [ns]          its length
-- @column mark [ns]          end of its own device work, and of that of the steps before it: where its token is done; NULL for a step without device work and for a span between two
-- @column busy [ns]          time in which anything runs on the GPU
-- @column compute [ns]       time in which kernels, device-internal copies or memsets run
-- @column communication [ns] time in which communication runs and no compute hides it
-- @column copy [ns]          time in which copies between host and device run and nothing hides them
-- @column ops [count]        device operations that the step issued
-- @column kernels [count]    kernels among them
CREATE OR REPLACE TABLE gpu_step AS
WITH own AS (
  SELECT s.step, o.source_id, o.device, min(o.ts) AS first_op, max(o.end_ts) AS last_op, count(*) AS ops,
         count(*) FILTER (WHERE o.kind = 'kernel') AS kernels
  FROM step_op s
  JOIN device_op o ON o.id = s.id
  WHERE s.step IS NOT NULL
  GROUP BY ALL),
     device AS (SELECT DISTINCT source_id, device FROM device_op),
     owner AS (
  SELECT DISTINCT o.source_id, l.upid, o.device
  FROM device_op o
  JOIN launch l ON l.id = o.launch_id
  WHERE l.upid IS NOT NULL),
     thread AS (
  SELECT DISTINCT h.track_id, h.source_id, t.upid, t.upid IN (SELECT upid FROM owner) AS owns
  FROM host_step h
  LEFT JOIN track t ON t.id = h.track_id),
     used AS (
  SELECT t.track_id, t.source_id, d.device
  FROM thread t
  JOIN device d ON d.source_id = t.source_id
  LEFT JOIN owner o ON o.source_id = t.source_id AND o.upid = t.upid AND o.device = d.device
  WHERE t.owns IS NOT TRUE OR o.device IS NOT NULL),
     lane AS (
  SELECT h.step, h.stage, h.belongs, h.first, h.seq, h.track_id, h.ts AS host_ts, h.end_ts AS host_end, h.source_id, d.device,
         own.first_op, own.last_op, coalesce(own.ops, 0) AS ops, coalesce(own.kernels, 0) AS kernels,
         max(CASE WHEN h.stage <> 'between' THEN own.last_op END)
           OVER (PARTITION BY h.source_id, h.track_id, d.device ORDER BY h.ts
                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_ts
  FROM host_step h
  JOIN used d ON d.source_id = h.source_id AND d.track_id IS NOT DISTINCT FROM h.track_id
  LEFT JOIN own ON own.step = h.step AND own.device = d.device AND own.source_id = h.source_id),
     real AS (
  SELECT *, greatest(host_ts, coalesce(before_ts, host_ts)) AS ts,
         greatest(host_end, coalesce(last_op, host_end), coalesce(before_ts, host_end)) AS end_ts,
         CASE WHEN last_op IS NOT NULL THEN greatest(last_op, coalesce(before_ts, last_op)) END AS mark
  FROM lane
  WHERE stage <> 'between'),
     followed AS (
  SELECT *, lead(ts) OVER (PARTITION BY source_id, track_id, device ORDER BY host_ts) AS next_ts FROM real),
     wall AS (
  SELECT step, stage, belongs, first, seq, track_id, source_id, device, ops, kernels, ts, end_ts, mark FROM followed
  UNION ALL
  SELECT b.step, b.stage, b.belongs, false, NULL, b.track_id, b.source_id, b.device, b.ops, b.kernels, f.end_ts, f.next_ts, NULL
  FROM lane b
  JOIN followed f ON f.source_id = b.source_id AND f.track_id = b.track_id AND f.device = b.device
                 AND f.host_end = b.host_ts
  WHERE b.stage = 'between' AND f.next_ts > f.end_ts),
     edge AS (
  SELECT step, source_id, device, part, ts AS at, -1 AS sign FROM wall, (VALUES ('all'), ('work'), ('compute')) p (part)
  UNION ALL
  SELECT step, source_id, device, part, end_ts, 1 FROM wall, (VALUES ('all'), ('work'), ('compute')) p (part)),
     covered AS (
  SELECT e.step, e.device, e.part,
         TRY_CAST(sum(e.sign * coalesce(b.before + least(e.at, b.end_ts) - b.ts, 0)) AS BIGINT) AS ns
  FROM edge e
  ASOF LEFT JOIN busy_span b
    ON b.source_id = e.source_id AND b.device = e.device AND b.part = e.part AND e.at >= b.ts
  GROUP BY ALL),
     split AS (
  SELECT step, device, max(ns) FILTER (WHERE part = 'all') AS busy, max(ns) FILTER (WHERE part = 'work') AS work,
         max(ns) FILTER (WHERE part = 'compute') AS compute
  FROM covered
  GROUP BY ALL)
SELECT w.step, w.device, w.source_id, w.stage, w.belongs, w.first, w.seq, w.track_id, w.ts, w.end_ts, w.end_ts - w.ts AS wall, w.mark,
       s.busy, s.compute, s.work - s.compute AS communication, s.busy - s.work AS copy, w.ops, w.kernels
FROM wall w
JOIN split s ON s.step = w.step AND s.device = w.device
ORDER BY w.source_id, w.device, w.ts
