-- How much of a step does the recording itself cost?
-- @needs    device_op, launch
-- @bound    none
-- @param    limit         0.05   share of the time from which it is told
-- @column   stage                which stage
-- @column   device               GPU ordinal
-- @column   share [ratio]        cost of the recording, of the stage's time
-- @column   time [ns]            that cost per step
-- @column   wall [ns]            mean wall of a step
-- @column   stake [ratio]        nothing: it is not the engine's
-- @column   gain [ratio]         nothing: the unrecorded run does not have it
-- @column   severity             info
-- @finding  {share} of {stage} on GPU {device} is the recording itself: a graph launch takes {time} longer per step because each of its nodes is traced
-- @remedy   [whole_graphs] Nothing to change in the engine. To see the step without it, record graphs whole. [] Or take the step's time from an unrecorded run.
-- @gain     none: an unrecorded run does not have it
SELECT stage, device, source_id, recorder * 1e0 / total AS share, recorder * 1e0 / steps AS time, wall * 1e0 / steps AS wall,
       0.0 AS stake, 0.0 AS gain, CASE WHEN recorder * 1e0 / total >= $limit THEN 'info' END AS severity
FROM stage_time
WHERE wall > 0 AND ops > 0
ORDER BY recorder DESC, stage, device, source_id
