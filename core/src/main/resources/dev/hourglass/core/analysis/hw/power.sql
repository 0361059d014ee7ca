-- What do power, clocks, temperature and use of the GPU look like while each stage runs?
-- @needs    hw_sample
-- @column   stage                   which stage; all for the whole recording
-- @column   device                  which device
-- @column   metric                  short name, as in hw_sample
-- @column   unit                    unit of the values
-- @column   samples [count]         samples
-- @column   mean                    mean
-- @column   min                     smallest
-- @column   max                     largest
WITH span AS (
  SELECT belongs AS stage, min(ts) AS ts, max(end_ts) AS end_ts FROM step_time WHERE judged GROUP BY belongs
  UNION ALL
  SELECT 'all', min(ts), max(ts) FROM hw_sample)
SELECT s.stage, m.device, m.metric, any_value(m.unit) AS unit, count(*) AS samples, avg(m.value) AS mean,
       min(m.value) AS min, max(m.value) AS max
FROM span s
JOIN hw_sample m ON m.ts >= s.ts AND m.ts <= s.end_ts
GROUP BY s.stage, m.device, m.metric
ORDER BY s.stage, m.device, m.metric
