-- Does the GPU wait while the CPU computes layers or experts?
-- @needs    engine_split, op, token
-- @bound    host
-- @param    limit            0.10   share of T_token from which it is a warning
-- @param    severe           0.40   share from which it is critical
-- @column   stage                   decode
-- @column   device                  GPU ordinal
-- @column   part                    t_cpu_computation
-- @column   share [ratio]           time in which the CPU computes and the GPU does not, of T_token
-- @column   time [ns]               that time per token
-- @column   splits [count]          runs of nodes that the CPU computes per token
-- @column   weight_bytes [B]        bytes of weights that they read per token
-- @column   rate [B/s]              these over that time
-- @column   gain [ratio]            at most, if the GPU computed them in no time
-- @column   severity                warning, critical; info below the limit
-- @finding  The GPU waits while the CPU computes {splits} runs of nodes per token: {time}, {share} of T_token, reading weights at {rate}
-- @remedy   [on_gpu] Put more of them on the GPU: hourglass placement SESSION tells which experts or layers win most for a budget of memory. What stays on the CPU computes fastest repacked: hourglass profile can have it so.
-- @gain     at most: all of that time
WITH whole AS (SELECT sum(dur) AS dur, count(*) AS n FROM token),
     counted AS (
  SELECT sum(o.dur) AS dur, sum(o.weight_bytes) AS weight_bytes
  FROM op o
  WHERE o.component = 't_cpu_computation'),
     split AS (SELECT count(*) AS n FROM engine_split WHERE backend = 'CPU' AND component = 't_cpu_computation')
SELECT 'decode' AS stage, 0 AS device, 't_cpu_computation' AS part, c.dur * 1e0 / w.dur AS share, c.dur * 1e0 / w.n AS time, s.n * 1e0 / w.n AS splits,
       c.weight_bytes * 1e0 / w.n AS weight_bytes, c.weight_bytes * 1e9 / c.dur AS rate, c.dur * 1e0 / w.dur AS gain,
       CASE WHEN c.dur >= $severe * w.dur THEN 'critical' WHEN c.dur >= $limit * w.dur THEN 'warning' ELSE 'info' END AS severity
FROM counted c, whole w, split s
WHERE c.dur > 0 AND w.dur > 0
