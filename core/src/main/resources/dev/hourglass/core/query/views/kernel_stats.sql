-- Time per kernel name. Shares are of the sum of all kernels, which overlapping kernels can make longer than the run.
-- @column name             kernel
-- @column count [count]    executions
-- @column sum_ns [ns]      sum of durations
-- @column share [ratio]    of the sum over all kernels
-- @column mean_ns [ns]     mean duration
-- @column min_ns [ns]      shortest
-- @column p50_ns [ns]      median
-- @column p99_ns [ns]      99th percentile; NULL below 100 samples
-- @column max_ns [ns]      longest
CREATE VIEW kernel_stats AS
SELECT name, count(*) AS count, TRY_CAST(sum(dur) AS BIGINT) AS sum_ns,
       sum(dur)::DOUBLE / nullif(sum(sum(dur)) OVER (), 0)::DOUBLE AS share,
       avg(dur) AS mean_ns, min(dur) AS min_ns, quantile_cont(dur, 0.5) AS p50_ns, percentile(dur, 0.99) AS p99_ns,
       max(dur) AS max_ns
FROM kernel
GROUP BY name
