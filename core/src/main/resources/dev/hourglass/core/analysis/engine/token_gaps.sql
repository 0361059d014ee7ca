-- How long does a request wait for its next token?
-- @needs    request_step, step
-- @param    times        3          a gap above this many medians is a late token
-- @column   engine                  engine process
-- @column   tokens [count]          tokens behind the first of their request
-- @column   mean [ns]               mean time since the token before
-- @column   deviation [ns]          standard deviation of it; NULL for one token
-- @column   median [ns]             median of it
-- @column   p90 [ns]                90th percentile; NULL below 10 samples
-- @column   p99 [ns]                99th percentile; NULL below 100 samples
-- @column   longest [ns]            longest
-- @column   late [count]            late tokens
-- @column   late_ratio [ratio]      of all
-- @column   excess_ratio [ratio]    of all waiting, what the late ones waited beyond a median
-- @column   rate [tokens/s]         all tokens of its requests but the first one, over the time from the first to the last
WITH given AS (
  SELECT engine, (count(*) - 1) * 1e9 / nullif(max(ts) - min(ts), 0) AS rate FROM request_token GROUP BY engine),
     gap AS (
  SELECT engine, gap, median(gap) OVER (PARTITION BY engine) AS usual FROM request_token WHERE gap IS NOT NULL)
SELECT coalesce(g.engine, 'the engine') AS engine, count(*) AS tokens, avg(gap) AS mean, stddev_samp(gap) AS deviation, median(gap) AS median,
       percentile(gap, 0.9) AS p90,
       percentile(gap, 0.99) AS p99, max(gap) AS longest,
       count(*) FILTER (gap > $times * usual) AS late, avg((gap > $times * usual)::INTEGER) AS late_ratio,
       coalesce(sum(gap - usual) FILTER (gap > $times * usual), 0) * 1e0 / nullif(sum(gap), 0) AS excess_ratio,
       any_value(n.rate) AS rate
FROM gap g
JOIN given n ON n.engine IS NOT DISTINCT FROM g.engine
GROUP BY g.engine
ORDER BY engine
