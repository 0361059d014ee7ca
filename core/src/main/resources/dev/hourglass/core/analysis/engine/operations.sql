-- What does the engine do on the host, and how long does it take?
-- @needs    host_operation
-- @column   engine                  engine process
-- @column   operation               what was done; one may contain another
-- @column   calls [count]           rows of the recording; a row may sum the calls of a step
-- @column   total [ns]              sum
-- @column   median [ns]             median of a row
-- @column   p99 [ns]                99th percentile; NULL below 100 samples
-- @column   longest [ns]            longest
SELECT coalesce(engine, 'the engine') AS engine, coalesce(name, '?') AS operation, count(*) AS calls,
       TRY_CAST(sum(dur) AS BIGINT) AS total, median(dur) AS median,
       percentile(dur, 0.99) AS p99, max(dur) AS longest
FROM host_operation
GROUP BY engine, name
ORDER BY engine, total DESC, operation
