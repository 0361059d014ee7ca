-- The steps of a decode run and the pieces inside them as rows of the timeline: what an imported trace of the same run gives.
-- Profiled steps are annotated `decode`, the unprofiled ones between them `untimed step`. Pieces that the engine
-- computes are operators; its own work before and after them is not.
-- Where a GPU takes part, calls to it are on the timeline already: steps lie on the track of the thread that makes them, so
-- that work is of the step that issued it, and only what that thread computes itself is an operator. Its unprofiled steps
-- ran in another process.
CREATE OR REPLACE TEMP TABLE laid AS
SELECT NOT EXISTS (FROM device_run) AS fresh,
       coalesce((SELECT source_id FROM device_run), (SELECT coalesce(max(id), 0) + 1 FROM source)) AS source_id,
       coalesce((SELECT upid FROM device_run), (SELECT coalesce(max(upid), 0) + 1 FROM process)) AS upid,
       coalesce((SELECT utid FROM device_run), (SELECT coalesce(max(utid), 0) + 1 FROM thread)) AS utid,
       coalesce((SELECT track_id FROM device_run), (SELECT coalesce(max(id), 0) + 1 FROM track)) AS track_id,
       (SELECT coalesce(max(id), 0) FROM slice) AS slices, (SELECT coalesce(max(id), 0) FROM stage) AS stages,
       coalesce((SELECT max(value) FROM metadata WHERE name = 'engine.name'), 'engine') AS engine
WHERE EXISTS (SELECT 1 FROM token);
CREATE OR REPLACE TEMP TABLE laid_step AS
SELECT row_number() OVER (ORDER BY ts, kind) AS n, *
FROM (SELECT token, 'decode' AS name, 'decode' AS kind, ts, dur, position FROM token
      UNION ALL
      SELECT token, 'untimed step', 'other', ts, dur, position FROM token_unprofiled
      WHERE NOT EXISTS (FROM device_run) AND NOT EXISTS (FROM observed_step));
INSERT INTO source (id, name, format, time_base, offset_ns, align_method, residual_ns, events)
SELECT source_id, engine, 'decode-run', 'monotonic', 0, 'base_time', 0,
       (SELECT count(*) FROM laid_step) + (SELECT count(*) FROM op)
FROM laid
WHERE fresh;
INSERT INTO process (upid, name, source_id) SELECT upid, engine, source_id FROM laid WHERE fresh;
INSERT INTO thread (utid, name, upid, is_main_thread, source_id) SELECT utid, 'decode', upid, true, source_id FROM laid WHERE fresh;
INSERT INTO track (id, name, type, utid, upid, source_id) SELECT track_id, 'decode', 'thread', utid, upid, source_id FROM laid WHERE fresh;
UPDATE slice SET depth = slice.depth + 1, parent_id = coalesce(slice.parent_id, l.slices + s.n)
FROM laid_step s, laid l
WHERE NOT l.fresh AND slice.track_id = l.track_id AND slice.ts >= s.ts AND slice.ts + greatest(slice.dur, 0) <= s.ts + s.dur;
INSERT INTO slice (id, ts, dur, track_id, category, name, depth)
SELECT l.slices + s.n, s.ts, s.dur, l.track_id, 'user_annotation', s.name, 0
FROM laid_step s, laid l;
INSERT INTO stage (id, ts, dur, name, kind, depth, decode_requests, decode_tokens, context_tokens, track_id, slice_id, source_id)
SELECT l.stages + s.n, s.ts, s.dur, s.name, s.kind, 0, 1, 1, s.position, l.track_id, l.slices + s.n, l.source_id
FROM laid_step s, laid l;
UPDATE op SET slice_id = laid.slices + (SELECT count(*) FROM laid_step) + op.rowid + 1 FROM laid WHERE laid.fresh OR op.nodes > 0;
INSERT INTO slice (id, ts, dur, track_id, category, name, depth, parent_id)
SELECT o.slice_id, o.ts, o.dur, l.track_id, CASE WHEN o.nodes > 0 THEN 'cpu_op' ELSE 'engine' END, o.name, 1, l.slices + s.n
FROM op o
JOIN laid_step s ON s.token = o.token AND s.kind = 'decode', laid l
WHERE o.slice_id IS NOT NULL;
DROP TABLE device_run;
DROP TABLE laid_step;
DROP TABLE laid
