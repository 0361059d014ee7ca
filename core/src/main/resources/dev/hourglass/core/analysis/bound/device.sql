-- Where the GPU is busy, is it arithmetic or memory that limits it?
-- @needs    device_op
-- @param    weight       0.20   share of busy time that counts when findings are ranked: it can be shortened, not removed. A fault comes first from a sixth of the time on
-- @param    clear        0.60   share of the compute time that must point one way
-- @param    told         0.80   share of the compute time that must point either way to say that neither prevails
-- @param    ridge        250    FLOP per byte from which a matrix product of 16 bits counts as limited by arithmetic: the GPU's own, measured or of its data sheet; this where neither is known
-- @param    ridge_fp8    500    the same of 8-bit floating point
-- @param    ridge_int8   500    the same of 8-bit integers
-- @param    ridge_fp4    1000   the same of 4 bits
-- @param    ridge_tf32   125    the same of 32 bits that tensor cores round
-- @param    ridge_fp32   17     the same of 32 and 64 bits
-- @param    dram         0.60   sampled use of DRAM bandwidth from which memory limits
-- @param    tensor       0.40   sampled use of the tensor cores from which arithmetic limits
-- @param    short        6000   mean kernel time in ns below which names alone tell nothing: such kernels are limited by latency
-- @column   stage               which stage
-- @column   device              GPU ordinal
-- @column   bound               compute, memory, or device where the recording cannot tell
-- @column   share [ratio]       GPU busy with kernels, of the stage's time
-- @column   time [ns]           that time per step
-- @column   memory_ratio [ratio]    of the kernel time in kernels that memory limits
-- @column   compute_ratio [ratio]   of the kernel time in kernels that arithmetic limits
-- @column   known_ratio [ratio]     of the kernel time with recorded shapes; the rest is inferred from names
-- @column   top                 category that takes most of the kernel time
-- @column   top_ratio [ratio]   its share of the kernel time
-- @column   dram_ratio [ratio]      mean use of DRAM bandwidth while the GPU is busy, where it was sampled
-- @column   tensor_ratio [ratio]    mean use of the tensor cores while the GPU is busy, where it was sampled
-- @column   rate [FLOP/s]       of matrix products with recorded shapes, while they run
-- @column   basis               recorded shapes, sampled counters, kernel names (inferred), or that names do not tell
-- @column   wall [ns]           mean wall of a step
-- @column   stake [ratio]       by what it is ranked
-- @column   gain [ratio]        not estimated here
-- @column   advice              which remedy fits: by the bound; mixed where memory and arithmetic both count
-- @column   severity            info
-- @finding  {stage} on GPU {device} is busy with kernels {share} of its time; {memory_ratio} of the kernel time is in kernels limited by memory and {compute_ratio} in kernels limited by arithmetic, judged by {basis}; most of it ({top_ratio}) in {top}
-- @remedy   [shapes] The recording cannot tell arithmetic from memory: record shapes. [] Or give --model config.json with --device, sample the GPU's counters beside (DRAM and tensor-core activity), or look at some kernels with Nsight Compute.
-- @remedy_if memory    [quantize] Move fewer bytes per token: FP8 or INT4 weights. [kv_fp8] An FP8 KV cache. [batch] A larger batch, so that weights are read once for more tokens.
-- @remedy_if compute   [quantize] Compute faster: FP8 products. [] Shapes that fill the tensor cores. [prefix_cache] Compute fewer tokens: a prefix cache. [] Smaller prompts.
-- @remedy_if mixed     Neither prevails: begin with what takes most, {top}. Kernels that memory limits want fewer bytes and fewer passes (fusion, no layout or dtype conversions between operators); kernels that arithmetic limits want FP8 products, shapes that fill the tensor cores, or fewer tokens.
-- @gain     not estimated: a busy GPU is not a fault
WITH op AS (
  SELECT s.stage, o.device, o.source_id, o.external_id, o.category, o.nature, sum(o.end_ts - o.ts) AS dur,
         count(*) AS n
  FROM device_op o
  JOIN step_op so ON so.id = o.id
  JOIN usual_step s ON s.step = so.step AND s.device = o.device AND s.source_id = o.source_id
  WHERE o.class = 'compute'
  GROUP BY ALL),
     shape AS (
  SELECT source_id, p.external_id, sum(g.flops) AS flops, sum(g.bytes) AS bytes,
         sum(g.flops / CASE g.format WHEN 'fp8' THEN $ridge_fp8 WHEN 'int8' THEN $ridge_int8 WHEN 'fp4' THEN $ridge_fp4
                                     WHEN 'tf32' THEN $ridge_tf32 WHEN 'fp32' THEN $ridge_fp32 WHEN 'fp64' THEN $ridge_fp32 ELSE $ridge END) AS even_bytes
  FROM gemm_call g
  JOIN op_detail p ON p.id = g.op_id
  GROUP BY ALL),
     judged AS (
  SELECT op.stage, op.device, op.source_id, op.category, op.dur, op.n,
         sh.flops * op.dur * 1e0 / nullif(sum(op.dur) OVER (PARTITION BY op.source_id, op.external_id), 0) AS flops,
         CASE WHEN sh.bytes > 0 AND sh.even_bytes >= sh.bytes THEN 'compute' WHEN sh.bytes > 0 THEN 'memory'
              WHEN op.nature <> 'unknown' THEN op.nature
              WHEN op.category IN ('attention', 'recurrent') AND op.stage = 'decode' THEN 'memory'
              WHEN op.category = 'attention' AND op.stage = 'prefill' THEN 'compute' END AS limited,
         sh.bytes > 0 AS known
  FROM op
  LEFT JOIN shape sh ON sh.external_id = op.external_id AND sh.source_id = op.source_id),
     per AS (
  SELECT stage, device, source_id, sum(dur) AS dur, sum(dur) * 1e0 / sum(n) AS each,
         coalesce(sum(dur) FILTER (limited = 'memory'), 0) * 1e0 / sum(dur) AS memory_ratio,
         coalesce(sum(dur) FILTER (limited = 'compute'), 0) * 1e0 / sum(dur) AS compute_ratio,
         coalesce(sum(dur) FILTER (known), 0) * 1e0 / sum(dur) AS known_ratio,
         sum(flops) FILTER (known) * 1e9 / nullif(sum(dur) FILTER (known), 0) AS rate
  FROM judged
  GROUP BY ALL
  HAVING sum(dur) > 0),
     span_of AS (
  SELECT u.stage, u.device, u.source_id, t.ts, t.end_ts, sum(t.busy) OVER lane * 1e0 / nullif(sum(t.wall) OVER lane, 0) AS busy
  FROM usual_step u
  JOIN step_time t ON t.step = u.step AND t.device = u.device AND t.source_id = u.source_id
  WINDOW lane AS (PARTITION BY u.stage, u.device, u.source_id)),
     lane AS (SELECT DISTINCT stage, device, source_id, host FROM span_of LEFT JOIN source_host USING (source_id)),
     sampled AS (
  SELECT m.stage, m.device, m.source_id,
         coalesce(avg(m.value) FILTER (m.metric = 'dram_active'),
                  avg(m.value) FILTER (m.metric = 'dram_read_active') + coalesce(avg(m.value) FILTER (m.metric = 'dram_write_active'), 0))
           / nullif(any_value(s.busy), 0) AS dram,
         avg(m.value) FILTER (m.metric = 'tensor_active') / nullif(any_value(s.busy), 0) AS tensor
  FROM (SELECT l.stage, l.source_id, m.* FROM lane l JOIN device_sample m ON m.device = l.device AND coalesce(m.host = l.host, true)) m
  ASOF JOIN span_of s ON s.stage = m.stage AND s.device = m.device AND s.source_id = m.source_id AND m.ts >= s.ts
  WHERE m.metric IN ('dram_active', 'dram_read_active', 'dram_write_active', 'tensor_active') AND m.ts <= s.end_ts
  GROUP BY m.stage, m.device, m.source_id
  HAVING count(DISTINCT m.ts) >= 3),
     used AS (
  SELECT stage, device, source_id, CASE WHEN dram > 1 THEN 1 ELSE dram END AS dram, CASE WHEN tensor > 1 THEN 1 ELSE tensor END AS tensor
  FROM sampled),
     told AS (
  SELECT p.*, u.dram, u.tensor,
         CASE WHEN p.known_ratio >= 0.5 THEN 'shapes'
              WHEN u.dram >= $dram AND u.dram >= coalesce(u.tensor, 0) THEN 'memory'
              WHEN u.tensor >= $tensor AND u.tensor >= coalesce(u.dram, 0) THEN 'compute'
              WHEN p.each < $short THEN 'short' ELSE 'names' END AS way
  FROM per p
  LEFT JOIN used u ON u.stage = p.stage AND u.device = p.device AND u.source_id = p.source_id),
     share_of AS (
  SELECT stage, device, source_id, category, sum(dur) AS dur FROM judged GROUP BY ALL),
     topmost AS (
  SELECT stage, device, source_id, max_by(category, (dur, category)) AS top, max(dur) AS top_dur FROM share_of GROUP BY ALL)
SELECT t.stage, t.device, t.source_id,
       CASE WHEN p.way IN ('memory', 'compute') THEN p.way WHEN p.way = 'short' THEN 'device'
            WHEN p.memory_ratio >= $clear THEN 'memory' WHEN p.compute_ratio >= $clear THEN 'compute' ELSE 'device' END AS bound,
       t.compute * 1e0 / t.total AS share, t.compute * 1e0 / t.steps AS time, p.memory_ratio, p.compute_ratio, p.known_ratio,
       l.top, l.top_dur * 1e0 / p.dur AS top_ratio, p.dram AS dram_ratio, p.tensor AS tensor_ratio, p.rate,
       CASE WHEN p.way = 'shapes' THEN 'recorded shapes'
            WHEN p.way = 'memory' THEN 'sampled counters (DRAM bandwidth)'
            WHEN p.way = 'compute' THEN 'sampled counters (tensor cores)'
            WHEN p.way = 'short' THEN 'kernel names, which do not tell for kernels this short'
            WHEN p.memory_ratio >= $clear OR p.compute_ratio >= $clear THEN 'kernel names (inferred)'
            WHEN p.memory_ratio + p.compute_ratio >= $told THEN 'kernel names (inferred), of which neither prevails'
            ELSE 'kernel names, which do not tell' END AS basis,
       t.wall * 1e0 / t.steps AS wall, $weight * t.compute * 1e0 / t.total AS stake, NULL::DOUBLE AS gain,
       CASE WHEN p.way IN ('memory', 'compute') THEN p.way WHEN p.way = 'short' THEN 'device'
            WHEN p.memory_ratio >= $clear THEN 'memory' WHEN p.compute_ratio >= $clear THEN 'compute'
            WHEN p.memory_ratio + p.compute_ratio >= $told THEN 'mixed' ELSE 'device' END AS advice,
       CASE WHEN t.compute * 1e0 / t.total >= 0.3 THEN 'info' END AS severity
FROM stage_time t
JOIN told p ON p.stage = t.stage AND p.device = t.device AND p.source_id = t.source_id
JOIN topmost l ON l.stage = t.stage AND l.device = t.device AND l.source_id = t.source_id
WHERE t.wall > 0 AND t.ops > 0
ORDER BY t.compute DESC, t.stage, t.device, t.source_id
