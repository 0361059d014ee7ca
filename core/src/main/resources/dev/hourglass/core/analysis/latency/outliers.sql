-- Which steps are much slower than the others of their stage, and what differs in them?
-- @needs    device_op
-- @param    times        1.5        a step slower than this many medians of its stage is listed
-- @column   stage                   which stage
-- @column   step                    identifier
-- @column   device                  GPU ordinal
-- @column   wall [ns]               its wall
-- @column   median [ns]             median of the stage
-- @column   excess [ns]             wall less median
-- @column   part                    part that grew most against the median step
-- @column   growth [ns]             by how much
-- @column   clock [MHz]             SM clock sampled nearest to it; NULL where none was sampled
-- @column   gain [ratio]            what it would save of the stage's time if these steps were like the others
-- @column   severity                info
-- @finding  Step {step} of {stage} takes {wall}, the median is {median}; most of the difference is {part} ({growth})
-- @remedy   Look at the step in the timeline (analyze gpu/gaps --from … --to …); compilation, cache misses, garbage collection and clock changes are common causes.
-- @gain     the excess over the median, of the stage's time
WITH part AS (
  SELECT s.belongs AS stage, s.step, s.device, s.source_id, s.ts, s.wall, p.part, p.ns
  FROM step_time s
  CROSS JOIN LATERAL (VALUES ('computation', s.compute), ('communication', s.communication), ('copies', s.copy),
                             ('launches', s.launch), ('waits', s.sync), ('other host code', s.host), ('the rest', s.rest)) p (part, ns)
  WHERE s.judged AND s.stage <> 'between'),
     usual AS (
  SELECT stage, device, source_id, part, median(ns) AS ns, median(wall) AS wall, count(*) AS steps, sum(wall) AS total
  FROM part GROUP BY ALL),
     grown AS (
  SELECT p.stage, p.step, p.device, p.source_id, p.ts, p.wall, u.wall AS median, u.total, p.part, p.ns - u.ns AS growth
  FROM part p
  JOIN usual u ON u.stage = p.stage AND u.device = p.device AND u.source_id = p.source_id AND u.part = p.part
  WHERE u.steps >= 4 AND p.wall > $times * u.wall
  QUALIFY row_number() OVER (PARTITION BY p.step, p.device ORDER BY p.ns - u.ns DESC, p.part) = 1),
     clock AS (
  SELECT ts, value, TRY_CAST(regexp_extract(device, '[0-9]+') AS BIGINT) AS device FROM hw_sample
  WHERE metric = 'sm_clock' AND device LIKE 'gpu%')
SELECT g.stage, g.step, g.device, g.source_id, g.wall, g.median, g.wall - g.median AS excess, g.part, g.growth,
       c.value AS clock, (g.wall - g.median) * 1e0 / g.total AS gain,
       CASE WHEN (g.wall - g.median) * 1e0 / g.total >= 0.02 THEN 'info' END AS severity
FROM grown g
ASOF LEFT JOIN clock c ON c.device = g.device AND g.ts + g.wall >= c.ts
ORDER BY excess DESC, g.step, g.device
