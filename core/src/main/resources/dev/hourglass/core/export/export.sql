-- What the files of other tools ask a session.

-- @query processes
SELECT upid, pid, name, labels FROM process ORDER BY upid

-- @query tracks
-- Each with the thread that it is of, if any.
SELECT t.id, t.name, t.type, coalesce(t.upid, h.upid), h.tid, h.name, t.stream, t.unit
FROM track t LEFT JOIN thread h ON h.utid = t.utid
ORDER BY t.id

-- @query first_moment
-- Of slices and counters; 0 without any.
SELECT coalesce(min(ts), 0)::BIGINT AS ts
FROM (SELECT min(ts) AS ts FROM slice UNION ALL SELECT min(ts) FROM counter)

-- @query slices
-- By track, start, and longer ones first, with links out and in (numbers joined by commas) and arguments: those of one
-- slice are parted by chr(30), key, type and value of one by chr(31).
WITH a AS (
  SELECT arg_set_id,
         string_agg(replace(replace(substr(key, 6), chr(30), ''), chr(31), '') || chr(31) || value_type || chr(31)
           || replace(replace(coalesce(display_value, ''), chr(30), ''), chr(31), ''), chr(30)) AS args
  FROM args GROUP BY arg_set_id),
o AS (SELECT slice_out AS s, string_agg(id::VARCHAR, ',') AS ids FROM flow GROUP BY slice_out),
i AS (SELECT slice_in AS s, string_agg(id::VARCHAR, ',') AS ids FROM flow GROUP BY slice_in)
SELECT s.id, s.track_id, s.ts, s.dur, s.category, s.name, o.ids, i.ids, a.args
FROM slice s
LEFT JOIN a ON a.arg_set_id = s.id
LEFT JOIN o ON o.s = s.id
LEFT JOIN i ON i.s = s.id
WHERE s.ts IS NOT NULL
ORDER BY s.track_id, s.ts, CASE WHEN s.dur < 0 THEN 9223372036854775807 ELSE s.dur END DESC, s.id

-- @query links
-- With the track and the moment at both ends.
SELECT f.id, f.category, f.trace_id, o.track_id, o.ts, i.track_id, i.ts
FROM flow f
JOIN slice o ON o.id = f.slice_out
JOIN slice i ON i.id = f.slice_in
WHERE o.ts IS NOT NULL AND i.ts IS NOT NULL
ORDER BY f.id

-- @query counters
-- In the order in which they were recorded.
SELECT c.track_id, c.ts, c.value, t.name FROM counter c LEFT JOIN track t ON t.id = c.track_id ORDER BY c.id

-- @query counters_by_track
SELECT track_id, ts, value FROM counter WHERE value IS NOT NULL ORDER BY track_id, ts, id

-- @query sampled
-- What was sampled beside the timeline, as counters: name, unit, moment, value, in order of name and time. What is of an
-- interval stands at its start, what is of its end there.
SELECT name, unit, ts, value
FROM (SELECT device || ' ' || metric AS name, unit, ts, value FROM hw_sample
      UNION ALL
      SELECT 'CPU ' || core || ' busy', 'ratio', ts, busy_ratio FROM core_sample
      UNION ALL
      SELECT 'CPU ' || core || ' clock', 'MHz', ts + dur, freq_mhz FROM core_sample
      UNION ALL
      SELECT 'engine on CPUs', 'CPUs', ts, engine_cpu_ns * 1e0 / nullif(dur, 0) FROM process_sample
      UNION ALL
      SELECT 'others on CPUs', 'CPUs', ts, others_cpu_ns * 1e0 / nullif(dur, 0) FROM process_sample
      UNION ALL
      SELECT 'engine resident memory', 'B', ts + dur, rss_bytes FROM process_sample
      UNION ALL
      SELECT 'available memory', 'B', ts + dur, available_bytes FROM process_sample)
WHERE value IS NOT NULL
ORDER BY name, ts

-- @query run_facts
-- What is told of the run itself, not of one of the files that it was read from.
SELECT name, value FROM metadata WHERE name NOT LIKE 'source.%' AND name NOT LIKE 'session.%' ORDER BY name

-- @query run_info
SELECT 1, name, value FROM metadata WHERE name NOT LIKE 'source.%' AND name NOT LIKE 'session.%' ORDER BY name

-- @query steps_total
SELECT count(*), stage FROM judged_step GROUP BY stage ORDER BY stage

-- @query step_seconds
SELECT sum(dur) / 1e9, stage FROM judged_step GROUP BY stage ORDER BY stage

-- @query part_seconds
SELECT sum(dur) / 1e9, stage, component FROM step_part GROUP BY stage, component ORDER BY stage, component

-- @query operation_seconds
SELECT sum(dur) / 1e9, name FROM op GROUP BY name ORDER BY sum(dur) DESC, name

-- @query operation_calls
SELECT count(*), name FROM op GROUP BY name ORDER BY sum(dur) DESC, name

-- @query source_count
SELECT count(*) AS n FROM source

-- @query envelope
-- What stood around the events of a source's file, by the names that it had there.
SELECT regexp_replace(name, '^source\.\d+\.', ''), value
FROM metadata
WHERE name SIMILAR TO 'source\.\d+\.[^.]+'

-- @query timed_source
-- One whose times count from somewhere, if there is one.
SELECT id FROM source WHERE time_base IN ('unix', 'monotonic') LIMIT 1

-- @query slice_names
SELECT DISTINCT name FROM slice ORDER BY name

-- @query frame_names
-- Of the functions that CPU samples found.
SELECT DISTINCT unnest(string_split(coalesce(stack, leaf, '[unknown]'), ';')) AS f FROM cpu_sample ORDER BY f

-- @query first_moment_of_stacks
-- Of slices and CPU samples; 0 without any.
SELECT coalesce(min(ts), 0)::BIGINT AS ts
FROM (SELECT min(ts) AS ts FROM slice UNION ALL SELECT min(ts) FROM cpu_sample)

-- @query closed_slices
-- By track, start, and longer ones first; one without an end lasts until the last moment of all.
SELECT s.id, s.track_id, s.ts,
       CASE WHEN s.dur < 0 THEN (SELECT max(ts + greatest(dur, 0)) FROM slice) - s.ts ELSE s.dur END AS d, s.name
FROM slice s
WHERE s.ts IS NOT NULL
ORDER BY s.track_id, s.ts, d DESC, s.id

-- @query stacks
-- Of CPU samples, by thread and event, with what each sample stands for.
SELECT coalesce(pid::VARCHAR, '?') || '/' || coalesce(tid::VARCHAR, '?') || ' ' || coalesce(thread, '') || ' '
         || coalesce(event, ''),
       coalesce(stack, leaf, '[unknown]'), coalesce(period, 1)
FROM cpu_sample
ORDER BY 1, ts

-- @query snapshots
-- Of an engine's metrics, as they were read.
SELECT source_id, snapshot, ts, name, labels, type, value FROM metric ORDER BY source_id, snapshot, rowid

-- @query last_hardware_samples
SELECT arg_max(value, ts), device, metric, unit
FROM hw_sample
WHERE value IS NOT NULL
GROUP BY device, metric, unit
ORDER BY device, metric

-- @query kernel_seconds
SELECT sum(dur) / 1e9, name, device FROM kernel GROUP BY name, device ORDER BY sum(dur) DESC, name

-- @query kernel_calls
SELECT count(*), name, device FROM kernel GROUP BY name, device ORDER BY sum(dur) DESC, name

-- @query row_count
SELECT count(*) AS n FROM $table

-- @query to_parquet
COPY $table TO $file (FORMAT parquet, COMPRESSION zstd)

-- @query to_csv
COPY $table TO $file (FORMAT csv, HEADER)

-- @query to_csv_safe
COPY (SELECT * REPLACE ($disarmed) FROM $table) TO $file (FORMAT csv, HEADER)

-- @query disarmed
CASE WHEN regexp_matches($column, '^[=+@\t\r＝＋－＠-]') AND TRY_CAST($column AS DOUBLE) IS NULL
     THEN '''' || $column ELSE $column END AS $column

-- @query run_engine_step_seconds
SELECT sum(dur) / 1e9, count(dur), coalesce(phase, 'unknown') FROM step WHERE dur IS NOT NULL AND engine IS NOT NULL GROUP BY ALL ORDER BY 3

-- @query run_engine_step_tokens
SELECT sum(tokens), count(tokens), coalesce(phase, 'unknown') FROM step WHERE dur IS NOT NULL AND engine IS NOT NULL GROUP BY ALL ORDER BY 3

-- @query run_engine_step_requests
SELECT sum(requests), count(requests), coalesce(phase, 'unknown') FROM step WHERE dur IS NOT NULL AND engine IS NOT NULL GROUP BY ALL ORDER BY 3

-- @query run_engine_schedule_seconds
SELECT sum(b.dur) / 1e9, count(b.dur), coalesce(b.phase, 'unknown')
FROM batch b
JOIN step s ON s.step = b.step AND s.engine IS NOT DISTINCT FROM b.engine AND s.source_id IS NOT DISTINCT FROM b.source_id
WHERE b.dur IS NOT NULL AND s.dur IS NOT NULL
GROUP BY ALL
ORDER BY 3

-- @query run_engine_forward_seconds
SELECT sum(f.dur) / 1e9, count(f.dur), coalesce(s.phase, 'unknown')
FROM forward_pass f
LEFT JOIN step s ON s.step = f.step AND s.engine IS NOT DISTINCT FROM f.engine AND s.source_id IS NOT DISTINCT FROM f.source_id
WHERE f.dur IS NOT NULL
GROUP BY ALL
ORDER BY 3

-- @query run_engine_forward_gpu_seconds
SELECT sum(f.gpu_ns) / 1e9, count(f.gpu_ns), coalesce(s.phase, 'unknown')
FROM forward_pass f
LEFT JOIN step s ON s.step = f.step AND s.engine IS NOT DISTINCT FROM f.engine AND s.source_id IS NOT DISTINCT FROM f.source_id
WHERE f.gpu_ns IS NOT NULL
GROUP BY ALL
ORDER BY 3

-- @query run_engine_requests_running
SELECT arg_max(running, ts), 1 FROM batch WHERE running IS NOT NULL

-- @query run_engine_requests_waiting
SELECT arg_max(waiting, ts), 1 FROM batch WHERE waiting IS NOT NULL

-- @query run_engine_kv_usage_ratio
SELECT arg_max(usage_ratio, ts), 1 FROM kv_usage WHERE usage_ratio IS NOT NULL

-- @query run_engine_requests_finished_total
SELECT nullif(count(*), 0), 1 FROM request WHERE finish_reason IS NOT NULL

-- @query run_engine_preemptions_total
SELECT nullif(count(*), 0), 1 FROM preemption WHERE event = 'preempted'

-- @query run_gpu_sample
SELECT arg_max(value, ts), 1, device, metric, unit FROM hw_sample WHERE value IS NOT NULL GROUP BY device, metric, unit ORDER BY device, metric

-- @query run_phase_gpu_sample
SELECT sum(h.value), count(*), h.device, h.metric, h.unit, coalesce(s.phase, 'unknown')
FROM hw_sample h
ASOF JOIN (SELECT ts, max(ts + dur) AS end_ts, arg_max(phase, dur) AS phase FROM step WHERE dur IS NOT NULL AND engine IS NOT NULL GROUP BY ts) s ON h.ts >= s.ts
WHERE h.ts <= s.end_ts AND h.value IS NOT NULL
GROUP BY ALL
ORDER BY 3, 4, 6
