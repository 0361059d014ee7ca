-- Which kernels, calls and functions is the critical path of a step made of?
-- @needs    device_op, launch, critical_segment
-- @param    rows         40         how many are listed of each stage on each GPU
-- @column   stage                   which stage
-- @column   device                  GPU ordinal
-- @column   part                    as in gpu/critical_path
-- @column   name                    kernel or copy; of a launch and a wait the call; on the host the function, with what it calls that has no layer of its own
-- @column   layer                   on the host part of an engine, as in host_function; NULL elsewhere
-- @column   time [ns]               per step on the path
-- @column   share [ratio]           of the path
WITH period AS (
  SELECT step, device, source_id, stage, period FROM step_period
  WHERE usual AND (source_id, device, step) IN (SELECT (source_id, device, step) FROM critical_segment)),
     stage AS (SELECT stage, device, source_id, count(*) AS steps, sum(period) AS dur FROM period GROUP BY ALL),
     named AS (
  SELECT p.stage, p.device, p.source_id, CASE WHEN c.kind = 'device' THEN o.category ELSE c.kind END AS part,
         coalesce(o.short_name, l.name, '-') AS name, NULL::VARCHAR AS layer, sum(c.end_ts - c.ts) AS dur
  FROM period p
  JOIN critical_segment c ON c.step = p.step AND c.device = p.device AND c.source_id = p.source_id AND c.kind <> 'host'
  LEFT JOIN device_op o ON o.id = c.id AND c.kind IN ('device', 'queue')
  LEFT JOIN launch l ON l.id = c.id AND c.kind IN ('launch', 'wait')
  GROUP BY ALL
  UNION ALL
  SELECT stage, device, source_id, 'host', owner, layer, sum(self) FROM host_work WHERE part = 'path' GROUP BY ALL)
SELECT n.stage, n.device, n.part, n.name, n.layer, n.dur * 1e0 / s.steps AS time, n.dur * 1e0 / s.dur AS share, n.source_id
FROM named n
JOIN stage s ON s.stage = n.stage AND s.device = n.device AND s.source_id = n.source_id
WHERE n.dur > 0
QUALIFY row_number() OVER (PARTITION BY n.stage, n.device, n.source_id ORDER BY n.dur DESC, n.part, n.name, n.layer) <= $rows
ORDER BY s.dur DESC, n.stage, n.device, n.source_id, n.dur DESC, n.part, n.name, n.layer
