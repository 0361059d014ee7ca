-- The steps of judged_step with the time that MFU and MBU are of: whatever is held against a peak takes it from here.
-- @column stage              as in judged_step
-- @column step               as in judged_step
-- @column source_id          as in judged_step
-- @column told               as in judged_step
-- @column stage_id           row in stage; NULL where there is none
-- @column ts [ns]            start
-- @column dur [ns]           time in which the devices could have worked for the step
-- @column busy [ns]          of it, anything runs on a GPU; a mean over those that took part; NULL where none was seen
-- @column devices [count]    GPUs that took part; 1 where none was seen
CREATE VIEW worked_step AS
WITH used AS (
  SELECT step, avg(busy) FILTER (ops > 0) AS busy, count(*) FILTER (ops > 0) AS devices
  FROM step_time
  WHERE judged AND stage <> 'between'
  GROUP BY step)
SELECT j.stage, j.step, j.source_id, j.told, h.stage_id, j.ts, j.dur, u.busy, greatest(coalesce(u.devices, 1), 1) AS devices
FROM judged_step j
LEFT JOIN host_step h ON j.told <> 'token' AND h.step = j.step
LEFT JOIN used u ON j.told = 'device' AND u.step = j.step
