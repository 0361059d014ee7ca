-- Are there many short element-wise kernels that could be fused?
-- @needs    device_op
-- @param    short        5000       a kernel shorter than this counts as short, in ns
-- @param    limit        0.30       share of the kernel time from which it is told
-- @param    count        100        short kernels per step from which it is told
-- @column   stage                   which stage
-- @column   kernels [count]         kernels per step
-- @column   short_count [count]     short kernels per step that read and write each value once: element-wise, activation, norm, rotary, kv_cache, quantization, reduction and copy
-- @column   time_ratio [ratio]      their share of the kernel time
-- @column   share [ratio]           their share of the stage's time
-- @column   stake [ratio]           by what it is ranked: half of that
-- @column   gain [ratio]            half of that
-- @column   severity                info
-- @finding  {stage} runs {short_count} short element-wise kernels per step, {time_ratio} of its kernel time
-- @remedy   [compile] Fuse them: compile the model. [fused_kernels] Or take fused RMSNorm, rotary and activation kernels.
-- @gain     at most half of the time in such kernels: fused, each value is read and written once for several operations
WITH steps AS (
  SELECT stage, count(DISTINCT step) AS steps, sum(period) AS total FROM step_period WHERE usual GROUP BY stage),
     placed AS (
  SELECT h.stage, o.end_ts - o.ts AS dur,
         o.category IN ('elementwise', 'activation', 'norm', 'rotary', 'kv_cache', 'quantization', 'reduction', 'copy')
           AND o.end_ts - o.ts < $short AS short
  FROM device_op o
  JOIN step_op s ON s.id = o.id
  JOIN usual_step h ON h.step = s.step AND h.device = o.device AND h.source_id = o.source_id
  WHERE o.kind = 'kernel'),
     per AS (
  SELECT stage, count(*) AS kernels, sum(dur) AS dur, count(*) FILTER (short) AS short_count,
         coalesce(sum(dur) FILTER (short), 0) AS short_dur
  FROM placed GROUP BY stage)
SELECT p.stage, p.kernels * 1e0 / s.steps AS kernels, round(p.short_count * 1e0 / s.steps) AS short_count,
       p.short_dur * 1e0 / p.dur AS time_ratio, p.short_dur * 1e0 / s.total AS share, p.short_dur * 1e0 / s.total * 1e0 / 2 AS stake,
       p.short_dur * 1e0 / s.total * 1e0 / 2 AS gain,
       CASE WHEN p.short_dur * 1e0 / p.dur >= $limit AND p.short_count * 1e0 / s.steps >= $count THEN 'info' END AS severity
FROM per p
JOIN steps s ON s.stage = p.stage
WHERE p.dur > 0
ORDER BY p.short_dur DESC, p.stage
