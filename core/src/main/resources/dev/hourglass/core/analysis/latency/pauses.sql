-- When was no step pending?
-- @needs    pause
-- @column   stage                   stage of the step before
-- @column   kind                    idle, or recorder where the numbers in the steps' names tell that steps are missing
-- @column   cause                   the kind in words
-- @column   pauses [count]          how many on one thread
-- @column   time [ns]               together
-- @column   longest [ns]            the longest
-- @column   start [ns]              start of the longest, from the session's first slice
-- @column   share [ratio]           nothing: it is no part of the stage's time
-- @column   severity                info
-- @finding  For {time} no step was pending: {cause}. In {pauses} spans behind steps of {stage}, the longest {longest}; they stand apart and count in no other figure
-- @remedy   Nothing to change for the time of a token. Record while the engine is under load, or give it more to do: an engine without requests costs what a busy one does.
-- @gain     none: nobody waited
WITH lane AS (
  SELECT h.belongs AS stage, p.kind, p.source_id, p.track_id, count(*) AS pauses, sum(p.end_ts - p.ts) AS time, max(p.end_ts - p.ts) AS longest,
         arg_max(p.ts, p.end_ts - p.ts) AS ts
  FROM pause p
  JOIN host_step h ON h.step = p.step
  GROUP BY ALL)
SELECT stage, kind, CASE kind WHEN 'recorder' THEN 'the recorder paused, since steps are missing by their numbers' ELSE 'the engine had no work, or the recorder paused' END AS cause,
       pauses, TRY_CAST(time AS BIGINT) AS time, longest, ts - (SELECT min(ts) FROM slice) AS start, 0.0 AS share, 'info' AS severity
FROM lane
QUALIFY row_number() OVER (PARTITION BY stage, kind ORDER BY time DESC, source_id, track_id) = 1
ORDER BY time DESC, stage, kind
