-- Tracks of streams of a GPU.
-- @column id          the track
-- @column name        its name
-- @column device      GPU ordinal
-- @column stream      stream number
-- @column upid        the process under which the producer shows it
-- @column source_id   the source that it was read from
CREATE VIEW gpu_track AS
SELECT id, name, device, stream, upid, source_id FROM track WHERE type = 'stream'
