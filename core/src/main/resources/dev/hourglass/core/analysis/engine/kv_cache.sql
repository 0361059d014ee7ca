-- How full is the KV cache, and does it lose blocks that are still wanted?
-- @needs    kv_usage
-- @param    high         0.90       mean or peak use from which the cache is too small
-- @param    low          0.40       mean use below which it is larger than needed
-- @column   engine                  engine process
-- @column   samples [count]         moments
-- @column   mean [ratio]            mean use; healthy 60 to 80 %
-- @column   peak [ratio]            largest use
-- @column   evictions [count]       blocks that left the cache
-- @column   lifetime [ns]           their mean life; healthy above 10 s
-- @column   idle [ns]               their mean time since the last use; healthy below 5 s
-- @column   gain [ratio]            not estimated
-- @column   severity                warning or info
-- @finding  The KV cache of {engine} is {mean} full on average and {peak} at most, with {evictions} evictions
-- @remedy   Too full: raise gpu_memory_utilization, lower max_num_seqs or max_model_len, or use an FP8 KV cache (vLLM: --kv-cache-dtype fp8). Mostly empty: raise max_num_seqs, or lower gpu_memory_utilization.
-- @gain     not estimated
WITH lost AS (
  SELECT engine, count(*) AS n, avg(lifetime_ns) AS lifetime, avg(idle_ns) AS idle FROM kv_eviction GROUP BY engine)
SELECT coalesce(u.engine, 'the engine') AS engine, count(*) AS samples, avg(u.usage_ratio) AS mean,
       max(u.usage_ratio) AS peak, coalesce(any_value(l.n), 0) AS evictions, any_value(l.lifetime) AS lifetime,
       any_value(l.idle) AS idle, NULL::DOUBLE AS gain,
       CASE WHEN avg(u.usage_ratio) >= $high THEN 'warning' WHEN avg(u.usage_ratio) < $low THEN 'info' END AS severity
FROM kv_usage u
LEFT JOIN lost l ON l.engine IS NOT DISTINCT FROM u.engine
GROUP BY u.engine
ORDER BY engine
