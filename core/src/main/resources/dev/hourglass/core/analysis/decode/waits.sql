-- For what does the host wait in calls that return when work of the GPU has ended?
-- @needs    token, launch, engine_split
-- @column   waits [count]           such calls per token
-- @column   time [ns]               time in them per token
-- @column   kernels [ns]            of it, while kernels or graphs run
-- @column   copies [ns]             of it, while copies run and no kernel does
-- @column   nothing [ns]            of it, while the GPU does neither: the way there and back
WITH wait AS (
  SELECT t.token, l.id, greatest(l.ts, t.ts) AS ts, least(l.ts + l.dur, t.ts + t.dur) AS end_ts
  FROM launch l
  JOIN token t ON l.ts < t.ts + t.dur AND l.ts + l.dur > t.ts
  WHERE l.kind = 'sync'),
     whole AS (SELECT count(*) AS n FROM token),
     spent AS (SELECT count(*) AS waits, sum(end_ts - ts) AS time FROM wait),
     during AS (
  SELECT coalesce(sum(least(w.end_ts, o.ts + o.dur) - greatest(w.ts, o.ts)) FILTER (o.component = 't_gpu_computation'), 0) AS kernels,
         coalesce(sum(least(w.end_ts, o.ts + o.dur) - greatest(w.ts, o.ts)) FILTER (o.name = 'copy'), 0) AS copies
  FROM wait w
  JOIN op o ON o.token = w.token AND o.ts < w.end_ts AND o.ts + o.dur > w.ts)
SELECT s.waits * 1e0 / w.n AS waits, s.time * 1e0 / w.n AS time, d.kernels * 1e0 / w.n AS kernels, d.copies * 1e0 / w.n AS copies,
       (s.time - d.kernels - d.copies) * 1e0 / w.n AS nothing
FROM spent s, whole w, during d
WHERE s.waits > 0
