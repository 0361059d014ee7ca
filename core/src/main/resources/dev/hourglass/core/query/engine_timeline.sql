-- What a probe told of an engine as rows of the timeline: a track of steps and one of the scheduler's decisions for each
-- engine, one for each worker, one for what stopped a process and one for its start, one for each request, and counters.
-- $source is the source that it is of.
CREATE OR REPLACE TEMP TABLE base AS
SELECT (SELECT coalesce(max(upid), 0) FROM process) AS upid, (SELECT coalesce(max(id), 0) FROM track) AS track,
       (SELECT coalesce(max(id), 0) FROM slice) AS slice, (SELECT coalesce(max(id), 0) FROM counter) AS counter;
CREATE OR REPLACE TEMP TABLE probed AS
SELECT row_number() OVER (ORDER BY start_ts, pid) + (SELECT upid FROM base) AS upid, pid, engine, role, rank, list_contains(string_split(role, '+'), 'engine') AS is_core,
       role || CASE WHEN rank IS NULL THEN '' ELSE ' ' || rank END || coalesce(' of ' || engine, '') AS name
FROM probe_process WHERE source_id = $source;
CREATE OR REPLACE TEMP TABLE served AS
SELECT row_number() OVER (ORDER BY engine) + (SELECT coalesce(max(upid), (SELECT upid FROM base)) FROM probed) AS upid, engine,
       'requests' || coalesce(' of ' || engine, '') AS name
FROM (SELECT DISTINCT engine FROM request WHERE source_id = $source);
INSERT INTO process (upid, pid, name, source_id) SELECT upid, pid, name, $source FROM probed;
INSERT INTO process (upid, name, source_id) SELECT upid, name, $source FROM served;
-- A span: its place, the depth in it, and what it lies in.
CREATE OR REPLACE TEMP TABLE span AS
SELECT p.upid, 'steps' AS place, s.ts, s.dur, 'engine_step' AS category, 0 AS depth,
       coalesce(s.phase, 'step') || ' ' || s.requests || CASE WHEN s.requests = 1 THEN ' request, ' ELSE ' requests, ' END || s.tokens
         || CASE WHEN s.tokens = 1 THEN ' token' ELSE ' tokens' END AS name
FROM step s JOIN probed p ON p.engine IS NOT DISTINCT FROM s.engine AND p.is_core
WHERE s.source_id = $source AND s.dur IS NOT NULL
UNION ALL
SELECT p.upid, 'scheduler', b.ts, b.dur, 'engine', 0, 'schedule'
FROM batch b JOIN probed p ON p.engine IS NOT DISTINCT FROM b.engine AND p.is_core
WHERE b.source_id = $source AND b.dur IS NOT NULL
UNION ALL
SELECT p.upid, 'worker', e.ts, e.dur, 'engine', e.depth, e.name
FROM (SELECT engine, rank, ts, dur, 0 AS depth, 'execute' AS name FROM forward_pass WHERE source_id = $source
      UNION ALL SELECT engine, rank, forward_ts, forward_ns, 1, 'forward' FROM forward_pass WHERE source_id = $source AND forward_ts >= ts AND forward_ts + forward_ns <= ts + dur
      UNION ALL SELECT engine, rank, sample_ts, sample_ns, 0, 'sample' FROM forward_pass WHERE source_id = $source AND sample_ts >= ts + dur) e
JOIN (SELECT engine, rank, min(upid) AS upid FROM probed WHERE is_core OR list_contains(string_split(role, '+'), 'worker') GROUP BY engine, rank) p
  ON p.engine IS NOT DISTINCT FROM e.engine AND p.rank IS NOT DISTINCT FROM e.rank
WHERE e.ts IS NOT NULL AND e.dur IS NOT NULL
UNION ALL
SELECT p.upid, 'stalls', s.ts, s.dur, 'engine', 0, s.kind || coalesce(', ' || s.name, '')
FROM engine_stall s JOIN probed p ON p.pid = s.pid WHERE s.source_id = $source AND s.dur IS NOT NULL
UNION ALL
SELECT p.upid, 'start', s.ts, s.dur, 'engine', coalesce(s.depth, 0), s.category || ': ' || s.name
FROM startup_span s JOIN probed p ON p.pid = s.pid WHERE s.source_id = $source AND s.dur IS NOT NULL AND s.name IS NOT NULL;
-- The life of each request: waiting, its prompt, its tokens, and the times in which it was thrown out.
CREATE OR REPLACE TEMP TABLE life AS
SELECT s.upid, r.request AS place, l.ts, l.until - l.ts AS dur, 'request' AS category, l.depth, l.name
FROM request r
JOIN served s ON s.engine IS NOT DISTINCT FROM r.engine
CROSS JOIN LATERAL (VALUES (0, 'request', r.arrival_ts, r.finished_ts), (1, 'queued', r.arrival_ts, r.scheduled_ts),
                           (1, 'prefill', r.scheduled_ts, r.first_token_ts), (1, 'decode', r.first_token_ts, r.finished_ts)) l (depth, name, ts, until)
WHERE r.source_id = $source AND l.ts IS NOT NULL AND l.until >= l.ts
UNION ALL
SELECT s.upid, p.request, p.ts, b.ts - p.ts, 'request', 2, 'preempted' || coalesce(', ' || p.reason, '')
FROM preemption p
JOIN served s ON s.engine IS NOT DISTINCT FROM p.engine
ASOF JOIN (SELECT engine, request, ts FROM preemption WHERE event = 'resumed' AND source_id = $source) b
  ON b.request = p.request AND b.engine IS NOT DISTINCT FROM p.engine AND b.ts >= p.ts
WHERE p.source_id = $source AND p.event = 'preempted';
INSERT INTO span BY NAME SELECT * FROM life;
CREATE OR REPLACE TEMP TABLE lane AS
SELECT row_number() OVER (ORDER BY upid, category, place) + (SELECT track FROM base) AS id, upid, category, place
FROM (SELECT DISTINCT upid, CASE WHEN category = 'request' THEN 'request' ELSE '' END AS category, place FROM span);
INSERT INTO track (id, name, type, upid, source_id) SELECT id, place, 'async', upid, $source FROM lane;
INSERT INTO slice (id, ts, dur, track_id, category, name, depth)
SELECT row_number() OVER (ORDER BY s.ts, s.depth, l.id) + (SELECT slice FROM base), s.ts, s.dur, l.id, s.category, s.name, s.depth
FROM span s
JOIN lane l ON l.upid = s.upid AND l.place = s.place AND l.category = CASE WHEN s.category = 'request' THEN 'request' ELSE '' END;
UPDATE slice SET parent_id = o.id
FROM slice o
WHERE slice.id > (SELECT slice FROM base) AND o.track_id = slice.track_id AND o.depth = slice.depth - 1 AND o.ts <= slice.ts AND o.ts + o.dur >= slice.ts + slice.dur;
CREATE OR REPLACE TEMP TABLE counted AS
SELECT p.upid, v.name, v.unit, v.ts, v.value
FROM (SELECT engine, 'KV cache in use' AS name, 'ratio' AS unit, ts, usage_ratio AS value FROM kv_usage WHERE source_id = $source
      UNION ALL SELECT engine, 'requests running', 'count', ts + coalesce(dur, 0), running FROM batch WHERE source_id = $source
      UNION ALL SELECT engine, 'requests waiting', 'count', ts + coalesce(dur, 0), waiting FROM batch WHERE source_id = $source) v
JOIN probed p ON p.engine IS NOT DISTINCT FROM v.engine AND p.is_core
WHERE v.value IS NOT NULL;
CREATE OR REPLACE TEMP TABLE counter_lane AS
SELECT row_number() OVER (ORDER BY upid, name) + (SELECT coalesce(max(id), (SELECT track FROM base)) FROM lane) AS id, upid, name, unit
FROM (SELECT DISTINCT upid, name, unit FROM counted);
INSERT INTO track (id, name, type, upid, unit, source_id) SELECT id, name, 'counter', upid, unit, $source FROM counter_lane;
INSERT INTO counter (id, ts, track_id, value)
SELECT row_number() OVER (ORDER BY c.ts, l.id) + (SELECT counter FROM base), c.ts, l.id, c.value
FROM counted c JOIN counter_lane l ON l.upid = c.upid AND l.name = c.name;
DROP TABLE base; DROP TABLE probed; DROP TABLE served; DROP TABLE span; DROP TABLE life; DROP TABLE lane; DROP TABLE counted; DROP TABLE counter_lane
