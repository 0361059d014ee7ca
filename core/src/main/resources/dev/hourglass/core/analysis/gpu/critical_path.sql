-- What is the critical path of a step made of?
-- @needs    device_op, launch, critical_segment
-- @param    many         3              parts that the finding names, behind the first only such of at least 1 %
-- @column   stage                       which stage
-- @column   device                      GPU ordinal
-- @column   part                        class of the kernels on it, memcpy or memset; queue (issued, what it waited for had ended, not begun yet), launch (from the call to the start of its work), wait (from the end of awaited work to the return of the call that waits), host (a thread that does not wait), unknown (no call was recorded for the work)
-- @column   time [ns]                   per step on the path; all parts add up to the time from token to token
-- @column   median [ns]                 median over the steps
-- @column   share [ratio]               of the path
-- @column   pieces [count]              per step
-- @column   most                        what most of it is: a kernel, a call; on the host part of the engine, as in host_function
-- @column   tenth [ratio]               what a tenth less of this part wins of the time at most: then something else may be the longest chain
-- @column   made                        the parts with most of the path
-- @column   stake [ratio]               nothing: the other findings say what is at stake
-- @column   gain [ratio]                not estimated
-- @column   severity                    info for the part with most of a stage's path
-- @finding  The critical path of {stage} on GPU {device}, the chain of work that each waits for the one before it, is made of {made}; a tenth less of the first part wins {tenth} at most
-- @remedy   Only what is on the path shortens the step: begin with its largest part (analyses gpu/critical_path and gpu/critical_names).
-- @gain     not estimated: as each part is shortened, another chain may become the longest
WITH period AS (
  SELECT step, device, source_id, stage, period FROM step_period
  WHERE usual AND (source_id, device, step) IN (SELECT (source_id, device, step) FROM critical_segment)),
     span AS (
  -- A chain in one stream is one segment after the other: whatever its kernels overlap, each moment is one's.
  SELECT p.stage, p.device, p.source_id, p.step, c.end_ts - c.ts AS dur,
         CASE WHEN c.kind = 'device' THEN o.category ELSE c.kind END AS part,
         CASE WHEN c.kind IN ('device', 'queue') THEN o.short_name WHEN c.kind IN ('launch', 'wait') THEN l.name END AS name
  FROM period p
  JOIN critical_segment c ON c.step = p.step AND c.device = p.device AND c.source_id = p.source_id
  LEFT JOIN device_op o ON o.id = c.id AND c.kind IN ('device', 'queue')
  LEFT JOIN launch l ON l.id = c.id AND c.kind IN ('launch', 'wait')),
     stage AS (SELECT stage, device, source_id, count(*) AS steps, sum(period) AS dur FROM period GROUP BY ALL),
     each AS (SELECT stage, device, source_id, part, step, sum(dur) AS dur FROM span GROUP BY ALL),
     middle AS (
  -- A step without the part has none of it.
  SELECT t.stage, t.device, t.source_id, t.part, median(coalesce(e.dur, 0)) AS dur
  FROM (SELECT DISTINCT stage, device, source_id, part FROM each) t
  JOIN period p ON p.stage = t.stage AND p.device = t.device AND p.source_id = t.source_id
  LEFT JOIN each e ON e.stage = t.stage AND e.device = t.device AND e.source_id = t.source_id AND e.part = t.part AND e.step = p.step
  GROUP BY ALL),
     named AS (SELECT stage, device, source_id, part, name, sum(dur) AS dur FROM span WHERE name IS NOT NULL GROUP BY ALL),
     working AS (
  SELECT stage, device, source_id, 'host' AS part, CASE WHEN layer = 'unknown' THEN 'code that was not recorded' ELSE layer END AS name, sum(self) AS dur FROM host_work WHERE part = 'path' GROUP BY ALL),
     most AS (
  SELECT stage, device, source_id, part, first(name ORDER BY dur DESC, name) AS name
  FROM (SELECT * FROM named UNION ALL SELECT * FROM working)
  GROUP BY ALL),
     total AS (SELECT stage, device, source_id, part, sum(dur) AS dur, count(*) AS n FROM span GROUP BY ALL),
     rated AS (
  SELECT t.stage, t.device, t.source_id, t.part, t.dur * 1e0 / s.steps AS time, t.n * 1e0 / s.steps AS pieces, t.dur * 1e0 / s.dur AS share, m.name AS most, s.dur AS all_dur, d.dur AS median,
         row_number() OVER (PARTITION BY t.stage, t.device, t.source_id ORDER BY t.dur DESC, t.part) AS nth
  FROM total t
  JOIN stage s ON s.stage = t.stage AND s.device = t.device AND s.source_id = t.source_id
  JOIN middle d ON d.stage = t.stage AND d.device = t.device AND d.source_id = t.source_id AND d.part = t.part
  LEFT JOIN most m ON m.stage = t.stage AND m.device = t.device AND m.source_id = t.source_id AND m.part = t.part),
     told AS (
  SELECT stage, device, source_id,
         string_agg(part || ' ' || round(share * 100, 1) || ' %' || coalesce(' (most in ' || most || ')', ''), ', ' ORDER BY nth) AS made
  FROM rated
  WHERE nth <= $many AND (nth = 1 OR share >= 0.01)
  GROUP BY ALL)
SELECT r.stage, r.device, r.part, r.time, r.median, r.share, r.pieces, r.most, r.share / 10 AS tenth, t.made, 0e0 AS stake, NULL::DOUBLE AS gain,
       CASE WHEN r.nth = 1 THEN 'info' END AS severity, r.source_id
FROM rated r
JOIN told t ON t.stage = r.stage AND t.device = r.device AND t.source_id = r.source_id
ORDER BY r.all_dur DESC, r.stage, r.device, r.source_id, r.nth
