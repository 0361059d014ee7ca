-- What do power, clocks, temperature and use of the GPU look like while each stage runs?
-- @needs    hw_sample
-- @column   stage                   which stage, its steps and the spans between them; all for the whole recording
-- @column   device                  which device
-- @column   metric                  short name, as in hw_sample
-- @column   unit                    unit of the values
-- @column   samples [count]         samples
-- @column   mean                    mean
-- @column   min                     smallest
-- @column   max                     largest
WITH span AS (
  SELECT belongs AS stage, ts, max(end_ts) OVER (PARTITION BY belongs ORDER BY ts) AS reach FROM step_time WHERE judged),
     taken AS (
  SELECT s.stage, m.device, m.metric, m.unit, m.value
  FROM (SELECT * FROM hw_sample, (SELECT DISTINCT stage FROM span)) m
  ASOF JOIN span s ON s.stage = m.stage AND m.ts >= s.ts
  WHERE m.ts <= s.reach
  UNION ALL
  SELECT 'all', device, metric, unit, value FROM hw_sample)
SELECT stage, device, metric, any_value(unit) AS unit, count(*) AS samples, avg(value) AS mean, min(value) AS min, max(value) AS max
FROM taken
GROUP BY stage, device, metric
ORDER BY stage, device, metric
