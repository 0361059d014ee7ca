-- How long do requests take, and where?
-- @needs    request
-- @column   engine                  engine process
-- @column   requests [count]        requests
-- @column   queue_p50 [ns]          median waiting before the first scheduling
-- @column   ttft_p50 [ns]           median time to the first token
-- @column   ttft_p99 [ns]           99th percentile of it; NULL below 100 samples
-- @column   tpot_p50 [ns]           median over requests of the mean time per output token after the first
-- @column   tpot_p99 [ns]           99th percentile of it; NULL below 100 samples
-- @column   e2e_p50 [ns]            median from arrival to the end
-- @column   e2e_p99 [ns]            99th percentile of it; NULL below 100 samples
-- @column   prompt [tokens]         mean tokens of a prompt
-- @column   cached_ratio [ratio]    prompt tokens taken from the prefix cache; below 10 % little is shared, above 50 % much
-- @column   output [tokens]         mean tokens generated
SELECT coalesce(engine, 'the engine') AS engine, count(*) AS requests, quantile_cont(queue_ns, 0.5) AS queue_p50,
       quantile_cont(ttft_ns, 0.5) AS ttft_p50, percentile(ttft_ns, 0.99) AS ttft_p99,
       quantile_cont((e2e_ns - ttft_ns) * 1e0 / nullif(output_tokens - 1, 0), 0.5) AS tpot_p50,
       percentile((e2e_ns - ttft_ns) * 1e0 / nullif(output_tokens - 1, 0), 0.99) AS tpot_p99,
       quantile_cont(e2e_ns, 0.5) AS e2e_p50, percentile(e2e_ns, 0.99) AS e2e_p99, avg(prompt_tokens) AS prompt,
       sum(cached_tokens) * 1e0 / nullif(sum(prompt_tokens) FILTER (cached_tokens IS NOT NULL), 0) AS cached_ratio,
       avg(output_tokens) AS output
FROM request
GROUP BY engine
ORDER BY engine
