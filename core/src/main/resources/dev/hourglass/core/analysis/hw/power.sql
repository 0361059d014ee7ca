-- What do power, clocks, temperature and use of the GPU look like while each stage runs?
-- @needs    hw_sample
-- @column   stage                   which stage, its steps and the spans between them; all for the whole recording
-- @column   device                  which device
-- @column   host                    which machine, as in source_host; NULL where no source names one
-- @column   metric                  short name, as in hw_sample
-- @column   unit                    unit of the values; bytes are told in GB
-- @column   samples [count]         samples
-- @column   mean                    mean
-- @column   sd                      standard deviation of the samples; NULL with one of them
-- @column   min                     smallest
-- @column   max                     largest
WITH span AS (
  SELECT belongs AS stage, h.host, ts, max(end_ts) OVER (PARTITION BY belongs, h.host ORDER BY ts) AS reach
  FROM step_time
  LEFT JOIN source_host h USING (source_id)
  WHERE judged),
     sample AS (SELECT m.ts, m.device, m.metric, m.unit, m.value, h.host FROM hw_sample m LEFT JOIN source_host h USING (source_id)),
     taken AS (
  SELECT s.stage, m.device, m.host, m.metric, m.unit, m.value
  FROM (SELECT m.*, w.stage, coalesce(w.host, '') AS place
        FROM sample m
        JOIN (SELECT DISTINCT stage, host FROM span) w ON coalesce(m.host = w.host, true)) m
  ASOF JOIN span s ON s.stage = m.stage AND coalesce(s.host, '') = m.place AND m.ts >= s.ts
  WHERE m.ts <= s.reach
  UNION ALL
  SELECT 'all', device, host, metric, unit, value FROM sample)
SELECT stage, device, host, metric, any_value(CASE unit WHEN 'B' THEN 'GB' WHEN 'B/s' THEN 'GB/s' ELSE unit END) AS unit, count(*) AS samples,
       avg(value / scale) AS mean, stddev_samp(value / scale) AS sd, min(value / scale) AS min, max(value / scale) AS max
-- A mask of reasons has no mean: see hw/clock_reasons.
FROM (SELECT *, CASE WHEN unit IN ('B', 'B/s') THEN 1e9 ELSE 1 END AS scale FROM taken WHERE unit IS DISTINCT FROM 'bits')
GROUP BY stage, device, host, metric
ORDER BY stage, device, host, metric
