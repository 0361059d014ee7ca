-- How long do an engine's steps take, and how much of that is the forward pass?
-- @needs    step, forward_pass
-- @column   engine                  engine process
-- @column   phase                   prefill, decode, mixed, or recompute of what a preemption threw away
-- @column   steps [count]           steps
-- @column   tokens [tokens]         mean tokens of a step
-- @column   wall [ns]               median from the scheduler's decision until the tokens exist
-- @column   wall_p99 [ns]           99th percentile of it; NULL below 100 samples
-- @column   execute [ns]            median host time in the slowest worker until its call returned
-- @column   forward [ns]            median host time of the forward pass in that worker; NULL where not seen
-- @column   sample [ns]             median host time of sampling in it; NULL where not seen
-- @column   gpu [ns]                median device time between events around the step; NULL where not measured
-- @column   gpu_idle [ns]           median device time without work before it; NULL where not measured
-- @column   rate [tokens/s]         tokens over the sum of the walls
WITH worker AS (
  SELECT engine, step, max(dur) AS execute, max(forward_ns) AS forward, max(sample_ns) AS sample, max(gpu_ns) AS gpu,
         max(gpu_idle_ns) AS idle
  FROM forward_pass
  GROUP BY engine, step)
SELECT coalesce(s.engine, 'the engine') AS engine, coalesce(s.phase, 'unknown') AS phase, count(*) AS steps,
       avg(s.tokens) AS tokens, median(s.dur) AS wall, percentile(s.dur, 0.99) AS wall_p99,
       median(w.execute) AS execute, median(w.forward) AS forward, median(w.sample) AS sample, median(w.gpu) AS gpu,
       median(w.idle) AS gpu_idle, sum(s.tokens) * 1e9 / nullif(sum(s.dur), 0) AS rate
FROM step s
JOIN worker w ON w.step = s.step AND w.engine IS NOT DISTINCT FROM s.engine
WHERE s.dur IS NOT NULL
GROUP BY s.engine, s.phase
ORDER BY engine, phase
