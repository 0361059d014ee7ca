-- Do matrix kernels leave the tensor cores idle though memory does not limit them?
-- @needs    ncu_metric
-- @param    idle         0.10       use of tensor cores below which they count as idle
-- @param    busy         0.60       use of the memory system from which it explains that
-- @param    shortest     10000      launches shorter than this, in ns, are limited by latency
-- @column   kernel                  name
-- @column   launches [count]        profiled launches
-- @column   tensor_ratio [ratio]    cycles in which tensor cores are active, of all; of the active ones where no more is recorded
-- @column   memory_ratio [ratio]    throughput of the memory system, of its peak
-- @column   duration [ns]           mean duration
-- @column   severity                info
-- @finding  {kernel} uses the tensor cores for {tensor_ratio} of its cycles, and the memory system for {memory_ratio}
-- @remedy   Use a number format that has tensor-core kernels (bf16, FP8; allow TF32 for float32), pad sizes to multiples of 8, and give products more rows (a larger batch, chunked prefill) so that tiles are full.
-- @gain     not estimated: counters of one launch tell nothing of a step
WITH launch AS (
  SELECT source_id, run, launch, any_value(kernel) AS kernel,
         coalesce(max(value) FILTER (metric = 'sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_elapsed'),
                  max(value) FILTER (metric = 'sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active')) / 1e2 AS tensor,
         max(value) FILTER (metric = 'gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed'
                            OR metric = 'Memory Throughput' AND unit = '%') / 1e2 AS memory,
         max(value) FILTER (metric IN ('gpu__time_duration.sum', 'Duration')) AS duration
  FROM ncu_metric
  GROUP BY source_id, run, launch)
SELECT kernel, count(*) AS launches, avg(tensor) AS tensor_ratio, avg(memory) AS memory_ratio, avg(duration) AS duration,
       CASE WHEN avg(tensor) < $idle AND avg(memory) < $busy AND avg(duration) >= $shortest THEN 'info' END AS severity
FROM launch
WHERE regexp_matches(kernel, '(?i)gemm|nvjet|xmma|matmul|cutlass|wgmma') AND tensor IS NOT NULL
GROUP BY kernel
ORDER BY tensor_ratio, kernel
