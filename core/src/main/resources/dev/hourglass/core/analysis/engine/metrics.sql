-- What do the engine's own metrics say about its KV cache, its queue and its preemptions?
-- @needs    metric
-- @param    high         0.90       mean use of the KV cache from which it counts as full
-- @param    limit        0.10       preemptions per finished request from which it is a warning
-- @column   engine                  engine that was scraped
-- @column   scrapes [count]         moments
-- @column   span [ns]               from the first to the last
-- @column   running [count]         mean requests in the running batch
-- @column   waiting [count]         mean requests that wait; constantly above 0 means overload
-- @column   kv_mean [ratio]         mean use of the KV cache; healthy 60 to 80 %
-- @column   kv_peak [ratio]         largest use
-- @column   preemptions [count]     preemptions between the first and the last scrape, a counter that began again counting from 0; NULL with one scrape
-- @column   finished [count]        requests that ended between them; NULL with one scrape
-- @column   rate [ratio]            preemptions per finished request; high above 10 %
-- @column   hit_ratio [ratio]       prompt tokens found in the prefix cache; below 10 % little is shared, above 50 % much
-- @column   effect                  what holds requests back
-- @column   gain [ratio]            not estimated
-- @column   severity                warning where a full cache holds requests back, else info
-- @finding  The KV cache of {engine} is {kv_mean} full on average and {kv_peak} at most ({scrapes} scrapes); {effect}
-- @remedy   [kv_room] Give the KV cache more room. [kv_fp8] Or store it in fewer bytes. [context] Or allow shorter contexts. [fewer] Or run fewer sequences at once.
-- @gain     not estimated: an engine's counters tell nothing of a step
WITH known AS (
  SELECT engine, meaning, name, labels, ts, value, type, source_id, snapshot
  FROM metric
  WHERE value IS NOT NULL AND coalesce(type, '') NOT IN ('histogram', 'gaugehistogram', 'summary')
    AND meaning IN ('requests_running', 'requests_waiting', 'kv_usage', 'preemptions', 'requests_finished', 'prefix_queries', 'prefix_hits')),
     gauge AS (
  SELECT engine, ts, sum(value) FILTER (meaning = 'requests_running') AS running,
         sum(value) FILTER (meaning = 'requests_waiting') AS waiting, max(value) FILTER (meaning = 'kv_usage') AS kv,
         sum(value) FILTER (meaning = 'preemptions' AND type = 'gauge') AS retracted
  FROM known
  GROUP BY engine, ts),
     moments AS (
  SELECT engine, count(*) AS scrapes, max(ts) - min(ts) AS span, avg(running) AS running, avg(waiting) AS waiting,
         avg(kv) AS kv_mean, max(kv) AS kv_peak, max(retracted) AS retracted
  FROM gauge
  GROUP BY engine),
     counting AS (
  SELECT *, CASE WHEN count(*) OVER (PARTITION BY source_id, name, labels) > 1 THEN source_id END AS log
  FROM known
  WHERE type IS DISTINCT FROM 'gauge' AND ts IS NOT NULL),
     followed AS (
  SELECT engine, meaning, name, labels, value, lag(value) OVER (PARTITION BY log, engine, meaning, name, labels ORDER BY ts, source_id, snapshot) AS earlier
  FROM counting
  QUALIFY ts > lag(ts) OVER (PARTITION BY log, engine, meaning, name, labels ORDER BY ts, source_id, snapshot)),
     grown AS (
  SELECT engine, meaning, name, labels, sum(CASE WHEN value >= earlier THEN value - earlier ELSE value END) AS growth
  FROM followed
  GROUP BY ALL),
     counted AS (
  SELECT engine, sum(growth) FILTER (meaning = 'preemptions') AS preemptions, sum(growth) FILTER (meaning = 'requests_finished') AS finished,
         sum(growth) FILTER (meaning = 'prefix_hits') / nullif(sum(growth) FILTER (meaning = 'prefix_queries'), 0) AS hit_ratio
  FROM grown
  GROUP BY engine),
     told AS (
  SELECT m.*, c.preemptions, c.finished, c.preemptions / nullif(c.finished, 0) AS rate, c.hit_ratio
  FROM moments m
  LEFT JOIN counted c ON c.engine IS NOT DISTINCT FROM m.engine)
SELECT coalesce(engine, 'the engine') AS engine, scrapes, span, running, waiting, kv_mean, kv_peak, preemptions, finished, rate, hit_ratio,
       CASE WHEN preemptions > 0 THEN preemptions::BIGINT || ' preemptions'
              || CASE WHEN finished > 0 THEN ' while ' || finished::BIGINT || ' requests ended' ELSE '' END
            WHEN retracted > 0 THEN 'up to ' || retracted::BIGINT || ' requests were retracted at a time'
            WHEN waiting >= 1 THEN round(waiting, 1) || ' requests wait on average'
            ELSE 'no request was held back' END AS effect,
       NULL::DOUBLE AS gain,
       CASE WHEN rate >= $limit OR kv_mean >= $high AND (preemptions > 0 OR retracted > 0 OR waiting >= 1) THEN 'warning'
            WHEN preemptions > 0 OR retracted > 0 OR kv_mean >= $high THEN 'info' END AS severity
FROM told
ORDER BY engine
