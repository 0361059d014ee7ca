-- Which parts of the model take the GPU's time?
-- @needs    device_op
-- @column   stage                   stage whose steps issued the work; outside for work outside all steps
-- @column   category                attention, gemm, moe, norm, elementwise, reduction, embedding, sampling, copy, communication, memcpy, memset or other, judged by kernel names
-- @column   calls [count]           executions
-- @column   total [ns]              sum of their durations
-- @column   share [ratio]           of all device time of the stage
-- @column   mean [ns]               mean duration
SELECT coalesce(h.belongs, 'outside') AS stage, o.category, count(*) AS calls, sum(o.end_ts - o.ts)::BIGINT AS total,
       sum(o.end_ts - o.ts) / sum(sum(o.end_ts - o.ts)) OVER (PARTITION BY coalesce(h.belongs, 'outside')) AS share,
       avg(o.end_ts - o.ts) AS mean
FROM device_op o
LEFT JOIN step_op s ON s.id = o.id
LEFT JOIN host_step h ON h.step = s.step
GROUP BY ALL
ORDER BY total DESC
