-- What stopped the engine's processes?
-- @needs    engine_stall
-- @param    ended        0.9        of the steps that must have an end, so that their time is known
-- @param    matter       0.01       share of the recorded time from which it is a finding
-- @column   engine                  engine process
-- @column   pid                     process
-- @column   kind                    garbage collection or compilation
-- @column   name                    generation, or compiler
-- @column   stalls [count]          times
-- @column   in_steps [count]        of them while a step ran
-- @column   total [ns]              their time
-- @column   longest [ns]            longest
-- @column   gain [ratio]            of the time in which the engine's steps ran, at most what is won without those in steps; NULL where the ends of too many steps are not known
-- @column   advice                  the kind
-- @column   severity                warning or info
-- @finding  {kind} ({name}) stopped process {pid} of {engine} {stalls} times for {total}, {in_steps} times while a step ran, {longest} at most
-- @remedy   [gc] Freeze what lives after start-up, or collect the oldest generation less often.
-- @remedy_if compilation Warm up with the shapes that occur before requests come. [compile_cache] Keep the compile caches between starts, on a disk that stays.
-- @gain     their time inside steps, of the time in which steps ran
WITH ran AS (
  SELECT engine, CASE WHEN count(dur) >= $ended * count(*) THEN sum(dur) END AS ns FROM step GROUP BY engine),
     stopped AS (
  SELECT s.*, CASE WHEN t.dur IS NULL THEN 0 ELSE greatest(0, least(s.ts + s.dur, t.ts + t.dur) - greatest(s.ts, t.ts)) END AS inside
  FROM engine_stall s
  LEFT JOIN step t ON t.step = s.step AND t.engine IS NOT DISTINCT FROM s.engine),
     told AS (
  SELECT s.engine, s.pid, s.kind, s.name, count(*) AS stalls, count(*) FILTER (s.inside > 0) AS in_steps, TRY_CAST(sum(s.dur) AS BIGINT) AS total,
         max(s.dur) AS longest, coalesce(sum(s.inside), 0) * 1e0 / nullif(any_value(r.ns), 0) AS gain
  FROM stopped s
  LEFT JOIN ran r ON r.engine IS NOT DISTINCT FROM s.engine
  GROUP BY s.engine, s.pid, s.kind, s.name)
SELECT coalesce(engine, 'no engine') AS engine, pid, kind, name, stalls, in_steps, total, longest, gain,
       CASE WHEN kind = 'compilation' THEN 'compilation' ELSE 'collection' END AS advice,
       CASE WHEN gain >= 5 * $matter THEN 'warning' WHEN gain >= $matter THEN 'info' END AS severity
FROM told
ORDER BY total DESC, engine, pid, kind, name
