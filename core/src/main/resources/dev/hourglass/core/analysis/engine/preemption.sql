-- How often are requests preempted, and what does it cost?
-- @needs    preemption
-- @param    limit        0.10       preemptions per request from which it is a warning
-- @column   engine                  engine process
-- @column   requests [count]        requests that were seen to start; NULL where the recording holds preempted ones alone
-- @column   preempted [count]       requests that were preempted
-- @column   preemptions [count]     preemptions
-- @column   rate [ratio]            preemptions per request; high above 10 %. NULL where the requests are not known
-- @column   often                   that in words
-- @column   lost_tokens [tokens]    tokens whose KV entries were lost and computed again; NULL where not recorded
-- @column   resume_delay [ns]       mean time from a preemption to the resumption; long above 1 s. NULL where not recorded
-- @column   gain [ratio]            not estimated
-- @column   severity                warning; info where the rate is not known
-- @finding  {engine} preempted {preempted} requests {preemptions} times ({often}), which lost the KV entries of {lost_tokens}
-- @remedy   [kv_room] Give the KV cache more room: each preempted request computes its KV entries again. [kv_fp8] Or store them in fewer bytes. [context] Or allow shorter contexts. [fewer] Or run fewer sequences at once.
-- @gain     not estimated: the cost of computing lost entries again is not recorded
WITH resumed AS (
  SELECT p.engine, p.request, p.ts, min(r.ts) AS back
  FROM preemption p
  JOIN preemption r ON r.request = p.request AND r.engine IS NOT DISTINCT FROM p.engine AND r.event = 'resumed' AND r.ts > p.ts
  WHERE p.event = 'preempted'
  GROUP BY p.engine, p.request, p.ts),
     delay AS (SELECT engine, avg(back - ts) AS ns FROM resumed GROUP BY engine),
     seen AS (
  SELECT engine, count(DISTINCT request) AS n
  FROM (SELECT engine, request FROM preemption WHERE event = 'started'
        UNION ALL SELECT engine, request FROM request
        UNION ALL SELECT engine, request FROM request_step)
  GROUP BY engine),
     told AS (
  SELECT p.engine, count(DISTINCT p.request) FILTER (p.event = 'preempted') AS preempted,
         count(*) FILTER (p.event = 'preempted') AS preemptions,
         TRY_CAST(sum(p.computed_tokens) FILTER (p.event = 'preempted') AS BIGINT) AS lost_tokens
  FROM preemption p
  GROUP BY p.engine),
     rated AS (
  SELECT t.*, CASE WHEN s.n >= t.preempted THEN s.n END AS requests,
         CASE WHEN s.n >= t.preempted THEN t.preemptions * 1e0 / s.n END AS rate, d.ns AS resume_delay
  FROM told t
  LEFT JOIN seen s ON s.engine IS NOT DISTINCT FROM t.engine
  LEFT JOIN delay d ON d.engine IS NOT DISTINCT FROM t.engine)
SELECT coalesce(engine, 'the engine') AS engine, requests, preempted, preemptions, rate,
       CASE WHEN requests IS NULL THEN 'of how many in all is not recorded'
            ELSE round(rate * 100, 1) || ' % of ' || requests || ' requests' END AS often,
       lost_tokens, resume_delay, NULL::DOUBLE AS gain,
       CASE WHEN preemptions = 0 THEN NULL WHEN rate >= $limit THEN 'warning' WHEN rate IS NULL THEN 'info' END AS severity
FROM rated
ORDER BY engine
