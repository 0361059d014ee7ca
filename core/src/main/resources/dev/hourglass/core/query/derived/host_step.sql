-- The steps of a run by the host's clock: the innermost annotated stages of each thread that annotates, and the spans between them. An annotation that tells no stage is left out where it holds, or lies in, one that does. Without any annotation one step named run spans all device work.
-- @column step               identifier of the step, in order of time
-- @column stage              prefill, decode, mixed, the annotation's name without its numbers, run, or between for a span between two steps
-- @column belongs            the stage with which it is counted: its own; for a span between two steps that of the step before it
-- @column name               name of the annotation; NULL where there is none
-- @column seq                position among the steps of its thread, spans between them not counted, from 0
-- @column first              whether it is the first step of its process, in which the recorder itself starts
-- @column ts [ns]            start
-- @column end_ts [ns]        end
-- @column stage_id           row in stage; NULL where there is none
-- @column track_id           thread of the annotation; NULL for the step named run
-- @column tokens [tokens]    tokens of decode and prompt together; NULL where the annotation does not tell
-- @column source_id          the source that it was read from
CREATE OR REPLACE TABLE host_step AS
WITH named AS (
  SELECT id, ts, ts + dur AS end_ts, name, track_id, source_id, decode_tokens, prefill_tokens, kind,
         CASE WHEN kind IN ('prefill', 'decode', 'mixed') THEN kind
              ELSE trim(regexp_replace(CASE WHEN length(name) > 200 THEN left(name, 200) || '…' ELSE name END,
                                       '[0-9]+', '', 'g'), ' #_-.:/*') END AS stage
  FROM stage
  WHERE dur > 0),
     known AS (
  SELECT track_id, ts, max(end_ts) OVER (PARTITION BY track_id ORDER BY ts, end_ts ROWS UNBOUNDED PRECEDING) AS reach
  FROM named
  WHERE kind <> 'other'),
     ranked AS (
  SELECT n.*, n.kind <> 'other' OR coalesce(k.reach <= n.ts, true) AS usable
  FROM named n
  ASOF LEFT JOIN known k ON k.track_id = n.track_id AND n.end_ts > k.ts),
     chosen AS (
  SELECT *, max(end_ts) OVER (PARTITION BY track_id ORDER BY ts, end_ts DESC
                              ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS next_end,
         lead(ts) OVER (PARTITION BY track_id ORDER BY ts, end_ts DESC) AS next_ts
  FROM ranked
  WHERE usable),
     leaf AS (
  SELECT *, row_number() OVER (PARTITION BY track_id ORDER BY ts) - 1 AS seq,
         lead(ts) OVER (PARTITION BY track_id ORDER BY ts) AS following
  FROM chosen
  WHERE next_ts IS NULL OR next_ts >= end_ts),
     whole AS (
  SELECT source_id, min(ts) AS ts, max(end_ts) AS end_ts
  FROM device_op
  WHERE source_id NOT IN (SELECT source_id FROM leaf)
  GROUP BY source_id),
     all_steps AS (
  SELECT CASE WHEN stage = '' THEN 'step' ELSE stage END AS stage, CASE WHEN stage = '' THEN 'step' ELSE stage END AS belongs, name, seq, ts, end_ts, id AS stage_id, track_id,
         coalesce(decode_tokens, 0) + coalesce(prefill_tokens, 0) AS tokens, source_id
  FROM leaf
  UNION ALL
  SELECT 'between', CASE WHEN stage = '' THEN 'step' ELSE stage END, NULL, NULL, end_ts, following, NULL, track_id, NULL, source_id
  FROM leaf
  WHERE following > end_ts
  UNION ALL
  SELECT 'run', 'run', NULL, 0, ts, end_ts, NULL, NULL, NULL, source_id
  FROM whole)
SELECT row_number() OVER (ORDER BY a.ts, a.end_ts) AS step, a.stage, a.belongs, a.name, a.seq,
       a.stage <> 'between' AND a.stage <> 'run' AND a.ts = min(a.ts) OVER (PARTITION BY a.source_id, t.upid) AS first,
       a.ts, a.end_ts, a.stage_id, a.track_id, nullif(a.tokens, 0) AS tokens, a.source_id
FROM all_steps a
LEFT JOIN track t ON t.id = a.track_id
