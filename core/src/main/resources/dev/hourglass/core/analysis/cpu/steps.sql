-- Where no GPU works: do operators take a step's time, or the code around them?
-- @needs    cpu_op, host_step
-- @param    around       0.30       share of a step outside operators from which the code around them is worth a finding
-- @param    most         0.50       share from which it limits the step
-- @param    short        20000      mean time in ns of an operator itself below which there are too many small ones
-- @param    many         100        operators per step from which that is worth saying
-- @column   stage                   which stage
-- @column   wall [ns]               mean time of a step, as in judged_step
-- @column   operators [ns]          inside operators and calls of the thread that annotates
-- @column   around_time [ns]        the rest: code of the engine and of Python
-- @column   share [ratio]           that of the two which the finding is about, of the step
-- @column   calls [count]           operators per step
-- @column   mean_self [ns]          mean time of an operator itself
-- @column   top                     the operator in which itself most time goes
-- @column   top_self [ns]           its time per step
-- @column   top_ratio [ratio]       of the step
-- @column   bound                   host where the code around limits it, device where the operators do
-- @column   advice                  which remedy fits
-- @column   gain [ratio]            at most, of a step; NULL where none can be told
-- @column   how                     how the gain was estimated
-- @column   severity                warning where the code around takes most, info else
-- @finding  {stage}: of a step of {wall} {operators} pass inside {calls} operators and {around_time} in the code around them; {top} itself takes {top_self}, {top_ratio} of the step
-- @remedy   [threads] Faster operators: a thread for each physical core. [] bf16 where the processor multiplies it (AMX, AVX512_BF16). [quantize] Weights in 8 bits.
-- @remedy_if code     [batch] The engine's own code is paid once per step: serve more sequences in each. [stacks] Which functions take it was not recorded: record stacks, of few steps, because stacks cost time themselves.
-- @remedy_if eager    [compile] Much of that code runs between the operators, which are many and short: compile the model, so that they become few. [batch] Or serve more sequences in each step.
-- @remedy_if stacks   [batch] The engine's own code is paid once per step: serve more sequences in each. [] The recording has stacks, which make this part longer than it is; op/call_paths and the timeline show the functions. [no_stacks] Hold the time from token to token against a run without them.
-- @remedy_if small    [compile] Many small operators: compile the model, so that they become few. [batch] Or serve more sequences in each step.
-- @gain     {how}
WITH part AS (
  SELECT j.stage, j.step, j.dur, p.dur AS operators
  FROM judged_step j
  JOIN step_part p ON p.step = j.step AND p.component = 't_cpu_computation'
  WHERE j.told = 'host' AND NOT EXISTS (SELECT 1 FROM launch) AND NOT EXISTS (SELECT 1 FROM import_stat WHERE kind = 'truncated')),
     stage_of AS (SELECT stage, count(*) AS steps, avg(dur) AS wall, avg(operators) AS operators FROM part GROUP BY stage),
     inside AS (
  SELECT h.step, h.belongs AS stage, s.name, s.dur - coalesce((SELECT sum(c.dur) FROM slice c WHERE c.parent_id = s.id AND c.category = 'cpu_op'), 0) AS self
  FROM host_step h
  JOIN (SELECT DISTINCT step FROM part) p ON p.step = h.step
  JOIN slice s ON s.track_id = h.track_id AND s.category = 'cpu_op' AND s.ts >= h.ts AND s.ts < h.end_ts),
     own AS (SELECT stage, name, count(*) AS n, sum(self) AS self FROM inside GROUP BY ALL),
     topmost AS (
  SELECT stage, sum(n) AS n, sum(self) AS self, first(name ORDER BY self DESC, name) AS top, max(self) AS top_self FROM own GROUP BY stage),
     told AS (
  SELECT s.*, s.wall - s.operators AS around_time, t.n * 1e0 / s.steps AS calls, t.self * 1e0 / t.n AS mean_self, t.top, t.top_self * 1e0 / s.steps AS top_self,
         EXISTS (SELECT 1 FROM slice WHERE starts_with(name, 'Torch-Compiled') OR contains(name, 'CompiledFxGraph')) AS compiled
  FROM stage_of s
  JOIN topmost t ON t.stage = s.stage
  WHERE s.wall > 0),
     advised AS (
  SELECT *, CASE WHEN around_time >= $around * wall
                 THEN CASE WHEN mean_self < $short AND calls >= $many AND NOT compiled THEN 'eager' WHEN EXISTS (SELECT 1 FROM slice WHERE category = 'python_function') THEN 'stacks' ELSE 'code' END
                 WHEN mean_self < $short AND calls >= $many AND NOT compiled THEN 'small' ELSE 'operators' END AS advice
  FROM told)
SELECT stage, wall, operators, around_time, CASE WHEN advice IN ('code', 'stacks', 'eager') THEN around_time ELSE operators END / wall AS share, calls, mean_self, top, top_self,
       top_self / wall AS top_ratio, CASE WHEN around_time > $most * wall THEN 'host' ELSE 'device' END AS bound, advice,
       CASE WHEN advice IN ('code', 'stacks', 'eager') THEN around_time / wall END AS gain,
       CASE WHEN advice IN ('code', 'stacks', 'eager') THEN 'at most, if the code around took no time' ELSE 'not estimated' END AS how,
       CASE WHEN around_time > $most * wall THEN 'warning' ELSE 'info' END AS severity
FROM advised
ORDER BY wall * steps DESC, stage
