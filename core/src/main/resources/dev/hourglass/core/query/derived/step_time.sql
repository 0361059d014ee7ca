-- Where each step's wall went on each GPU. compute, communication, copy, launch, sync, host and rest are apart from each other and add up to the wall.
-- @column step               the step, as in host_step
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
-- @column stage              prefill, decode, mixed, another annotation's name, run, or between
-- @column belongs            the stage with which it is counted
-- @column seq                position among the steps of its thread; NULL for a span between two
-- @column first              whether it is the first step of its source
-- @column judged             whether it counts in the stage's figures: not the first step, unless the stage has no other; not a step without any device work, as behind the cut of a recording, where others of the stage have some; not a pause
-- @column ts [ns]            start of the wall
-- @column end_ts [ns]        end of the wall
-- @column wall [ns]          its length
-- @column busy [ns]          anything runs on the GPU
-- @column compute [ns]       kernels, device-internal copies or memsets run
-- @column communication [ns] communication runs and no compute hides it
-- @column copy [ns]          copies between host and device run and nothing hides them
-- @column launch [ns]        idle inside operators and launch calls that no wait caused, and on the way from a call to the GPU
-- @column sync [ns]          idle that a wait caused
-- @column host [ns]          idle while the host runs code that is neither operator, call nor wait
-- @column rest [ns]          idle with work queued, while another GPU is awaited, while code is compiled, through the recording itself, or unknown
-- @column operator [ns]      of launch: inside operators
-- @column call [ns]          of launch: inside runtime calls
-- @column flight [ns]        of launch: from the end of the call to the start of the work
-- @column queued [ns]        of rest: work was issued and the GPU had not begun it
-- @column replay [ns]        of queued: between the nodes of one graph replay
-- @column peer [ns]          of rest: in a wait while another GPU was busy
-- @column recorder [ns]      of rest: cost of the recording
-- @column compile [ns]       of rest: the host compiles code
-- @column gaps [count]       idle spans
-- @column ops [count]        device operations that the step issued
-- @column kernels [count]    kernels among them
-- @column launches [count]   calls that issued them
CREATE OR REPLACE TABLE step_time AS
WITH idle AS (
  SELECT step, device, source_id, TRY_CAST(sum(operator) AS BIGINT) AS operator, TRY_CAST(sum(call) AS BIGINT) AS call,
         TRY_CAST(sum(flight) AS BIGINT) AS flight, TRY_CAST(sum(sync) AS BIGINT) AS sync, TRY_CAST(sum(host) AS BIGINT) AS host,
         TRY_CAST(sum(queued) AS BIGINT) AS queued, TRY_CAST(sum(replay) AS BIGINT) AS replay, TRY_CAST(sum(peer) AS BIGINT) AS peer, TRY_CAST(sum(recorder) AS BIGINT) AS recorder, TRY_CAST(sum(unknown) AS BIGINT) AS unknown, TRY_CAST(coalesce(sum(compile), 0) AS BIGINT) AS compile, count(*) AS gaps
  FROM gpu_gap
  GROUP BY ALL),
     issued AS (
  SELECT s.step, o.device, o.source_id, count(DISTINCT o.launch_id) AS launches
  FROM step_op s
  JOIN device_op o ON o.id = s.id
  GROUP BY ALL),
     worked AS (SELECT step, sum(ops) > 0 AS any_ops FROM gpu_step GROUP BY step),
     alone AS (
  SELECT g.belongs, g.source_id, coalesce(bool_and(g.first) FILTER (WHERE w.any_ops), bool_and(g.first)) AS only_first,
         bool_or(w.any_ops) AS any_ops
  FROM gpu_step g
  JOIN worked w ON w.step = g.step
  WHERE g.stage <> 'between'
  GROUP BY ALL)
SELECT g.step, g.device, g.source_id, g.stage, g.belongs, g.seq, g.first, (NOT g.first OR a.only_first) AND (g.stage = 'between' OR w.any_ops OR NOT a.any_ops) AND p.step IS NULL AS judged,
       g.ts, g.end_ts, g.wall, g.busy, g.compute, g.communication, g.copy,
       coalesce(i.operator + i.call + i.flight, 0) AS launch, coalesce(i.sync, 0) AS sync, coalesce(i.host, 0) AS host,
       coalesce(i.queued + i.peer + i.recorder + i.unknown + i.compile, 0) AS rest, coalesce(i.operator, 0) AS operator, coalesce(i.call, 0) AS call,
       coalesce(i.flight, 0) AS flight, coalesce(i.queued, 0) AS queued, coalesce(i.replay, 0) AS replay, coalesce(i.peer, 0) AS peer,
       coalesce(i.recorder, 0) AS recorder, coalesce(i.compile, 0) AS compile,
       coalesce(i.gaps, 0) AS gaps, g.ops, g.kernels, coalesce(c.launches, 0) AS launches
FROM gpu_step g
JOIN worked w ON w.step = g.step
JOIN alone a ON a.belongs = g.belongs AND a.source_id = g.source_id
LEFT JOIN pause p ON p.step = g.step
LEFT JOIN idle i ON i.step = g.step AND i.device = g.device AND i.source_id = g.source_id
LEFT JOIN issued c ON c.step = g.step AND c.device = g.device AND c.source_id = g.source_id
ORDER BY g.source_id, g.device, g.ts
