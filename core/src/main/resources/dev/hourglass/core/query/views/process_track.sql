-- Tracks that belong to a process as a whole: asynchronous work and the like.
-- @column id          the track
-- @column name        its name
-- @column upid        the process
-- @column parent_id   the track under which it is shown
-- @column source_id   the source that it was read from
CREATE VIEW process_track AS
SELECT id, name, upid, parent_id, source_id FROM track WHERE type IN ('process', 'async')
