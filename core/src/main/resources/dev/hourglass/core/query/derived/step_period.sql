-- What passes from token to token on each GPU: from the end of a step's device work to that of the next step's, and where that time went. n steps one after the other have n - 1 periods. A period with a pause in it is none. compute, communication, copy, launch, sync, host and rest are apart from each other and add up to it.
-- @column step               the step that ends it, as in host_step
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
-- @column stage              prefill, decode, mixed, another annotation's name, or run
-- @column ts [ns]            start: end of the device work of the step before; the start of the step's wall where told is wall
-- @column end_ts [ns]        end: end of the step's device work; the end of its wall where told is wall
-- @column period [ns]        length
-- @column told               next: the step before it is of the same stage; other: it is of another stage; wall: nothing tells but the step's own wall
-- @column judged             whether it counts in the stage's figures: of a stage that has some of the first kind no others do, and so on; nor does a step that is not judged
-- @column usual              whether it is what is usual for its stage: not longer than three medians, unless more than a quarter are. What limits a stage is judged from these
-- @column since [ns]         from the end of the device work of the last step of the same stage, whatever lies between; NULL where there is none, or a pause lies between
-- @column wall [ns]          wall of the step, as in step_time
-- @column span               the span between two steps that lies before the step, as in host_step; NULL where there is none
-- @column between [ns]       its length, from the end of the earlier step's wall
-- @column between_busy [ns]  anything runs on the GPU in it
-- @column between_host [ns]  the GPU is idle in it while other code runs on the host
-- @column busy [ns]          anything runs on the GPU, waits for other ranks inside collectives left out
-- @column compute [ns]       kernels, device-internal copies or memsets run
-- @column communication [ns] communication runs and no compute hides it, waits for other ranks left out
-- @column hidden [ns]        communication runs beside compute
-- @column copy [ns]          copies between host and device run and nothing hides them
-- @column launch [ns]        idle inside operators and launch calls that no wait caused, and on the way from a call to the GPU
-- @column sync [ns]          idle that a wait caused
-- @column host [ns]          idle while the host runs code that is neither operator, call nor wait
-- @column rest [ns]          idle with work queued, while another GPU is awaited, while code is compiled, through the recording itself, or unknown
-- @column queued [ns]        of rest: work was issued and the GPU had not begun it
-- @column peer [ns]          of rest: in a wait while another GPU was busy, or inside a collective that another rank has not begun
-- @column recorder [ns]      of rest: cost of the recording
-- @column compile [ns]       of rest: the host compiles code
-- @column ops [count]        device operations issued in the step and in the span before it
-- @column kernels [count]    kernels among them
-- @column launches [count]   calls that issued them
CREATE OR REPLACE TABLE step_period AS
WITH lane AS (
  SELECT g.step, g.device, g.source_id, coalesce(g.track_id, -1) AS track, g.stage, g.belongs, g.ts, g.mark, t.judged
  FROM gpu_step g
  JOIN step_time t ON t.step = g.step AND t.device = g.device AND t.source_id = g.source_id),
     led AS (
  SELECT *, lag(mark) OVER line AS begin, lag(belongs) OVER line AS after, lag(ts) OVER line AS led_ts,
         lag(mark) OVER same AS begin_same, lag(ts) OVER same AS same_ts
  FROM lane
  WHERE stage <> 'between' AND mark IS NOT NULL
  WINDOW line AS (PARTITION BY source_id, device, track ORDER BY ts, step),
         same AS (PARTITION BY source_id, device, track, belongs ORDER BY ts, step)),
     marked AS (
  SELECT l.*, coalesce(p.ts >= l.led_ts, false) AS paused, coalesce(p.ts >= l.same_ts, false) AS paused_same
  FROM led l
  ASOF LEFT JOIN (SELECT source_id, coalesce(track_id, -1) AS track, ts, end_ts FROM pause) p
    ON p.source_id = l.source_id AND p.track = l.track AND l.ts >= p.end_ts),
     idle AS (
  SELECT m.step, m.device, m.source_id, TRY_CAST(sum(g.operator + g.call + g.flight) AS BIGINT) AS launch, TRY_CAST(sum(g.sync) AS BIGINT) AS sync,
         TRY_CAST(sum(g.host) AS BIGINT) AS host, TRY_CAST(sum(g.queued) AS BIGINT) AS queued, TRY_CAST(sum(g.peer) AS BIGINT) AS peer,
         TRY_CAST(sum(g.recorder) AS BIGINT) AS recorder, TRY_CAST(sum(g.unknown) AS BIGINT) AS unknown, TRY_CAST(coalesce(sum(g.compile), 0) AS BIGINT) AS compile
  FROM (SELECT g.*, l.track FROM gpu_gap g JOIN lane l ON l.step = g.step AND l.device = g.device AND l.source_id = g.source_id) g
  ASOF JOIN marked m ON m.source_id = g.source_id AND m.device = g.device AND m.track = g.track AND g.ts < m.mark
  GROUP BY ALL),
     edge AS (
  SELECT step, source_id, device, part, begin AS at, -1 AS sign FROM marked, (VALUES ('all'), ('work'), ('compute'), ('comm')) p (part)
  UNION ALL
  SELECT step, source_id, device, part, mark, 1 FROM marked, (VALUES ('all'), ('work'), ('compute'), ('comm')) p (part)
  UNION ALL
  SELECT step, source_id, device, 'comm wall', ts, -1 FROM step_time WHERE stage <> 'between'
  UNION ALL
  SELECT step, source_id, device, 'comm wall', end_ts, 1 FROM step_time WHERE stage <> 'between'),
     covered AS (
  SELECT e.step, e.device, e.source_id, e.part,
         TRY_CAST(sum(e.sign * coalesce(b.before + least(e.at, b.end_ts) - b.ts, 0)) AS BIGINT) AS ns
  FROM edge e
  ASOF LEFT JOIN busy_span b
    ON b.source_id = e.source_id AND b.device = e.device AND b.part = CASE WHEN e.part = 'comm wall' THEN 'comm' ELSE e.part END AND e.at >= b.ts
  GROUP BY ALL),
     split AS (
  SELECT step, device, source_id, max(ns) FILTER (WHERE part = 'all') AS busy, max(ns) FILTER (WHERE part = 'work') AS work,
         max(ns) FILTER (WHERE part = 'compute') AS compute, max(ns) FILTER (WHERE part = 'comm') AS comm, max(ns) FILTER (WHERE part = 'comm wall') AS comm_wall
  FROM covered
  GROUP BY ALL),
     awaited AS (
  SELECT m.step, m.device, m.source_id, TRY_CAST(sum(c.exposed) AS BIGINT) AS ns
  FROM (SELECT c.*, l.track FROM collective_wait c JOIN lane l ON l.step = c.step AND l.device = c.device AND l.source_id = c.source_id) c
  ASOF JOIN marked m ON m.source_id = c.source_id AND m.device = c.device AND m.track = c.track AND c.ts < m.mark
  GROUP BY ALL),
     awaited_in_wall AS (SELECT step, device, source_id, TRY_CAST(sum(exposed) AS BIGINT) AS ns FROM collective_wait GROUP BY ALL),
     before AS (
  SELECT n.step, b.step AS span
  FROM host_step b
  JOIN host_step n ON n.track_id = b.track_id AND n.source_id = b.source_id AND n.ts = b.end_ts
  WHERE b.stage = 'between' AND n.stage <> 'between'),
     found AS (
  SELECT m.step, m.device, m.source_id, m.belongs AS stage, m.begin AS ts, m.mark AS end_ts, CASE WHEN m.after = m.belongs THEN 'next' ELSE 'other' END AS told,
         m.judged, CASE WHEN NOT m.paused_same THEN m.mark - m.begin_same END AS since,
         s.busy, s.compute, s.work - s.compute AS communication, s.comm - (s.work - s.compute) AS hidden, s.busy - s.work AS copy, coalesce(w.ns, 0) AS awaited, coalesce(i.launch, 0) AS launch, coalesce(i.sync, 0) AS sync,
         coalesce(i.host, 0) AS host, coalesce(i.queued + i.peer + i.recorder + i.unknown + i.compile, 0) AS rest, coalesce(i.queued, 0) AS queued,
         coalesce(i.peer, 0) AS peer, coalesce(i.recorder, 0) AS recorder, coalesce(i.compile, 0) AS compile
  FROM marked m
  JOIN split s ON s.step = m.step AND s.device = m.device AND s.source_id = m.source_id
  LEFT JOIN idle i ON i.step = m.step AND i.device = m.device AND i.source_id = m.source_id
  LEFT JOIN awaited w ON w.step = m.step AND w.device = m.device AND w.source_id = m.source_id
  WHERE m.mark > m.begin AND NOT m.paused
  UNION ALL
  SELECT t.step, t.device, t.source_id, t.belongs, t.ts, t.end_ts, 'wall', t.judged, NULL, t.busy, t.compute, t.communication, s.comm_wall - t.communication, t.copy,
         coalesce(w.ns, 0), t.launch, t.sync, t.host, t.rest, t.queued, t.peer, t.recorder, t.compile
  FROM step_time t
  JOIN split s ON s.step = t.step AND s.device = t.device AND s.source_id = t.source_id
  LEFT JOIN awaited_in_wall w ON w.step = t.step AND w.device = t.device AND w.source_id = t.source_id
  WHERE t.stage <> 'between'),
     apart AS (
  SELECT * REPLACE (busy - least(awaited, communication) AS busy, communication - least(awaited, communication) AS communication,
                    rest + least(awaited, communication) AS rest, peer + least(awaited, communication) AS peer)
  FROM found),
     chosen AS (
  SELECT *, judged AND told = min(told) FILTER (judged) OVER (PARTITION BY source_id, device, stage) AS counts FROM apart),
     kept AS (
  SELECT *, median(end_ts - ts) FILTER (counts) OVER (PARTITION BY source_id, device, stage) AS median
  FROM chosen
  QUALIFY told = min(told) OVER (PARTITION BY source_id, device, step)),
     rated AS (
  SELECT *, avg((end_ts - ts > 3 * median)::INTEGER) FILTER (counts) OVER (PARTITION BY source_id, device, stage) AS slow FROM kept)
SELECT r.step, r.device, r.source_id, r.stage, r.ts, r.end_ts, r.end_ts - r.ts AS period, r.told, r.counts AS judged,
       r.counts AND (r.end_ts - r.ts <= 3 * r.median OR r.slow > 0.25) AS usual, r.since, t.wall, CASE WHEN r.told <> 'wall' THEN b.span END AS span,
       CASE WHEN r.told <> 'wall' THEN coalesce(g.wall, 0) ELSE 0 END AS "between", CASE WHEN r.told <> 'wall' THEN coalesce(g.busy, 0) ELSE 0 END AS between_busy,
       CASE WHEN r.told <> 'wall' THEN coalesce(g.host, 0) ELSE 0 END AS between_host,
       r.busy, r.compute, r.communication, r.hidden, r.copy, r.launch, r.sync, r.host, r.rest, r.queued, r.peer, r.recorder, r.compile,
       t.ops + CASE WHEN r.told <> 'wall' THEN coalesce(g.ops, 0) ELSE 0 END AS ops, t.kernels + CASE WHEN r.told <> 'wall' THEN coalesce(g.kernels, 0) ELSE 0 END AS kernels,
       t.launches + CASE WHEN r.told <> 'wall' THEN coalesce(g.launches, 0) ELSE 0 END AS launches
FROM rated r
JOIN step_time t ON t.step = r.step AND t.device = r.device AND t.source_id = r.source_id
LEFT JOIN before b ON b.step = r.step
LEFT JOIN step_time g ON g.step = b.span AND g.device = r.device AND g.source_id = r.source_id
ORDER BY r.source_id, r.device, r.ts
