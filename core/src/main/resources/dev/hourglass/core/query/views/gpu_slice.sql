-- Device work: kernels, copies, memsets, and replays of CUDA graphs that were recorded as a whole, one row per execution.
-- @column id            the slice
-- @column ts [ns]       start on the trace clock
-- @column dur [ns]      duration
-- @column name          kernel or copy
-- @column category      kernel, gpu_memcpy, gpu_memset or cuda_graph
-- @column track_id      the track
-- @column device        GPU ordinal
-- @column stream        stream number
-- @column correlation   number shared with the launch call
CREATE VIEW gpu_slice AS
SELECT s.id, s.ts, s.dur, s.name, s.category, s.track_id, t.device, t.stream, s.correlation
FROM slice s
JOIN track t ON t.id = s.track_id
WHERE s.category IN ('kernel', 'gpu_memcpy', 'gpu_memset', 'cuda_graph')
