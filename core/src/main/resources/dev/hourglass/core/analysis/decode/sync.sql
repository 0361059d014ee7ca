-- How long do the engine's threads wait for each other in a step?
-- @needs    barrier, token
-- @param    limit    0.15   share of T_token from which waiting is worth a finding: below it a barrier costs what barriers cost
-- @bound    sync
-- @column   n [count]       traced steps
-- @column   mean [µs]       barrier wait per step, averaged over threads
-- @column   stddev [µs]     sample standard deviation over steps
-- @column   min [µs]        smallest
-- @column   p50 [µs]        median
-- @column   p90 [µs]        90th percentile; NULL below 10 samples
-- @column   p99 [µs]        99th percentile; NULL below 100 samples
-- @column   max [µs]        largest
-- @column   step_mean [µs]  mean duration of the traced steps, which the tracing slows
-- @column   threads [count] threads that waited
-- @column   stage           decode
-- @column   share [ratio]   the mean wait over the mean T_token
-- @column   advice          many where more threads than physical cores compute, alone where one for each does or the session does not tell
-- @column   gain [ratio]    at most, of T_token
-- @column   severity        info
-- @finding  Compute threads wait for each other for {mean} of each token, {share} of T_token
-- @remedy   [pin_threads] Keep other work off their cores and the threads on them. [threads] Try one thread fewer: the slowest is waited for in each operator.
-- @remedy_if many  [threads] Fewer threads: more of them compute than there are physical cores, and the slowest is waited for in each operator.
-- @gain     at most: all of that wait. Threads that meet in each operator keep some of it
WITH step AS (
  SELECT step, avg(wait_ns) / 1000.0 AS us, any_value(step_dur) / 1000.0 AS step_us, count(*) AS threads
  FROM barrier
  GROUP BY step),
     whole AS (SELECT avg(dur) / 1000.0 AS us FROM token),
     fact AS (
  SELECT TRY_CAST(max(value) FILTER (name = 'engine.threads') AS BIGINT) AS threads,
         TRY_CAST(max(value) FILTER (name = 'host.cores_physical') AS BIGINT) AS cores
  FROM metadata)
SELECT count(*) AS n, avg(us) AS mean, coalesce(stddev_samp(us), 0) AS stddev, min(us) AS min,
       quantile_cont(us, 0.5) AS p50, percentile(us, 0.9) AS p90, percentile(us, 0.99) AS p99, max(us) AS max,
       avg(step_us) AS step_mean, max(threads) AS threads,
       'decode' AS stage, avg(us) / (SELECT us FROM whole) AS share,
       CASE WHEN (SELECT threads > cores FROM fact) THEN 'many' ELSE 'alone' END AS advice, avg(us) / (SELECT us FROM whole) AS gain,
       CASE WHEN avg(us) >= $limit * (SELECT us FROM whole) THEN 'info' END AS severity
FROM step
HAVING count(*) > 0
