-- What the critical path of a step is found from.

-- @query periods
-- The usual periods of every stage, with the thread that annotates, else the one that issues most.
WITH busiest AS (
  SELECT source_id, first(track_id ORDER BY n DESC, track_id) AS track_id
  FROM (SELECT source_id, track_id, count(*) AS n FROM launch GROUP BY ALL)
  GROUP BY source_id)
SELECT p.step, p.device, p.source_id, p.ts, p.end_ts, coalesce(h.track_id, b.track_id, -1), p.ops
FROM step_period p
JOIN host_step h ON h.step = p.step
LEFT JOIN busiest b ON b.source_id = p.source_id
WHERE p.usual AND p.source_id IN (SELECT source_id FROM launch)
ORDER BY p.source_id, p.ts, p.device, p.step

-- @query operations
-- What ran on the GPUs of a source in a span of time, by start. Without an end of its own work cannot be waited for.
SELECT id, ts, end_ts, device, coalesce(stream, -1), coalesce(least(launch_end, ts), -1), coalesce(launch_ts, -1), coalesce(launch_id, -1), coalesce(launch_track, -1)
FROM device_op
WHERE source_id = $source AND end_ts > $from AND ts < $to AND end_ts > ts
ORDER BY ts, id

-- @query waits
-- The calls that waited for a GPU in a span of time, by end, with the stream where it was recorded.
WITH synchronised AS (
  SELECT l.id, any_value(t.device) AS device, any_value(t.stream) AS stream
  FROM slice s
  JOIN track t ON t.id = s.track_id AND t.source_id = $source
  JOIN launch l ON l.correlation = s.correlation AND l.source_id = $source
  WHERE s.category = 'cuda_sync' AND starts_with(lower(s.name), 'stream sync')
  GROUP BY l.id)
SELECT w.id, w.track_id, w.ts, w.end_ts, coalesce(y.device, -1), coalesce(y.stream, -1)
FROM host_wait w
JOIN track t ON t.id = w.track_id AND t.source_id = $source
LEFT JOIN synchronised y ON y.id = w.id
WHERE w.end_ts > $from AND w.ts < $to
ORDER BY w.end_ts, w.id

-- @query events
-- The waits of one stream for an event of another in a span of time: when it was told to wait, when the event was recorded.
WITH told AS (
  SELECT s.correlation, t.device, t.stream, max(a.int_value) FILTER (a.key IN ('wait_on_stream', 'args.wait_on_stream')) AS other,
         max(a.int_value) FILTER (a.key IN ('wait_on_cuda_event_record_corr_id', 'args.wait_on_cuda_event_record_corr_id')) AS recorded
  FROM slice s
  JOIN track t ON t.id = s.track_id AND t.source_id = $source
  JOIN arg_value a ON a.arg_set_id = s.id
  WHERE s.category = 'cuda_sync' AND starts_with(lower(s.name), 'stream wait')
  GROUP BY s.id, s.correlation, t.device, t.stream)
SELECT t.device, t.stream, w.ts, t.other, r.ts
FROM told t
JOIN launch w ON w.correlation = t.correlation AND w.source_id = $source
JOIN launch r ON r.correlation = t.recorded AND r.source_id = $source
WHERE t.other IS NOT NULL AND t.stream IS NOT NULL AND w.ts >= $from AND w.ts < $to
ORDER BY w.ts
