-- What could the probe see in each process, and what not?
-- @needs    probe_hook
-- @column   engine                  engine process
-- @column   pid                     process
-- @column   profiler                what it is for
-- @column   hook                    name of the hook
-- @column   status                  OK, MISSING, CHANGED, INACTIVE or DISABLED
-- @column   fires [count]           calls that went through it; 0: hooked and never called
-- @column   reason                  why it is not OK, or what it hooked
SELECT coalesce(engine, 'no engine') AS engine, pid, profiler, hook, status, fires, coalesce(reason, symbol) AS reason
FROM probe_hook
ORDER BY status = 'OK', engine, pid, profiler, hook
