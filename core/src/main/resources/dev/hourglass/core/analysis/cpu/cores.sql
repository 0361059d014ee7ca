-- How busy are the CPU cores over the whole recording?
-- @needs    core_sample
-- @column   cores [count]         logical CPUs that were sampled
-- @column   busy [ratio]          mean share of time not idle, all cores and processes
-- @column   busiest [ratio]       the same of the busiest core
WITH core AS (SELECT core, sum(busy_ratio * dur) / nullif(sum(dur), 0) AS busy FROM core_sample GROUP BY core)
SELECT count(*) AS cores, (SELECT avg(busy_ratio) FROM core_sample) AS busy, max(busy) AS busiest
FROM core
HAVING count(*) > 0
