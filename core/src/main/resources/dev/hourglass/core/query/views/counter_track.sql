-- Tracks of counters.
-- @column id          the track
-- @column name        the counter's name
-- @column unit        unit of its values
-- @column upid        the process that it belongs to
-- @column source_id   the source that it was read from
CREATE VIEW counter_track AS
SELECT id, name, unit, upid, source_id FROM track WHERE type = 'counter'
