-- How often does the prefix cache help, and why not more often?
-- @needs    prefix_lookup
-- @column   engine                  engine process
-- @column   miss                    why the first block that was not found was not; none: all were
-- @column   lookups [count]         look-ups that ended so
-- @column   share [ratio]           of all look-ups
-- @column   tokens [tokens]         tokens that were looked for
-- @column   hit_tokens [tokens]     of them found
-- @column   hit_ratio [ratio]       of them found
-- @column   evicted [count]         blocks that had been there and were evicted; NULL where not told
-- @column   time [ns]               mean time of looking
SELECT coalesce(engine, 'the engine') AS engine, coalesce(miss, 'not told') AS miss, count(*) AS lookups,
       count(*) * 1e0 / sum(count(*)) OVER (PARTITION BY engine) AS share, TRY_CAST(sum(tokens) AS BIGINT) AS tokens,
       TRY_CAST(sum(hit_tokens) AS BIGINT) AS hit_tokens, sum(hit_tokens) * 1e0 / nullif(sum(tokens), 0) AS hit_ratio,
       TRY_CAST(sum(evicted_blocks) AS BIGINT) AS evicted, avg(dur) AS time
FROM prefix_lookup
GROUP BY engine, miss
ORDER BY engine, lookups DESC, miss
