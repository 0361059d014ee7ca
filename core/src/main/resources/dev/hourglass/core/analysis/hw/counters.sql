-- How close does each profiled kernel come to what the GPU can do?
-- @needs    ncu_metric
-- @column   run                     run of the tool in its file, from 0; NULL in older sessions
-- @column   launch                  the tool's number of the launch in that run
-- @column   kernel                  name
-- @column   duration [ns]           duration of the launch alone
-- @column   sm_ratio [ratio]        throughput of the multiprocessors, of their peak
-- @column   memory_ratio [ratio]    throughput of the memory system, of its peak
-- @column   dram_ratio [ratio]      throughput of DRAM, of its peak
-- @column   dram_bytes [B]          bytes read from and written to DRAM
-- @column   tensor_ratio [ratio]    cycles in which tensor cores are active, of all; of the active ones where no more is recorded
-- @column   l2_hit_ratio [ratio]    hits in the L2 cache
-- @column   occupancy_ratio [ratio] achieved occupancy
-- @column   limit                   compute, memory, latency (neither reaches 60 %), or both; NULL where that is not known
-- @column   timeline_ns [ns]        mean duration of the kernel of the same name in the recorded timeline; NULL where there is none
WITH wide AS (
  SELECT source_id, run, launch, any_value(kernel) AS kernel,
         max(value) FILTER (metric IN ('gpu__time_duration.sum', 'Duration')) AS duration,
         max(value) FILTER (metric IN ('sm__throughput.avg.pct_of_peak_sustained_elapsed', 'Compute (SM) Throughput')) AS sm,
         max(value) FILTER (metric = 'gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed'
                            OR metric = 'Memory Throughput' AND unit = '%') AS memory,
         max(value) FILTER (metric IN ('gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed', 'DRAM Throughput')) AS dram,
         max(value) FILTER (metric = 'dram__bytes_read.sum') + max(value) FILTER (metric = 'dram__bytes_write.sum') AS dram_bytes,
         coalesce(max(value) FILTER (metric = 'sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_elapsed'),
                  max(value) FILTER (metric = 'sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active')) AS tensor,
         max(value) FILTER (metric IN ('lts__t_sector_hit_rate.pct', 'L2 Hit Rate')) AS l2,
         max(value) FILTER (metric IN ('sm__warps_active.avg.pct_of_peak_sustained_active', 'Achieved Occupancy')) AS occupancy
  FROM ncu_metric
  GROUP BY source_id, run, launch),
     seen AS (SELECT name, avg(dur) AS dur FROM kernel GROUP BY name)
SELECT w.run, w.launch, w.kernel, w.duration, w.sm / 1e2 AS sm_ratio, w.memory / 1e2 AS memory_ratio, w.dram / 1e2 AS dram_ratio,
       w.dram_bytes, w.tensor / 1e2 AS tensor_ratio, w.l2 / 1e2 AS l2_hit_ratio, w.occupancy / 1e2 AS occupancy_ratio,
       CASE WHEN w.sm >= 60 AND w.memory >= 60 THEN 'both' WHEN w.sm >= 60 THEN 'compute'
            WHEN w.memory >= 60 THEN 'memory' WHEN w.sm IS NOT NULL AND w.memory IS NOT NULL THEN 'latency' END AS "limit",
       s.dur AS timeline_ns
FROM wide w
LEFT JOIN seen s ON s.name = w.kernel
ORDER BY w.source_id, w.run, w.launch
