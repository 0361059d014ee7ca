-- What does each step look like?
-- @needs    device_op
-- @column   step                    identifier
-- @column   stage                   prefill, decode, mixed, another annotation's name, run, or between for a span between two
-- @column   device                  GPU ordinal
-- @column   first                   whether it is the first step of the recording
-- @column   start [ns]              start, from the first step's
-- @column   wall [ns]               its wall
-- @column   busy_ratio [ratio]      GPU busy, of the wall
-- @column   compute [ns]            kernels run
-- @column   communication [ns]      communication that nothing hides
-- @column   copy [ns]               copies between host and device that nothing hides
-- @column   launch [ns]             idle inside operators and launch calls
-- @column   sync [ns]               idle that a wait caused
-- @column   host [ns]               idle while other code runs on the host
-- @column   rest [ns]               idle with work queued, while another GPU is awaited, through the recording, or unknown
-- @column   kernels [count]         kernels
-- @column   launches [count]        calls that issued device work
SELECT step, stage, device, first, ts - min(ts) OVER () AS start, wall, busy * 1e0 / nullif(wall, 0) AS busy_ratio, compute,
       communication, copy, launch, sync, host, rest, kernels, launches
FROM step_time
ORDER BY source_id, device, ts, step
