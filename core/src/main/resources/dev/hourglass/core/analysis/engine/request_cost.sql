-- What does each request cost, a step's time being shared out by the tokens that each request has in it (an apportionment, not a measurement)?
-- @needs    request_step, step
-- @param    rows         100        how many are listed
-- @column   engine                  engine process
-- @column   request                 its name of the request; two engines may use the same
-- @column   steps [count]           steps in which it took part
-- @column   tokens [tokens]         its tokens in them
-- @column   wall [ns]               its share of the steps' wall time, apportioned by tokens
-- @column   gpu [ns]                its share of the steps' GPU time, apportioned by tokens; NULL where it was not measured
-- @column   token_seconds           tokens in the KV cache times the seconds of its steps
WITH shared AS (
  SELECT r.engine, r.request, r.step, r.tokens, r.computed_tokens, s.dur, s.gpu_ns,
         sum(r.tokens) OVER (PARTITION BY r.engine, r.step) AS all_tokens
  FROM request_step r
  JOIN step s ON s.step = r.step AND s.engine IS NOT DISTINCT FROM r.engine)
SELECT coalesce(engine, 'the engine') AS engine, request, count(*) AS steps, TRY_CAST(sum(tokens) AS BIGINT) AS tokens, sum(dur * 1e0 * tokens / nullif(all_tokens, 0)) AS wall,
       sum(gpu_ns * 1e0 * tokens / nullif(all_tokens, 0)) AS gpu, sum((computed_tokens + tokens) * 1e0 * dur) / 1e9 AS token_seconds
FROM shared
GROUP BY engine, request
ORDER BY wall DESC, engine, request
LIMIT $rows
