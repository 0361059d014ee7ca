-- Which parts of the model take the GPU's time?
-- @needs    device_op
-- @column   stage                   stage whose steps issued the work; outside for work outside all steps
-- @column   category                attention, gemm, moe, routing, convolution, recurrent, norm, rotary, kv_cache, activation, quantization, elementwise, reduction, embedding, sampling, copy, communication, memcpy, memset, graph or other, judged by kernel names
-- @column   calls [count]           executions
-- @column   total [ns]              sum of their durations
-- @column   share [ratio]           of all device time of the stage
-- @column   mean [ns]               mean duration
WITH placed AS (
  SELECT coalesce(h.belongs, 'outside') AS stage, o.category, o.end_ts - o.ts AS dur
  FROM device_op o
  LEFT JOIN step_op s ON s.id = o.id
  LEFT JOIN host_step h ON h.step = s.step),
     per AS (
  SELECT stage, category, count(*) AS calls, TRY_CAST(sum(dur) AS BIGINT) AS total, avg(dur) AS mean FROM placed GROUP BY ALL)
SELECT stage, category, calls, total, total * 1e0 / nullif(sum(total) OVER (PARTITION BY stage), 0) AS share, mean
FROM per
ORDER BY total DESC, stage, category
