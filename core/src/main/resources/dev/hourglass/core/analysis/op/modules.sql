-- Which modules of the model take the GPU's time?
-- @needs    python_call, device_op
-- @param    rows         100        how many are listed
-- @column   stage                   stage whose steps issued the work; outside for work outside all steps
-- @column   module                  class of the innermost module around the call that issued it
-- @column   total [ns]              device time
-- @column   share [ratio]           of the device time of the stage that lies in modules
-- @column   kernels [count]         device operations
-- @column   top_kernel              what takes most of that time
WITH issued AS (
  SELECT c.parent_id AS node, coalesce(h.belongs, 'outside') AS stage, o.short_name, count(*) AS n,
         sum(o.end_ts - o.ts) AS dur
  FROM device_op o
  JOIN slice c ON c.id = o.launch_id
  LEFT JOIN step_op s ON s.id = o.id
  LEFT JOIN host_step h ON h.step = s.step
  GROUP BY ALL),
     climb AS (
  WITH RECURSIVE up AS (
    SELECT DISTINCT node, node AS here FROM issued
    UNION ALL
    SELECT u.node, s.parent_id
    FROM up u
    JOIN slice s ON s.id = u.here
    WHERE NOT starts_with(s.name, 'nn.Module: '))
  SELECT u.node, s.name
  FROM up u
  JOIN slice s ON s.id = u.here
  WHERE starts_with(s.name, 'nn.Module: ')),
     per AS (
  SELECT i.stage, regexp_replace(substr(c.name, 12), '_[0-9]+$', '') AS module, i.short_name, TRY_CAST(sum(i.dur) AS BIGINT) AS dur,
         TRY_CAST(sum(i.n) AS BIGINT) AS n
  FROM issued i
  JOIN climb c ON c.node = i.node
  GROUP BY ALL)
SELECT stage, module, TRY_CAST(sum(dur) AS BIGINT) AS total, sum(dur) * 1e0 / sum(sum(dur)) OVER (PARTITION BY stage) AS share,
       TRY_CAST(sum(n) AS BIGINT) AS kernels, first(short_name ORDER BY dur DESC, short_name) AS top_kernel
FROM per
GROUP BY stage, module
ORDER BY total DESC, stage, module
LIMIT $rows
