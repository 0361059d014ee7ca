-- What could the probe see in each process, and what not?
-- @needs    probe_hook
-- @column   engine                  engine process
-- @column   role                    frontend, engine, worker or python
-- @column   pid                     process
-- @column   profiler                what is recorded
-- @column   hooks [count]           places in the engine that it looks at
-- @column   called [count]          of them set and called
-- @column   idle [count]            of them set and never called: the engine went another way, or the feature is off
-- @column   absent                  of them not set, each with the reason
WITH hook AS (
  SELECT engine, pid, profiler, hook, status, fires, coalesce(reason, 'no reason told') AS reason FROM probe_hook)
SELECT coalesce(h.engine, 'no engine') AS engine, any_value(p.role) AS role, h.pid, h.profiler, count(*) AS hooks,
       count(*) FILTER (status = 'OK' AND fires > 0) AS called, count(*) FILTER (status = 'OK' AND coalesce(fires, 0) = 0) AS idle,
       coalesce(string_agg(hook || ' ' || status || ' (' || reason || ')', '; ' ORDER BY hook) FILTER (status <> 'OK'), 'none') AS absent
FROM hook h
LEFT JOIN probe_process p ON p.pid = h.pid AND p.engine IS NOT DISTINCT FROM h.engine
GROUP BY h.engine, h.pid, h.profiler
ORDER BY engine, role, pid, profiler
