-- Why is the GPU idle?
-- @needs    device_op, launch
-- @column   stage                   which stage
-- @column   device                  GPU ordinal
-- @column   idle_ratio [ratio]      idle, of the steps' walls
-- @column   gaps [count]            idle spans per step
-- @column   operator [ns]           per step: host inside operators
-- @column   call [ns]               per step: host inside launch and other runtime calls
-- @column   flight [ns]             per step: launched, on its way to the GPU
-- @column   sync [ns]               per step: after a wait of the host
-- @column   host [ns]               per step: host in other code
-- @column   replay [ns]             per step: between the nodes of a graph replay
-- @column   queued [ns]             per step: work queued outside graphs, not begun: dependencies, the GPU's own delay
-- @column   peer [ns]               per step: another GPU awaited
-- @column   recorder [ns]           per step: cost of the recording
-- @column   compile [ns]            per step: the host compiles code
-- @column   unknown [ns]            per step: no call was recorded for the next work
SELECT belongs AS stage, device, sum(wall - busy) * 1e0 / nullif(sum(wall), 0) AS idle_ratio, sum(gaps) * 1e0 / count(*) AS gaps,
       avg(operator) AS operator, avg(call) AS call, avg(flight) AS flight, avg(sync) AS sync, avg(host) AS host,
       avg(replay) AS replay, avg(queued - replay) AS queued, avg(peer) AS peer, avg(recorder) AS recorder, coalesce(avg(compile), 0) AS compile,
       avg(rest - queued - peer - recorder - coalesce(compile, 0)) AS unknown
FROM step_time
WHERE judged AND stage <> 'between'
GROUP BY belongs, device, source_id
ORDER BY sum(wall - busy) DESC, belongs, device, source_id
