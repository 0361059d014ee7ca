-- What did recording cost the engine?
-- @needs    probe_process
-- @param    ended        0.9        of the steps that must have an end, so that their time is known
-- @column   engine                  engine process
-- @column   role                    frontend, engine, worker or python
-- @column   pid                     process
-- @column   calls [count]           calls that went through the probe
-- @column   time [ns]               time that the engine's threads spent in it, as it clocked itself
-- @column   per_call [ns]           of one call
-- @column   per_step [ns]           of one of the engine's steps
-- @column   share [ratio]           of the time in which steps ran; NULL where the ends of too many are not known
-- @column   written [B]             what it wrote
-- @column   dropped [count]         records that were dropped
-- @column   errors [count]          errors, all contained
WITH ran AS (
  SELECT engine, count(*) AS steps, CASE WHEN count(dur) >= $ended * count(*) THEN sum(dur) END AS ns FROM step GROUP BY engine)
SELECT coalesce(p.engine, 'no engine') AS engine, p.role, p.pid, p.calls, p.self_ns AS time, p.self_ns * 1e0 / nullif(p.calls, 0) AS per_call,
       p.self_ns * 1e0 / nullif(r.steps, 0) AS per_step, p.self_ns * 1e0 / nullif(r.ns, 0) AS share, p.bytes AS written, p.dropped, p.errors
FROM probe_process p
LEFT JOIN ran r ON r.engine IS NOT DISTINCT FROM p.engine
ORDER BY time DESC NULLS LAST, role, pid
