-- Which part of the engine does the host work in while the GPU waits for it?
-- @needs    device_op, launch, host_work
-- @column   stage                which stage
-- @column   device               GPU ordinal
-- @column   layer                part of an engine, by the names of functions as in host_function; launching where there are operators and calls alone
-- @column   time [ns]            per step, in spans in which the GPU is idle and the host works
-- @column   share [ratio]        of these spans
-- @column   top                  the function with most of it, with what it calls that has no layer of its own
-- @column   top_time [ns]        its time per step
-- @column   functions [count]    functions of the layer that were open
-- @column   stacks               whether Python's stacks were recorded: with them parts are told apart, without them operators and annotations alone
WITH steps AS (SELECT stage, device, source_id, steps FROM stage_time),
     stacked AS (SELECT DISTINCT source_id, track_id FROM host_work WHERE part = 'idle' AND kind = 'function'),
     lane AS (
  SELECT stage, device, source_id, sum(self) AS dur, bool_or(track_id IN (SELECT track_id FROM stacked)) AS stacks FROM host_work WHERE part = 'idle' GROUP BY ALL),
     owner AS (SELECT stage, device, source_id, layer, owner, sum(self) AS dur FROM host_work WHERE part = 'idle' GROUP BY ALL),
     layer AS (
  SELECT stage, device, source_id, layer, sum(dur) AS dur, first(owner ORDER BY dur DESC, owner) AS top, max(dur) AS top_dur, count(*) AS functions
  FROM owner
  GROUP BY ALL)
SELECT y.stage, y.device, y.layer, y.dur * 1e0 / s.steps AS time, y.dur * 1e0 / l.dur AS share, y.top, y.top_dur * 1e0 / s.steps AS top_time, y.functions,
       CASE WHEN l.stacks THEN 'with stacks' ELSE 'without stacks' END AS stacks, y.source_id
FROM layer y
JOIN lane l ON l.stage = y.stage AND l.device = y.device AND l.source_id = y.source_id
JOIN steps s ON s.stage = y.stage AND s.device = y.device AND s.source_id = y.source_id
WHERE y.dur > 0
ORDER BY l.dur DESC, y.stage, y.device, y.source_id, y.dur DESC, y.layer
