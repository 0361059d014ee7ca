-- Slices of threads, with thread and process.
-- @column id             the slice
-- @column ts [ns]        start on the trace clock
-- @column dur [ns]       duration
-- @column name           its name
-- @column category       its category
-- @column depth          slices of the same track around it
-- @column parent_id      the innermost one of them
-- @column arg_set_id     key of its arguments
-- @column track_id       the track
-- @column utid           the thread
-- @column tid            its number in the operating system
-- @column thread_name    its name
-- @column upid           the process
-- @column pid            its number in the operating system
-- @column process_name   its name
CREATE VIEW thread_slice AS
SELECT s.id, s.ts, s.dur, s.name, s.category, s.depth, s.parent_id, s.arg_set_id, s.track_id,
       t.utid, th.tid, th.name AS thread_name, t.upid, p.pid, p.name AS process_name
FROM slice s
JOIN track t ON t.id = s.track_id AND t.type = 'thread'
LEFT JOIN thread th ON th.utid = t.utid
LEFT JOIN process p ON p.upid = t.upid
