-- How full is the KV cache, and does it lose blocks that are still wanted?
-- @needs    kv_usage
-- @param    high         0.90       mean use from which the cache counts as full
-- @param    low          0.40       peak use below which it is larger than needed
-- @param    soon_ns      10000000000  life of an evicted block below which blocks are lost early
-- @column   engine                  engine process
-- @column   samples [count]         moments
-- @column   mean [ratio]            mean use; healthy 60 to 80 %
-- @column   peak [ratio]            largest use
-- @column   evictions [count]       blocks that left the cache
-- @column   lifetime [ns]           their mean life; healthy above 10 s
-- @column   idle [ns]               their mean time since the last use; healthy below 5 s
-- @column   preemptions [count]     preemptions that were recorded
-- @column   waiting_ratio [ratio]   of the scheduler's decisions, those that left requests waiting; NULL where not recorded
-- @column   effect                  what the full cache leads to
-- @column   gain [ratio]            not estimated
-- @column   advice                  full or empty
-- @column   severity                warning where a full cache holds requests back, else info
-- @finding  The KV cache of {engine} is {mean} full on average and {peak} at most ({samples} samples); {effect}
-- @remedy   Nothing has to change.
-- @remedy_if full   [kv_room] More room: give the KV cache more of the memory. [kv_fp8] Or store it in fewer bytes. [context] Or allow shorter contexts. [fewer] Or fewer sequences at once.
-- @remedy_if empty  [batch] There is room for more sequences at once. [kv_give] Or give the memory to something else.
-- @gain     not estimated: how full a cache is tells nothing of a step
WITH lost AS (
  SELECT engine, count(*) AS n, avg(lifetime_ns) AS lifetime, avg(idle_ns) AS idle FROM kv_eviction GROUP BY engine),
     back AS (SELECT engine, count(*) AS n FROM preemption WHERE event = 'preempted' GROUP BY engine),
     queue AS (SELECT engine, avg((waiting > 0)::INTEGER) AS ratio FROM batch GROUP BY engine),
     used AS (
  SELECT engine, count(*) AS samples, avg(usage_ratio) AS mean, max(usage_ratio) AS peak
  FROM kv_usage WHERE usage_ratio IS NOT NULL GROUP BY engine),
     told AS (
  SELECT u.*, coalesce(l.n, 0) AS evictions, l.lifetime, l.idle, coalesce(b.n, 0) AS preemptions, q.ratio AS waiting_ratio
  FROM used u
  LEFT JOIN lost l ON l.engine IS NOT DISTINCT FROM u.engine
  LEFT JOIN back b ON b.engine IS NOT DISTINCT FROM u.engine
  LEFT JOIN queue q ON q.engine IS NOT DISTINCT FROM u.engine)
SELECT coalesce(engine, 'the engine') AS engine, samples, mean, peak, evictions, lifetime, idle, preemptions, waiting_ratio,
       CASE WHEN mean >= $high AND preemptions > 0 THEN preemptions || ' preemptions were recorded'
            WHEN mean >= $high AND waiting_ratio >= 0.5 THEN 'requests wait after ' || round(waiting_ratio * 100)::BIGINT || ' % of the scheduler''s decisions'
            WHEN mean >= $high AND lifetime < $soon_ns THEN evictions || ' blocks were evicted after ' || round(lifetime / 1e9, 1) || ' s on average'
            WHEN mean >= $high THEN 'nothing recorded was held back by that'
            WHEN peak < $low THEN 'more sequences would fit'
            ELSE evictions || ' blocks were evicted' END AS effect,
       NULL::DOUBLE AS gain, CASE WHEN mean >= $high THEN 'full' WHEN peak < $low THEN 'empty' ELSE 'right' END AS advice,
       CASE WHEN mean >= $high AND (preemptions > 0 OR waiting_ratio >= 0.5 OR lifetime < $soon_ns) THEN 'warning'
            WHEN mean >= $high OR peak < $low THEN 'info' END AS severity
FROM told
ORDER BY engine
