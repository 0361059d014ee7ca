-- Why do the warps of each profiled kernel wait?
-- @needs    ncu_metric
-- @column   run                     run of the tool in its file, from 0; NULL in older sessions
-- @column   launch                  the tool's number of the launch in that run
-- @column   kernel                  name
-- @column   reason                  what they wait for
-- @column   cycles [count]          warp cycles per issued instruction spent so
WITH stall AS (
  SELECT source_id, run, launch, kernel,
         regexp_extract(metric, 'issue_stalled_(.+)_per_issue_active', 1) AS reason, value
  FROM ncu_metric
  WHERE metric LIKE 'smsp__average_warps_issue_stalled_%_per_issue_active.ratio')
SELECT run, launch, kernel, replace(reason, '_', ' ') AS reason, value AS cycles
FROM stall
WHERE value > 0
QUALIFY row_number() OVER (PARTITION BY source_id, run, launch ORDER BY value DESC, reason) <= 3
ORDER BY source_id, run, launch, value DESC, reason
