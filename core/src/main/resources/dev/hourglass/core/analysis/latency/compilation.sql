-- How long is code compiled while requests wait?
-- @needs    compilation
-- @bound    compilation
-- @param    limit      0.02           share of the stage's time from which it is a warning
-- @param    severe     0.40           share from which it is critical
-- @column   stage                     stage in whose steps, or in the span behind them, it happens
-- @column   compiler                  what compiles most of the time
-- @column   times [count]             compilations, those inside others not counted
-- @column   steps [count]             steps in which there are some
-- @column   time [ns]                 together
-- @column   longest [ns]              the longest
-- @column   name                      the function or event of the longest
-- @column   share [ratio]             of the time of all steps of the stage and the spans between them
-- @column   stake [ratio]             the same of its usual steps alone: compilation in a few slow ones limits no other
-- @column   gain [ratio]              what compiling before the first request would save at most
-- @column   severity                  info, warning or critical
-- @finding  {stage} compiles code for {time} while its requests wait ({share} of its time): {times} compilations by {compiler} in {steps} steps, the longest {longest} in {name}
-- @remedy   Warm up before the first request: run every batch size and length that will come once. [graph_sizes] Engines do so at the start for the sizes that they capture: list yours. [compile_cache] Keep the compile caches between starts, on a disk that stays. [] Inputs whose shapes keep changing compile again and again: pad them, or mark them dynamic.
-- @gain     at most: the time of compilation, of all steps of the stage; a warmed-up engine has none of it
WITH placed AS (
  SELECT c.*, h.belongs AS stage, h.step, u.step IS NOT NULL AS usual
  FROM compilation c
  ASOF JOIN host_step h ON h.track_id = c.track_id AND c.ts >= h.ts
  LEFT JOIN (SELECT DISTINCT step FROM usual_step) u ON u.step = h.step
  WHERE c.ts < h.end_ts),
     whole AS (
  SELECT stage, max(dur) AS dur
  FROM (SELECT belongs AS stage, source_id, track_id, sum(end_ts - ts) AS dur
        FROM host_step
        WHERE step NOT IN (SELECT step FROM pause)
        GROUP BY ALL)
  GROUP BY stage),
     per AS (
  SELECT stage, source_id, track_id, count(*) AS times, count(DISTINCT step) AS steps, sum(end_ts - ts) AS time, max(end_ts - ts) AS longest,
         arg_max(name, end_ts - ts) AS name, coalesce(sum(end_ts - ts) FILTER (usual), 0) AS usual
  FROM placed
  GROUP BY stage, source_id, track_id
  QUALIFY row_number() OVER (PARTITION BY stage ORDER BY sum(end_ts - ts) DESC, source_id, track_id) = 1),
     by_compiler AS (
  SELECT stage, compiler FROM placed GROUP BY stage, compiler
  QUALIFY row_number() OVER (PARTITION BY stage ORDER BY sum(end_ts - ts) DESC, compiler) = 1)
SELECT p.stage, c.compiler, p.times, p.steps, TRY_CAST(p.time AS BIGINT) AS time, p.longest, p.name, least(1, p.time * 1e0 / w.dur) AS share,
       least(1, p.usual * 1e0 / nullif(s.dur, 0)) AS stake,
       least(1, p.time * 1e0 / w.dur) AS gain,
       CASE WHEN p.time * 1e0 / w.dur >= $severe THEN 'critical' WHEN p.time * 1e0 / w.dur >= $limit THEN 'warning'
            WHEN p.time * 1e0 / w.dur >= 0.002 THEN 'info' END AS severity
FROM per p
JOIN by_compiler c ON c.stage = p.stage
JOIN whole w ON w.stage = p.stage
LEFT JOIN stage_span s ON s.stage = p.stage
ORDER BY p.time DESC, p.stage
