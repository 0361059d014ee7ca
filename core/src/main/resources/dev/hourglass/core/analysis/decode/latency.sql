-- How long does one decode step take, and how much does that vary?
-- @needs    token
-- @column   steps           profiled: with per-node timing; unprofiled: without, run in between
-- @column   n [count]       steps
-- @column   mean [µs]       mean T_token
-- @column   stddev [µs]     sample standard deviation
-- @column   min [µs]        fastest step
-- @column   p50 [µs]        median
-- @column   p90 [µs]        90th percentile; NULL below 10 samples
-- @column   p99 [µs]        99th percentile; NULL below 100 samples
-- @column   max [µs]        slowest step
WITH step AS (
  SELECT 'profiled' AS steps, dur / 1000.0 AS us FROM token
  UNION ALL
  SELECT 'unprofiled', dur / 1000.0 FROM token_unprofiled)
SELECT steps, count(*) AS n, avg(us) AS mean, coalesce(stddev_samp(us), 0) AS stddev, min(us) AS min,
       quantile_cont(us, 0.5) AS p50, percentile(us, 0.9) AS p90, percentile(us, 0.99) AS p99, max(us) AS max
FROM step
GROUP BY steps
ORDER BY steps
