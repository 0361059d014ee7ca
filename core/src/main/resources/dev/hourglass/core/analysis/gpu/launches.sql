-- How is work launched: how many calls, how long, how long until the GPU begins?
-- @needs    launch, device_op
-- @column   stage                   stage in which the call was made
-- @column   call                    function
-- @column   calls [count]           how often
-- @column   per_step [count]        per step
-- @column   ops_per_call [count]    device operations that one call started
-- @column   mean [ns]               mean duration of the call
-- @column   p50 [ns]                median duration of the call
-- @column   p99 [ns]                99th percentile; NULL below 100 samples
-- @column   total [ns]              host time in these calls
-- @column   delay_p50 [ns]          median from the end of the call to the start of its first work; negative where the work began before the call returned
-- @column   delay_p99 [ns]          99th percentile of it; NULL below 100 samples
-- @column   work_p50 [ns]           median from the start of its first to the end of its last work
-- @column   short_ratio [ratio]     of the calls, those whose work is shorter than the call itself
WITH steps AS (SELECT belongs, count(DISTINCT step) AS steps FROM step_time WHERE stage <> 'between' GROUP BY belongs),
     issued AS (
  SELECT o.launch_id, any_value(h.belongs) AS stage, count(*) AS ops, min(o.ts) AS first_ts, max(o.end_ts) AS last_end
  FROM device_op o
  JOIN step_op s ON s.id = o.id
  LEFT JOIN host_step h ON h.step = s.step
  WHERE o.launch_id IS NOT NULL
  GROUP BY o.launch_id)
SELECT coalesce(i.stage, 'outside') AS stage, l.name AS call, count(*) AS calls,
       count(*) * 1e0 / any_value(steps.steps) AS per_step, avg(i.ops) AS ops_per_call, avg(l.dur) AS mean,
       quantile_cont(l.dur, 0.5) AS p50, percentile(l.dur, 0.99) AS p99, TRY_CAST(sum(l.dur) AS BIGINT) AS total,
       quantile_cont(i.first_ts - l.ts - l.dur, 0.5) AS delay_p50,
       percentile(i.first_ts - l.ts - l.dur, 0.99) AS delay_p99,
       quantile_cont(i.last_end - i.first_ts, 0.5) AS work_p50,
       avg(CASE WHEN i.last_end - i.first_ts < l.dur THEN 1.0 ELSE 0 END) AS short_ratio
FROM launch l
JOIN issued i ON i.launch_id = l.id
LEFT JOIN steps ON steps.belongs = i.stage
GROUP BY ALL
ORDER BY total DESC, stage, call
