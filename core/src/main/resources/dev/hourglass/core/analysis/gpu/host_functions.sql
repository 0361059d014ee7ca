-- Which functions does the host run while the GPU waits for it?
-- @needs    device_op, launch, host_work
-- @param    rows         60         how many are listed of each stage on each GPU
-- @column   stage                   which stage
-- @column   device                  GPU ordinal
-- @column   function                name: of a function of Python with its file, of an operator, of a call of the runtime
-- @column   kind                    function, operator, call, annotation, or none where nothing that was recorded is open
-- @column   layer                   part of an engine, as in host_function; of one that has none, that of the callers under which most of its own time passes
-- @column   calls [count]           per step, that reach into such spans
-- @column   inside [ns]             per step, in spans in which the GPU is idle and the host works: with all that it calls
-- @column   self [ns]               of it, in nothing that it calls
-- @column   own [ns]                per step, itself and what it calls that has no layer of its own: of all functions together these spans
-- @column   share [ratio]           own, of these spans
WITH steps AS (SELECT stage, device, source_id, steps FROM stage_time),
     lane AS (SELECT stage, device, source_id, sum(self) AS dur FROM host_work WHERE part = 'idle' GROUP BY ALL),
     placed AS (
  SELECT stage, device, source_id, name, kind, layer, count(*) AS calls, sum(inside) FILTER (outermost) AS inside, sum(self) AS self
  FROM host_work
  WHERE part = 'idle'
  GROUP BY ALL),
     named AS (
  SELECT stage, device, source_id, name, first(kind ORDER BY self DESC, kind) AS kind, first(layer ORDER BY self DESC, layer) AS layer, sum(calls) AS calls,
         sum(inside) AS inside, sum(self) AS self
  FROM placed
  GROUP BY ALL),
     owned AS (SELECT stage, device, source_id, owner AS name, sum(self) AS own FROM host_work WHERE part = 'idle' GROUP BY ALL)
SELECT n.stage, n.device, n.name AS function, n.kind, n.layer, n.calls * 1e0 / s.steps AS calls, n.inside * 1e0 / s.steps AS inside, n.self * 1e0 / s.steps AS self,
       coalesce(o.own, 0) * 1e0 / s.steps AS own, coalesce(o.own, 0) * 1e0 / l.dur AS share, n.source_id
FROM named n
JOIN lane l ON l.stage = n.stage AND l.device = n.device AND l.source_id = n.source_id
JOIN steps s ON s.stage = n.stage AND s.device = n.device AND s.source_id = n.source_id
LEFT JOIN owned o ON o.stage = n.stage AND o.device = n.device AND o.source_id = n.source_id AND o.name = n.name
QUALIFY row_number() OVER (PARTITION BY n.stage, n.device, n.source_id ORDER BY coalesce(o.own, 0) DESC, n.self DESC, n.name) <= $rows
ORDER BY l.dur DESC, n.stage, n.device, n.source_id, coalesce(o.own, 0) DESC, n.self DESC, n.name
