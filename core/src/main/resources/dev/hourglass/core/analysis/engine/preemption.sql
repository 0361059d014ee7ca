-- How often are requests preempted, and what does it cost?
-- @needs    preemption
-- @param    limit        0.10       preemptions per request from which it is a warning
-- @column   engine                  engine process
-- @column   requests [count]        requests that appear
-- @column   preemptions [count]     preemptions
-- @column   rate [ratio]            preemptions per request; high above 10 %
-- @column   lost_tokens [tokens]    tokens whose KV entries were lost and computed again
-- @column   resume_delay [ns]       mean time from a preemption to the resumption; long above 1 s
-- @column   gain [ratio]            not estimated
-- @column   severity                warning
-- @finding  {engine} preempts {rate} of its requests: {preemptions} times, losing the KV entries of {lost_tokens}
-- @remedy   More KV memory (gpu_memory_utilization, FP8 KV cache), a smaller max_model_len, or fewer sequences at once (max_num_seqs).
-- @gain     not estimated
WITH resumed AS (
  SELECT p.engine, p.request, p.ts, min(r.ts) AS back
  FROM preemption p
  LEFT JOIN preemption r ON r.request = p.request AND r.event = 'resumed' AND r.ts > p.ts
  WHERE p.event = 'preempted'
  GROUP BY p.engine, p.request, p.ts),
     delay AS (SELECT engine, avg(back - ts) AS ns FROM resumed GROUP BY engine)
SELECT coalesce(p.engine, 'the engine') AS engine, count(DISTINCT p.request) AS requests,
       count(*) FILTER (p.event = 'preempted') AS preemptions,
       count(*) FILTER (p.event = 'preempted') * 1e0 / count(DISTINCT p.request) AS rate,
       coalesce(sum(p.computed_tokens) FILTER (p.event = 'preempted'), 0)::BIGINT AS lost_tokens,
       any_value(d.ns) AS resume_delay, NULL::DOUBLE AS gain,
       CASE WHEN count(*) FILTER (p.event = 'preempted') * 1e0 / count(DISTINCT p.request) >= $limit THEN 'warning' END AS severity
FROM preemption p
LEFT JOIN delay d ON d.engine IS NOT DISTINCT FROM p.engine
GROUP BY p.engine
ORDER BY engine
