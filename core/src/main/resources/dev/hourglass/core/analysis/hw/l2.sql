-- Do attention kernels miss the L2 cache?
-- @needs    ncu_metric
-- @param    low          0.30       hit rate below which it is told
-- @column   kernel                  name
-- @column   launches [count]        profiled launches
-- @column   l2_hit_ratio [ratio]    mean hits in the L2 cache
-- @column   dram_ratio [ratio]      mean throughput of DRAM, of its peak
-- @column   severity                info
-- @finding  {kernel} hits the L2 cache for {l2_hit_ratio} of its sectors and uses {dram_ratio} of DRAM's peak
-- @remedy   [kv_page] Look at the layout of the KV cache: larger pages, heads of one sequence side by side, a kernel that shares keys and values among the heads of a group. [kv_fp8] Keys and values that are read once cannot hit: then only fewer bytes help.
-- @gain     not estimated: counters of one launch tell nothing of a step
WITH launch AS (
  SELECT source_id, run, launch, any_value(kernel) AS kernel,
         max(value) FILTER (metric IN ('lts__t_sector_hit_rate.pct', 'L2 Hit Rate')) / 1e2 AS l2,
         max(value) FILTER (metric IN ('gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed', 'DRAM Throughput')) / 1e2 AS dram
  FROM ncu_metric
  GROUP BY source_id, run, launch)
SELECT kernel, count(*) AS launches, avg(l2) AS l2_hit_ratio, avg(dram) AS dram_ratio,
       CASE WHEN avg(l2) < $low THEN 'info' END AS severity
FROM launch
WHERE regexp_matches(kernel, '(?i)flash|fmha|attention|attn|paged|(^|[^a-z])mla([^a-z]|$)') AND l2 IS NOT NULL
GROUP BY kernel
ORDER BY l2_hit_ratio, kernel
