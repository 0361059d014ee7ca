-- What runs beside what: compute, communication, copies?
-- @needs    device_op
-- @column   stage                   which stage
-- @column   device                  GPU ordinal
-- @column   compute [ns]            per step: kernels run
-- @column   communication [ns]      per step: communication runs
-- @column   hidden_communication [ns]  per step: of it, beside compute
-- @column   copy [ns]               per step: copies between host and device run
-- @column   hidden_copy [ns]        per step: of it, beside kernels or communication
-- @column   copy_hidden_ratio [ratio]  share of the copy time that is hidden; NULL without copies
-- @column   communication_hidden_ratio [ratio]  share of the communication time that is hidden; NULL without
-- @column   cpu_beside_gpu [ratio]  of the wall, host inside operators and calls other than waits while the GPU is busy
WITH piece AS (
  SELECT t.belongs AS stage, t.step, t.device, t.source_id, o.class, greatest(o.ts, t.ts) AS ts,
         least(o.end_ts, t.end_ts) AS end_ts
  FROM step_time t
  JOIN device_op o ON o.source_id = t.source_id AND o.device = t.device AND o.ts < t.end_ts AND o.end_ts > t.ts
  WHERE t.judged AND t.stage <> 'between' AND o.class <> 'compute'),
     reached AS (
  SELECT *, max(end_ts) OVER (PARTITION BY step, device, source_id, class ORDER BY ts, end_ts ROWS UNBOUNDED PRECEDING) AS reach
  FROM piece),
     led AS (
  SELECT *, lag(reach) OVER (PARTITION BY step, device, source_id, class ORDER BY ts, end_ts) AS earlier FROM reached),
     length AS (
  SELECT step, device, source_id, class, sum(greatest(0, end_ts - greatest(ts, coalesce(earlier, ts)))) AS ns
  FROM led
  GROUP BY ALL),
     known AS (
  SELECT g.step, g.device, g.source_id, sum(e.sign * coalesce(h.before + least(e.at, h.end_ts) - h.ts, 0)) AS ns
  FROM step_time g
  CROSS JOIN LATERAL (SELECT g.ts AS at, -1 AS sign UNION ALL SELECT g.end_ts, 1) e
  JOIN host_step s ON s.step = g.step
  ASOF LEFT JOIN (SELECT track_id, ts, end_ts, before FROM host_span WHERE part = 'known') h
    ON h.track_id = s.track_id AND e.at >= h.ts
  GROUP BY ALL)
SELECT t.belongs AS stage, t.device, avg(t.compute) AS compute, avg(coalesce(m.ns, 0)) AS communication,
       avg(coalesce(m.ns, 0) - t.communication) AS hidden_communication, avg(coalesce(c.ns, 0)) AS copy,
       avg(coalesce(c.ns, 0) - t.copy) AS hidden_copy, 1 - sum(t.copy) * 1e0 / nullif(sum(c.ns), 0) AS copy_hidden_ratio,
       1 - sum(t.communication) * 1e0 / nullif(sum(m.ns), 0) AS communication_hidden_ratio,
       greatest(0, sum(k.ns - t.operator - t.call - t.sync) * 1e0 / sum(t.wall)) AS cpu_beside_gpu
FROM step_time t
LEFT JOIN length m ON m.step = t.step AND m.device = t.device AND m.source_id = t.source_id AND m.class = 'comm'
LEFT JOIN length c ON c.step = t.step AND c.device = t.device AND c.source_id = t.source_id AND c.class = 'copy'
LEFT JOIN known k ON k.step = t.step AND k.device = t.device AND k.source_id = t.source_id
WHERE t.judged AND t.stage <> 'between'
GROUP BY t.belongs, t.device, t.source_id
ORDER BY t.belongs, t.device, t.source_id
