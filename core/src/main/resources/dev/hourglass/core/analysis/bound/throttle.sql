-- Does the GPU run below its clock because of power or heat?
-- @needs    device_sample, device_op
-- @bound    throttle
-- @param    limit        0.10   loss of clock from which it is a warning
-- @param    weight       0.20   as in bound/device: what is lost is ranked together with the busy time that it slows
-- @param    severe       0.25   loss of clock from which it is critical
-- @column   stage               which stage
-- @column   device              GPU ordinal
-- @column   clock [MHz]         median SM clock while the stage ran
-- @column   top_clock [MHz]          highest SM clock that the device reports or reached in the recording
-- @column   power [W]           mean power while the stage ran
-- @column   reason              what the device gives as the reason
-- @column   throttled_ratio [ratio]  of the samples in which a reason was given
-- @column   samples [count]     samples while the stage ran
-- @column   share [ratio]       loss of clock times the share of time in which kernels run
-- @column   time [ns]           that share of a step
-- @column   wall [ns]           mean wall of a step
-- @column   stake [ratio]       by what it is ranked
-- @column   gain [ratio]        as share
-- @column   severity            info, warning or critical
-- @finding  {stage} on GPU {device} ran at {clock} of {top_clock}, held back by {reason}; the device gave a reason in {throttled_ratio} of {samples} samples, at {power}
-- @remedy   Raise or restore the power limit (nvidia-smi -pl), remove a clock lock (nvidia-smi -rgc), improve cooling; where the limit must stay, fewer FLOP (FP8, smaller prefill chunks) cost less power.
-- @gain     the loss of clock, times the share of the step in which kernels run: what full clock would save where arithmetic is the limit
WITH span_of AS (
  SELECT belongs AS stage, device, source_id, min(ts) AS ts, max(end_ts) AS end_ts FROM step_time WHERE judged GROUP BY ALL),
     sample AS (SELECT ts, device, metric, value FROM device_sample),
     top AS (
  SELECT device, max(value) AS top_clock FROM sample WHERE metric IN ('sm_clock', 'sm_clock_max', 'clocks.max.sm') GROUP BY device),
     near AS (
  SELECT s.stage, s.device, s.source_id, m.metric, m.value, m.ts <= s.end_ts AS during
  FROM span_of s
  JOIN sample m ON m.device = s.device AND m.ts >= s.ts AND m.ts <= s.end_ts + 200000000),
     inside AS (
  SELECT *
  FROM near
  QUALIFY during OR count(*) FILTER (during) OVER (PARTITION BY stage, device, source_id, metric) < 3),
     per AS (
  SELECT stage, device, source_id, median(value) FILTER (metric = 'sm_clock') AS clock,
         avg(value) FILTER (metric = 'power') AS power, count(*) FILTER (metric = 'sm_clock') AS samples,
         bool_or(metric = 'throttle') AS told,
         avg(CASE WHEN value::BIGINT & 238 <> 0 THEN 1.0 ELSE 0 END) FILTER (metric = 'throttle') AS throttled_ratio,
         bit_or(value::BIGINT & 238) FILTER (metric = 'throttle') AS bits
  FROM inside
  GROUP BY ALL),
     judged AS (
  SELECT p.*, t.top_clock, 1 - p.clock * 1e0 / t.top_clock AS loss, g.compute, g.total, g.steps, g.wall
  FROM per p
  JOIN top t ON t.device = p.device
  JOIN stage_time g ON g.stage = p.stage AND g.device = p.device AND g.source_id = p.source_id
  WHERE p.clock > 0)
SELECT stage, device, source_id, clock, top_clock, power,
       CASE WHEN told IS NOT TRUE THEN 'a limit that the recording does not name' WHEN bits & 72 <> 0 THEN 'heat or hardware'
            WHEN bits & 128 <> 0 THEN 'the power brake' WHEN bits & 36 <> 0 AND bits & 4 = 0 THEN 'heat'
            WHEN bits & 4 <> 0 THEN 'the power limit' WHEN bits & 2 <> 0 THEN 'a clock setting'
            ELSE 'a clock lock or a limit for which the device gives no reason' END AS reason,
       coalesce(throttled_ratio, 0) AS throttled_ratio, samples, loss * compute * 1e0 / total AS share,
       loss * compute * 1e0 / steps AS time, wall * 1e0 / steps AS wall,
       (loss + CASE WHEN loss >= $limit THEN $weight ELSE 0 END) * compute * 1e0 / total AS stake, loss * compute * 1e0 / total AS gain,
       CASE WHEN loss * compute * 1e0 / total < 0.02 THEN NULL
            WHEN coalesce(throttled_ratio, 0) < 0.2 AND (loss < $limit OR compute * 2 < total OR samples < 3) THEN NULL
            WHEN loss >= $severe THEN 'critical' WHEN loss >= $limit THEN 'warning' ELSE 'info' END AS severity
FROM judged
ORDER BY share DESC
