-- When the recording begins and ends, in one row.
-- @column start_ts [ns]   first start of a slice on the trace clock; NULL where there is none
-- @column end_ts [ns]     last end of a slice
CREATE VIEW trace_bounds AS
SELECT min(ts) AS start_ts, max(ts + greatest(dur, 0)) AS end_ts FROM slice
