-- Which idle spans are the longest, and what did they wait for?
-- @needs    device_op, launch
-- @param    rows         50         how many are listed
-- @column   stage                   which stage
-- @column   step                    which step
-- @column   device                  GPU ordinal
-- @column   start [ns]              start, from the session's first slice
-- @column   dur [ns]                length
-- @column   cause                   sync, issue, queued, tail or unknown, as in gpu_gap
-- @column   opener                  device operation that ends it; NULL where the step ends first
-- @column   operator                operator that issued it; NULL where there is none
-- @column   host [ns]               of it, in other code on the host
SELECT s.belongs AS stage, g.step, g.device, g.ts - (SELECT min(ts) FROM slice) AS start, g.dur, g.cause,
       o.short_name AS opener, p.name AS operator, g.host
FROM gpu_gap g
JOIN step_time s ON s.step = g.step AND s.device = g.device AND s.source_id = g.source_id
LEFT JOIN device_op o ON o.id = g.opener
LEFT JOIN slice c ON c.id = o.launch_id
LEFT JOIN slice p ON p.id = c.parent_id
ORDER BY g.dur DESC, g.ts, g.source_id, g.device
LIMIT $rows
