-- How does the memory in use move over the recording?
-- @needs    memory_event
-- @param    points       200        spans into which the recording is divided
-- @column   device                  GPU ordinal; -1 for the CPU
-- @column   start [ns]              start of the span, from the first event
-- @column   most [B]                most in use within it
-- @column   least [B]               least in use within it
-- @column   reserved [B]            most held by the allocator within it
WITH span AS (SELECT min(ts) AS a, greatest(max(ts) - min(ts), 1) AS length FROM memory_event)
SELECT device, TRY_CAST((least(floor((ts - span.a) * $points * 1e0 / span.length), $points - 1) * span.length * 1e0 / $points) AS BIGINT) AS start,
       max(allocated_bytes) AS most, min(allocated_bytes) AS least, max(reserved_bytes) AS reserved
FROM memory_event, span
GROUP BY device, start
ORDER BY device, start
