-- The steps of a decode run and the pieces inside them as rows of the timeline: what an imported trace of the same run gives.
-- Profiled steps are annotated `decode`, the unprofiled ones between them `untimed step`. Pieces that the engine
-- computes are operators; its own work before and after them is not.
CREATE OR REPLACE TEMP TABLE laid AS
SELECT (SELECT coalesce(max(id), 0) + 1 FROM source) AS source_id, (SELECT coalesce(max(upid), 0) + 1 FROM process) AS upid,
       (SELECT coalesce(max(utid), 0) + 1 FROM thread) AS utid, (SELECT coalesce(max(id), 0) + 1 FROM track) AS track_id,
       (SELECT coalesce(max(id), 0) FROM slice) AS slices, (SELECT coalesce(max(id), 0) FROM stage) AS stages,
       coalesce((SELECT max(value) FROM metadata WHERE name = 'engine.name'), 'engine') AS engine
WHERE EXISTS (SELECT 1 FROM token);
CREATE OR REPLACE TEMP TABLE laid_step AS
SELECT row_number() OVER (ORDER BY ts, kind) AS n, *
FROM (SELECT token, 'decode' AS name, 'decode' AS kind, ts, dur, position FROM token
      UNION ALL
      SELECT token, 'untimed step', 'other', ts, dur, position FROM token_unprofiled);
INSERT INTO source (id, name, format, time_base, offset_ns, align_method, residual_ns, events)
SELECT source_id, engine, 'decode-run', 'monotonic', 0, 'base_time', 0,
       (SELECT count(*) FROM laid_step) + (SELECT count(*) FROM op)
FROM laid;
INSERT INTO process (upid, name, source_id) SELECT upid, engine, source_id FROM laid;
INSERT INTO thread (utid, name, upid, is_main_thread, source_id) SELECT utid, 'decode', upid, true, source_id FROM laid;
INSERT INTO track (id, name, type, utid, upid, source_id) SELECT track_id, 'decode', 'thread', utid, upid, source_id FROM laid;
INSERT INTO slice (id, ts, dur, track_id, category, name, depth)
SELECT l.slices + s.n, s.ts, s.dur, l.track_id, 'user_annotation', s.name, 0
FROM laid_step s, laid l;
INSERT INTO stage (id, ts, dur, name, kind, depth, decode_requests, decode_tokens, context_tokens, track_id, slice_id, source_id)
SELECT l.stages + s.n, s.ts, s.dur, s.name, s.kind, 0, 1, 1, s.position, l.track_id, l.slices + s.n, l.source_id
FROM laid_step s, laid l;
UPDATE op SET slice_id = laid.slices + (SELECT count(*) FROM laid_step) + op.rowid + 1 FROM laid;
INSERT INTO slice (id, ts, dur, track_id, category, name, depth, parent_id)
SELECT o.slice_id, o.ts, o.dur, l.track_id, CASE WHEN o.nodes > 0 THEN 'cpu_op' ELSE 'engine' END, o.name, 1, l.slices + s.n
FROM op o
JOIN laid_step s ON s.token = o.token AND s.kind = 'decode', laid l;
DROP TABLE laid_step;
DROP TABLE laid
