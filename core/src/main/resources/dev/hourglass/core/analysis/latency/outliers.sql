-- Which steps are much slower than the others of their stage, and what differs in them?
-- @needs    device_op
-- @param    times        1.5        a step whose period is longer than this many medians of its stage is listed
-- @column   stage                   which stage
-- @column   step                    identifier
-- @column   device                  GPU ordinal
-- @column   period [ns]             time from the end of the step before to its own
-- @column   median [ns]             median of the stage
-- @column   excess [ns]             period less median
-- @column   part                    part that grew most against the median step
-- @column   growth [ns]             by how much
-- @column   clock [MHz]             SM clock sampled nearest to it; NULL where none was sampled
-- @column   stake [ratio]           by what it is ranked: as gain, nothing where it stands apart from the usual steps
-- @column   gain [ratio]            what it would save at most of the stage's time if these steps were like the others
-- @column   severity                info
-- @finding  Step {step} of {stage} takes {period}, the median is {median}; most of the difference is {part} ({growth})
-- @remedy   Look at the step in the timeline (analyze gpu/gaps --from … --to …); compilation, cache misses, garbage collection and clock changes are common causes.
-- @gain     at most: the excess over the median, of the time of all steps of the stage
WITH part AS (
  SELECT s.stage, s.step, s.device, s.source_id, s.end_ts, s.period, s.usual, p.part, p.ns
  FROM step_period s
  CROSS JOIN LATERAL (VALUES ('computation', s.compute), ('communication', s.communication), ('copies', s.copy),
                             ('launches', s.launch), ('waits', s.sync), ('other host code', s.host), ('the rest', s.rest)) p (part, ns)
  WHERE s.judged),
     usual AS (
  SELECT stage, device, source_id, part, median(ns) AS ns, median(period) AS period, count(*) AS steps, sum(period) AS total
  FROM part GROUP BY ALL),
     grown AS (
  SELECT p.stage, p.step, p.device, p.source_id, p.end_ts, p.period, p.usual, u.period AS median, u.total, p.part, p.ns - u.ns AS growth
  FROM part p
  JOIN usual u ON u.stage = p.stage AND u.device = p.device AND u.source_id = p.source_id AND u.part = p.part
  WHERE u.steps >= 4 AND p.period > $times * u.period
  QUALIFY row_number() OVER (PARTITION BY p.step, p.device, p.source_id ORDER BY p.ns - u.ns DESC, p.part) = 1),
     lane AS (
  SELECT DISTINCT g.device, g.source_id, h.host FROM grown g LEFT JOIN source_host h ON h.source_id = g.source_id),
     clock AS (
  SELECT d.ts, d.value, l.device, l.source_id
  FROM device_sample d
  JOIN lane l ON l.device = d.device AND coalesce(d.host = l.host, true)
  WHERE d.metric = 'sm_clock')
SELECT g.stage, g.step, g.device, g.source_id, g.period, g.median, g.period - g.median AS excess, g.part, g.growth,
       c.value AS clock, CASE WHEN g.usual THEN (g.period - g.median) * 1e0 / g.total ELSE 0 END AS stake, (g.period - g.median) * 1e0 / g.total AS gain,
       CASE WHEN (g.period - g.median) * 1e0 / g.total >= 0.02 THEN 'info' END AS severity
FROM grown g
ASOF LEFT JOIN clock c ON c.device = g.device AND c.source_id = g.source_id AND g.end_ts >= c.ts
ORDER BY excess DESC, g.step, g.device
