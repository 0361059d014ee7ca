-- The steps that are held against peaks, with the time that MFU and MBU are of: whatever is takes it from here. The profiled tokens of a decode run, else the usual steps with device work, of each rank its own, else the judged steps of the host.
-- @column stage              as in judged_step
-- @column step               identifier: as in token where told is token, else as in host_step
-- @column source_id          the source that it was read from; NULL where told is token
-- @column told               token, device or host: what the step was seen by
-- @column stage_id           row in stage; NULL where there is none
-- @column ts [ns]            start
-- @column dur [ns]           time in which the devices could have worked for the step: from token to token where that is known
-- @column busy [ns]          of it, anything runs on a GPU; a mean over those that took part; NULL where none was seen
-- @column devices [count]    GPUs that took part; 1 where none was seen
CREATE VIEW worked_step AS
WITH used AS (
  SELECT stage, step, source_id, min(ts) AS ts, avg(period) AS dur, avg(busy) AS busy, count(*) AS devices
  FROM step_period
  WHERE usual AND ops > 0
  GROUP BY ALL)
SELECT j.stage, j.step, j.source_id, j.told, NULL::BIGINT AS stage_id, j.ts, j.dur, NULL::DOUBLE AS busy, 1 AS devices
FROM judged_step j
WHERE j.told = 'token'
UNION ALL
SELECT u.stage, u.step, u.source_id, 'device', h.stage_id, u.ts, u.dur, u.busy, u.devices
FROM used u
LEFT JOIN host_step h ON h.step = u.step
WHERE u.stage <> 'decode' OR NOT EXISTS (SELECT 1 FROM token)
UNION ALL
SELECT j.stage, j.step, j.source_id, j.told, h.stage_id, j.ts, j.dur, NULL, 1
FROM judged_step j
LEFT JOIN host_step h ON h.step = j.step
WHERE j.told = 'host'
