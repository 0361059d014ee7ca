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
-- @column   throttled_ratio [ratio]  of the samples in which a reason was given; NULL where reasons were not sampled
-- @column   samples [count]     samples while the stage ran
-- @column   power_limit [W]     the power limit while the stage ran; NULL where it was not sampled
-- @column   power_limit_max [W] the highest that the device accepts; NULL where it was not sampled
-- @column   evidence            the samples in words
-- @column   share [ratio]       loss of clock times the share of time in which kernels run; kernels limited by memory count only where the loss is severe
-- @column   time [ns]           that share of a step
-- @column   wall [ns]           mean wall of a step
-- @column   stake [ratio]       by what it is ranked
-- @column   gain [ratio]        as share
-- @column   advice              which remedy fits: by the reason; of the power limit `raise` where it is below its maximum, `maximum` where it is not
-- @column   severity            info, warning or critical
-- @finding  {stage} on GPU {device} ran at {clock} of {top_clock}, held back by {reason}: median of {samples} samples of the GPU's clock, at {power} on average; {evidence}
-- @remedy   [throttle_reason] Ask the device for the reason while the engine runs. [clock_lock] Remove a clock lock. [power_limit] Raise the power limit where it is below its maximum. [] Or improve cooling.
-- @remedy_if power     [power_read] Whether the power limit is at its maximum was not recorded: look. [power_limit] Raise it where it is not. [] Where it must stay, fewer FLOP (FP8, smaller prefill chunks) cost less power.
-- @remedy_if heat      Improve cooling: airflow, fans, the place in the rack, other load beside. [temperature_read] The device tells its temperatures and their limits.
-- @remedy_if hardware  [throttle_reason] The device tells heat (HW Thermal Slowdown) from the power supply (HW Power Brake): improve cooling, or look at the power supply.
-- @remedy_if brake     The power supply or the rack's controller asks for less power: look there, not at the GPU.
-- @remedy_if setting   [clock_lock] Remove the clock setting.
-- @remedy_if raise     [power_limit] The power limit is {power_limit} and may be {power_limit_max}: raise it, where the rack and the cooling allow that. [] Where it must stay, fewer FLOP (FP8, smaller prefill chunks) cost less power.
-- @remedy_if maximum   The power limit is at its maximum already, {power_limit}: it cannot be raised. Fewer FLOP cost less power (FP8, smaller prefill chunks), fewer bytes do too; else spread the work over more cards.
-- @gain     at most: the loss of clock, times the share of the step in which kernels run that memory does not limit: what full clock would save where arithmetic is the limit
WITH span_of AS (
  SELECT u.stage, u.device, u.source_id, t.ts, t.end_ts
  FROM usual_step u
  JOIN step_time t ON t.step = u.step AND t.device = u.device AND t.source_id = u.source_id),
     lane AS (
  SELECT stage, device, source_id, any_value(h.host) AS host, max(end_ts) AS last_ts FROM span_of LEFT JOIN source_host h USING (source_id) GROUP BY stage, device, source_id),
     sample AS (SELECT ts, device, host, metric, value FROM device_sample),
     top AS (
  SELECT l.stage, l.device, l.source_id, max(m.value) AS top_clock
  FROM lane l
  JOIN sample m ON m.device = l.device AND coalesce(m.host = l.host, true)
  WHERE m.metric IN ('sm_clock', 'sm_clock_max', 'clocks.max.sm')
  GROUP BY l.stage, l.device, l.source_id),
     near AS (
  -- While a step of the stage runs; where too few were taken, shortly behind the last of them.
  SELECT m.stage, m.device, m.source_id, m.metric, m.value, m.ts <= s.end_ts AS during
  FROM (SELECT l.stage, l.source_id, l.last_ts, m.* FROM lane l JOIN sample m ON m.device = l.device AND coalesce(m.host = l.host, true)) m
  ASOF JOIN span_of s ON s.stage = m.stage AND s.device = m.device AND s.source_id = m.source_id AND m.ts >= s.ts
  WHERE m.ts <= s.end_ts OR m.ts > m.last_ts AND m.ts <= m.last_ts + 200000000),
     inside AS (
  SELECT *
  FROM near
  QUALIFY during OR count(*) FILTER (during) OVER (PARTITION BY stage, device, source_id, metric) < 3),
     per AS (
  SELECT stage, device, source_id, median(value) FILTER (metric = 'sm_clock') AS clock,
         avg(value) FILTER (metric = 'power') AS power, count(*) FILTER (metric = 'sm_clock') AS samples, median(value) FILTER (metric = 'power_limit') AS power_limit,
         avg(CASE WHEN value::BIGINT & 238 <> 0 THEN 1.0 ELSE 0 END) FILTER (metric = 'throttle') AS throttled_ratio
  FROM inside
  GROUP BY ALL),
     given AS (
  SELECT stage, device, source_id,
         CASE WHEN bits & 128 <> 0 THEN 'brake' WHEN bits & 64 <> 0 THEN 'heat' WHEN bits & 8 <> 0 THEN 'hardware'
              WHEN bits & 4 <> 0 THEN 'power' WHEN bits & 32 <> 0 THEN 'heat' ELSE 'setting' END AS advice, count(*) AS n
  FROM (SELECT *, value::BIGINT & 238 AS bits FROM inside WHERE metric = 'throttle')
  WHERE bits <> 0
  GROUP BY ALL),
     most AS (SELECT stage, device, source_id, max_by(advice, (n, advice)) AS advice FROM given GROUP BY ALL),
     -- Sampled, or among what a recorder says of its GPUs.
     most_power AS (
  SELECT device, max(value) AS power_limit_max
  FROM (SELECT device, value FROM sample WHERE metric = 'power_limit_max'
        UNION ALL
        SELECT TRY_CAST(regexp_extract(name, 'gpu\.([0-9]+)\.power_limit_max_w$', 1) AS BIGINT), TRY_CAST(value AS DOUBLE) FROM metadata WHERE name LIKE '%gpu.%.power_limit_max_w')
  GROUP BY device),
     of_memory AS (
  SELECT h.stage, o.device, o.source_id,
         sum(o.end_ts - o.ts) FILTER (o.nature = 'memory') * 1e0 / sum(o.end_ts - o.ts) AS ratio
  FROM device_op o
  JOIN step_op so ON so.id = o.id
  JOIN usual_step h ON h.step = so.step AND h.device = o.device AND h.source_id = o.source_id
  WHERE o.class = 'compute'
  GROUP BY ALL
  HAVING sum(o.end_ts - o.ts) > 0),
     judged AS (
  SELECT p.*, t.top_clock, w.power_limit_max,
         -- Half a watt: tools round.
         CASE WHEN m.advice <> 'power' OR p.power_limit IS NULL OR w.power_limit_max IS NULL THEN m.advice
              WHEN p.power_limit >= w.power_limit_max - 0.5 THEN 'maximum' ELSE 'raise' END AS advice,
         (t.top_clock - p.clock) * 1e0 / t.top_clock AS loss, g.total, g.steps, g.wall,
         g.compute * CASE WHEN (t.top_clock - p.clock) * 1e0 / t.top_clock >= $severe THEN 1 ELSE 1 - coalesce(o.ratio, 0) END AS slowed
  FROM per p
  JOIN top t ON t.stage = p.stage AND t.device = p.device AND t.source_id = p.source_id
  JOIN stage_time g ON g.stage = p.stage AND g.device = p.device AND g.source_id = p.source_id
  LEFT JOIN most m ON m.stage = p.stage AND m.device = p.device AND m.source_id = p.source_id
  LEFT JOIN most_power w ON w.device = p.device
  LEFT JOIN of_memory o ON o.stage = p.stage AND o.device = p.device AND o.source_id = p.source_id
  WHERE p.clock > 0)
SELECT stage, device, source_id, clock, top_clock, power,
       CASE WHEN throttled_ratio IS NULL THEN 'a limit whose reason was not recorded'
            ELSE CASE advice WHEN 'brake' THEN 'the power brake' WHEN 'heat' THEN 'heat' WHEN 'hardware' THEN 'heat or the power brake'
                             WHEN 'power' THEN 'the power limit' WHEN 'raise' THEN 'the power limit' WHEN 'maximum' THEN 'the power limit' WHEN 'setting' THEN 'a clock setting'
                             ELSE 'a clock lock or a limit for which the device gives no reason' END END AS reason,
       throttled_ratio, samples, power_limit, power_limit_max,
       CASE WHEN throttled_ratio IS NULL THEN 'its reasons were not sampled'
            ELSE 'it gave a reason in ' || round(throttled_ratio * 100)::BIGINT || ' % of them' END AS evidence,
       loss * slowed * 1e0 / total AS share,
       loss * slowed * 1e0 / steps AS time, wall * 1e0 / steps AS wall,
       (loss + CASE WHEN loss >= $limit THEN $weight ELSE 0 END) * slowed * 1e0 / total AS stake, loss * slowed * 1e0 / total AS gain,
       coalesce(advice, 'none') AS advice,
       CASE WHEN loss * slowed * 1e0 / total < 0.02 THEN NULL
            WHEN coalesce(throttled_ratio, 0) < 0.2 AND (loss < $limit OR slowed * 2 < total OR samples < 3) THEN NULL
            WHEN loss >= $severe THEN 'critical' WHEN loss >= $limit THEN 'warning' ELSE 'info' END AS severity
FROM judged
ORDER BY share DESC, stage, device, source_id
