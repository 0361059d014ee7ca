-- How does the first recorded step differ from the later ones of its stage?
-- @needs    device_op
-- @column   stage                   stage of the first step
-- @column   device                  GPU ordinal
-- @column   wall [ns]               wall of the first step, in which the recorder itself starts
-- @column   later [ns]              mean wall of the later steps of the stage; NULL where there is none
-- @column   ratio [ratio]           first over later
-- @column   busy_ratio [ratio]      GPU busy, of the first step's wall
-- @column   launch [ns]             idle inside operators and launch calls
-- @column   host [ns]               idle while other code runs on the host
SELECT f.stage, f.device, f.wall, l.wall AS later, f.wall * 1e0 / nullif(l.wall, 0) AS ratio, f.busy * 1e0 / nullif(f.wall, 0) AS busy_ratio, f.launch, f.host
FROM step_time f
LEFT JOIN (SELECT stage, device, source_id, avg(wall) AS wall FROM step_time WHERE NOT first GROUP BY ALL) l
  ON l.stage = f.stage AND l.device = f.device AND l.source_id = f.source_id
WHERE f.first
ORDER BY f.source_id, f.device, f.ts, f.step
