-- Do the cores compute in the feed-forward part, or do they wait for memory?
-- @needs    op, token, ceiling
-- @param    memory_ratio   0.70       share of the measured bandwidth from which the part counts as waiting for memory
-- @param    compute_ratio  0.45       share below which it counts as limited by the cores themselves
-- @param    cache_ratio    1.1        share above which the weights cannot all have come from memory
-- @column   expert_rate [B/s]         weight bytes of the feed-forward part divided by its time
-- @column   token_rate [B/s]          weight bytes of the step divided by T_token
-- @column   ceiling [B/s]             measured read bandwidth of as many threads
-- @column   ratio [ratio]             expert_rate over ceiling
-- @column   verdict                   memory, mixed, compute; cache where more was read than memory can deliver
WITH part AS (
  SELECT sum(weight_bytes) * 1e9 / sum(dur) AS rate FROM op WHERE component = 't_cpu_computation'),
     whole AS (
  SELECT (SELECT sum(weight_bytes) FROM op) * 1e9 / sum(dur) AS rate FROM token),
     best AS (
  SELECT value FROM ceiling WHERE name = 'dram_read' AND device = 'cpu' ORDER BY value DESC LIMIT 1)
SELECT part.rate AS expert_rate, whole.rate AS token_rate, best.value AS ceiling, part.rate / best.value AS ratio,
       CASE WHEN part.rate / best.value > $cache_ratio THEN 'cache'
            WHEN part.rate / best.value >= $memory_ratio THEN 'memory'
            WHEN part.rate / best.value <= $compute_ratio THEN 'compute'
            ELSE 'mixed' END AS verdict
FROM part, whole, best
WHERE part.rate IS NOT NULL
