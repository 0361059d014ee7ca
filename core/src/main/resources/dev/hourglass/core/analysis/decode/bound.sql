-- Do the cores compute, or do they wait for memory?
-- @needs    op, token, ceiling
-- @param    memory_ratio   0.70       share of the measured bandwidth from which the part counts as waiting for memory
-- @param    compute_ratio  0.45       share below which it counts as limited by the cores themselves
-- @param    cache_ratio    1.1        share above which the weights cannot all have come from memory
-- @column   stage                     decode
-- @column   neck                      the part of T_token that takes most of it
-- @column   share [ratio]             its share of T_token
-- @column   expert_rate [B/s]         weight bytes of the feed-forward part divided by its time
-- @column   token_rate [B/s]          weight bytes of the step divided by T_token
-- @column   ceiling [B/s]             measured read bandwidth of as many threads
-- @column   ratio [ratio]             expert_rate over ceiling
-- @column   verdict                   memory, mixed, compute; cache where more was read than memory can deliver
-- @column   bound                     memory, compute or unclear
-- @column   advice                    which remedy fits: the verdict
-- @column   severity                  info
-- @finding  {neck} takes {share} of T_token; the feed-forward part reads weights at {expert_rate}, {ratio} of what memory delivers to as many threads
-- @remedy   Neither prevails: begin with the largest part, {neck}. Fewer bytes per weight (a smaller quantisation) help where it reads weights, more or wider cores where it computes.
-- @remedy_if memory   Fewer bytes per weight (a smaller quantisation), faster memory, or a batch so that weights are read once for several tokens; more cores do not help.
-- @remedy_if compute  More or wider cores (AVX-512, AMX), or a format that these compute faster; memory keeps up.
-- @remedy_if cache    The weights come from cache, so memory is not the limit: more or wider cores, or a format that these compute faster. Run the full depth for times that hold in practice.
-- @gain     not estimated
WITH part AS (
  SELECT sum(weight_bytes) * 1e9 / sum(dur) AS rate FROM op WHERE component = 't_cpu_computation'),
     whole AS (
  SELECT (SELECT sum(weight_bytes) FROM op) * 1e9 / sum(dur) AS rate FROM token),
     best AS (
  SELECT value FROM ceiling WHERE name = 'dram_read' AND device = 'cpu' ORDER BY value DESC LIMIT 1),
     neck AS (
  SELECT d.label, sum(c.dur) * 1e0 / (SELECT sum(dur) FROM token) AS share
  FROM token_component c
  JOIN component_def d ON d.name = c.component AND d.exclusive
  GROUP BY d.label
  ORDER BY share DESC, d.label
  LIMIT 1),
     judged AS (
  SELECT part.rate AS expert_rate, whole.rate AS token_rate, best.value AS ceiling, part.rate / best.value AS ratio,
         CASE WHEN part.rate / best.value > $cache_ratio THEN 'cache'
              WHEN part.rate / best.value >= $memory_ratio THEN 'memory'
              WHEN part.rate / best.value <= $compute_ratio THEN 'compute'
              ELSE 'mixed' END AS verdict
  FROM part, whole, best
  WHERE part.rate IS NOT NULL)
SELECT 'decode' AS stage, neck.label AS neck, neck.share, j.expert_rate, j.token_rate, j.ceiling, j.ratio, j.verdict,
       CASE WHEN j.verdict IN ('memory', 'compute') THEN j.verdict ELSE 'unclear' END AS bound, j.verdict AS advice, 'info' AS severity
FROM judged j, neck
