-- How full are the batches, and do requests wait?
-- @needs    batch
-- @column   engine                  engine process
-- @column   phase                   prefill, decode or mixed
-- @column   batches [count]         scheduler decisions
-- @column   requests [count]        mean requests of a batch
-- @column   tokens [tokens]         mean tokens of a batch
-- @column   token_ratio [ratio]     mean tokens over the most that would be scheduled; about 80 % is healthy for prefill
-- @column   waiting [count]         mean requests waiting afterwards; constantly above 0 means overload
-- @column   waiting_ratio [ratio]   of the batches, those with requests waiting
-- @column   decision [ns]           mean time of the scheduler's decision
SELECT coalesce(engine, 'the engine') AS engine, coalesce(phase, 'unknown') AS phase, count(*) AS batches,
       avg(requests) AS requests, avg(tokens) AS tokens, avg(tokens * 1e0 / nullif(max_tokens, 0)) AS token_ratio,
       avg(waiting) AS waiting, avg((waiting > 0)::INTEGER) AS waiting_ratio, avg(dur) AS decision
FROM batch
GROUP BY ALL
ORDER BY engine, phase
