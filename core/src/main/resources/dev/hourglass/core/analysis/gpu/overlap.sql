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
-- @column   cpu_beside_gpu [ratio]  of the wall, host inside operators and calls while the GPU is busy, less waits and what only the recording needs
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
     edge AS (
  SELECT step, device, source_id, ts AS at, -1 AS sign FROM step_time
  UNION ALL
  SELECT step, device, source_id, end_ts, 1 FROM step_time
  UNION ALL
  SELECT step, device, source_id, ts, 1 FROM gpu_gap
  UNION ALL
  SELECT step, device, source_id, end_ts, -1 FROM gpu_gap),
     moment AS (
  SELECT e.step, e.device, e.source_id, e.at, e.sign * p.sign AS sign, p.part, s.track_id
  FROM edge e
  JOIN host_step s ON s.step = e.step
  CROSS JOIN (VALUES ('known', 1), ('wait', -1), ('recorder', -1)) p (part, sign)),
     working AS (
  SELECT m.step, m.device, m.source_id, sum(m.sign * coalesce(h.before + least(m.at, h.end_ts) - h.ts, 0)) AS ns
  FROM moment m
  ASOF LEFT JOIN host_span h ON h.track_id = m.track_id AND h.part = m.part AND m.at >= h.ts
  GROUP BY ALL)
SELECT t.belongs AS stage, t.device, avg(t.compute) AS compute, avg(coalesce(m.ns, 0)) AS communication,
       avg(coalesce(m.ns, 0) - t.communication) AS hidden_communication, avg(coalesce(c.ns, 0)) AS copy,
       avg(coalesce(c.ns, 0) - t.copy) AS hidden_copy, 1 - sum(t.copy) * 1e0 / nullif(sum(c.ns), 0) AS copy_hidden_ratio,
       1 - sum(t.communication) * 1e0 / nullif(sum(m.ns), 0) AS communication_hidden_ratio,
       sum(k.ns) * 1e0 / nullif(sum(t.wall), 0) AS cpu_beside_gpu
FROM step_time t
LEFT JOIN length m ON m.step = t.step AND m.device = t.device AND m.source_id = t.source_id AND m.class = 'comm'
LEFT JOIN length c ON c.step = t.step AND c.device = t.device AND c.source_id = t.source_id AND c.class = 'copy'
LEFT JOIN working k ON k.step = t.step AND k.device = t.device AND k.source_id = t.source_id
WHERE t.judged AND t.stage <> 'between'
GROUP BY t.belongs, t.device, t.source_id
ORDER BY t.belongs, t.device, t.source_id
