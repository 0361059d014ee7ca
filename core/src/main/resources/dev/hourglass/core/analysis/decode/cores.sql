-- What did each CPU do while the profiled steps ran?
-- @needs    core_sample, token
-- @column   core            logical CPU
-- @column   ts [ns]         start of the sampling interval, since the first profiled step
-- @column   dur [ns]        length of the interval
-- @column   busy [ratio]    not idle, all processes
-- @column   user [ratio]    in user code
-- @column   system [ratio]  in the kernel
-- @column   steal [ratio]   taken by the hypervisor for other guests
-- @column   mhz [MHz]       clock; NULL where the kernel does not tell
WITH phase AS (SELECT min(ts) AS t0, max(ts + dur) AS t1 FROM token)
SELECT c.core, c.ts - p.t0 AS ts, c.dur, c.busy_ratio AS busy, c.user_ratio AS "user", c.system_ratio AS system,
       c.steal_ratio AS steal, c.freq_mhz AS mhz
FROM core_sample c, phase p
WHERE c.ts + c.dur > p.t0 AND c.ts < p.t1
ORDER BY c.core, c.ts
