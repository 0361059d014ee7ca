-- Which part of a decode step takes how long?
-- @needs    token, op
-- @column   component       component key
-- @column   n [count]       steps
-- @column   mean [µs]       mean time per token
-- @column   stddev [µs]     sample standard deviation
-- @column   min [µs]        smallest
-- @column   p50 [µs]        median
-- @column   p90 [µs]        90th percentile; NULL below 10 samples
-- @column   p99 [µs]        99th percentile; NULL below 100 samples
-- @column   max [µs]        largest
-- @column   share [ratio]   mean divided by mean T_token
SELECT component, count(*) AS n, avg(dur) / 1000.0 AS mean, coalesce(stddev_samp(dur), 0) / 1000.0 AS stddev,
       min(dur) / 1000.0 AS min, quantile_cont(dur, 0.5) / 1000.0 AS p50, percentile(dur, 0.9) / 1000.0 AS p90,
       percentile(dur, 0.99) / 1000.0 AS p99, max(dur) / 1000.0 AS max,
       avg(dur) / (SELECT avg(dur) FROM token) AS share
FROM token_component
GROUP BY component
ORDER BY mean DESC, component
