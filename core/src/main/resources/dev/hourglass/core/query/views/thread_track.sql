-- Tracks of threads.
-- @column id          the track
-- @column name        the thread's name
-- @column utid        the thread
-- @column parent_id   the track under which it is shown
-- @column source_id   the source that it was read from
CREATE VIEW thread_track AS
SELECT id, name, utid, parent_id, source_id FROM track WHERE type = 'thread'
