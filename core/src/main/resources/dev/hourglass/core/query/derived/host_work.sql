-- What the host does in two sets of spans of a stage's usual steps and between them: each function, operator and call that is open in them. The first set is where a GPU is idle and waits for the host: the spans of gpu_gap up to the end of the call that issues the next work, without what was issued already and without the host's own waits. The second is where the critical path leads through the host. Time in which the thread is in nothing that was recorded, or in nothing but the step's own annotation, is told as such.
-- @column part               idle or path: which set
-- @column stage              which stage, as in usual_step
-- @column device             GPU ordinal
-- @column source_id          the source that it was read from
-- @column track_id           the thread
-- @column id                 the slice; NULL where nothing is open
-- @column name               its name without addresses and numbers of modules
-- @column kind               function (of Python), operator, call (of a runtime or driver), annotation, or none: nothing that was recorded
-- @column layer              which part of an engine it is likely to be: its own, as in host_function, else that of the innermost around it that has one; waiting for a call that waits; else launching for operators and calls, else unknown
-- @column owner              the innermost function around it, or itself, that has a layer of its own; its own name where none has
-- @column named              whether it has a layer of its own
-- @column beneath            whether an operator is open around it: gpu_gap counts such time as the operator's
-- @column inside [ns]        time in these spans while it is open, with all that it calls
-- @column self [ns]          of it, in nothing that it calls
-- @column outermost            whether none of the same name is open around it: only such count in sums of inside
CREATE OR REPLACE TABLE host_work AS
WITH RECURSIVE usual AS (
  SELECT stage, device, source_id, step FROM step_period WHERE usual
  UNION ALL
  SELECT stage, device, source_id, span FROM step_period WHERE usual AND span IS NOT NULL),
     held AS (
  SELECT 'idle' AS part, u.stage, g.device, g.source_id, g.track_id, g.ts, least(g.end_ts, greatest(coalesce(o.launch_end, g.end_ts), g.ts)) AS end_ts
  FROM gpu_gap g
  JOIN usual u ON u.step = g.step AND u.device = g.device AND u.source_id = g.source_id
  LEFT JOIN device_op o ON o.id = g.opener
  WHERE g.cause <> 'queued' AND g.track_id IS NOT NULL
  UNION ALL
  SELECT 'path', p.stage, c.device, c.source_id, c.track_id, c.ts, c.end_ts
  FROM critical_segment c
  JOIN step_period p ON p.step = c.step AND p.device = c.device AND p.source_id = c.source_id
  WHERE c.kind = 'host' AND c.track_id IS NOT NULL),
     lane AS (
  SELECT row_number() OVER (ORDER BY part, source_id, device, stage, track_id) AS lane, part, stage, device, source_id, track_id, ts, end_ts
  FROM (SELECT part, stage, device, source_id, track_id, min(ts) AS ts, max(end_ts) AS end_ts FROM held GROUP BY ALL)),
     seen AS (
  SELECT l.lane, s.id, s.parent_id, s.name, s.category, s.ts, s.ts + s.dur AS end_ts
  FROM slice s
  JOIN lane l ON l.track_id = s.track_id AND s.ts < l.end_ts AND s.ts + s.dur > l.ts
  WHERE s.dur > 0),
     point AS (
  SELECT l.lane, unnest([h.ts, h.end_ts]) AS moment, unnest([1, -1]) AS held, 0 AS waits, NULL::BIGINT AS id, 0 AS sign
  FROM held h
  JOIN lane l ON l.part = h.part AND l.stage = h.stage AND l.device = h.device AND l.source_id = h.source_id AND l.track_id = h.track_id
  WHERE h.end_ts > h.ts
  UNION ALL
  SELECT l.lane, unnest([w.ts, w.end_ts]), 0, unnest([1, -1]), NULL, 0
  FROM host_span w
  JOIN lane l ON l.track_id = w.track_id AND w.ts < l.end_ts AND w.end_ts > l.ts
  WHERE w.part = 'wait' AND l.part = 'idle'
  UNION ALL
  SELECT lane, unnest([ts, end_ts]), 0, 0, id, unnest([-1, 1]) FROM seen),
     piece AS (
  SELECT lane, id, sign, moment,
         CASE WHEN sum(held) OVER earlier > 0 AND sum(waits) OVER earlier = 0 THEN moment - lag(moment) OVER line ELSE 0 END AS dur
  FROM point
  WINDOW line AS (PARTITION BY lane ORDER BY moment), earlier AS (PARTITION BY lane ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
     passed AS (SELECT lane, id, sign, sum(dur) OVER (PARTITION BY lane ORDER BY moment RANGE UNBOUNDED PRECEDING) AS dur FROM piece),
     covered AS (SELECT lane, id, TRY_CAST(sum(sign * dur) AS BIGINT) AS inside FROM passed WHERE id IS NOT NULL GROUP BY ALL),
     opened AS (SELECT s.*, c.inside FROM seen s JOIN covered c ON c.lane = s.lane AND c.id = s.id),
     read AS (
  SELECT o.*, f.brief, f.layer, coalesce(o.category IN ('cpu_op', 'operator', 'Operator'), false) AS operator
  FROM opened o
  JOIN host_function f ON f.name = o.name WHERE o.inside > 0),
     called AS (SELECT lane, parent_id AS id, sum(inside) AS inside FROM read GROUP BY ALL),
     node AS (SELECT id, any_value(parent_id) AS parent_id, any_value(brief) AS brief, any_value(layer) AS layer FROM read GROUP BY id),
     climb AS (
  -- Past what no rule knows, to the innermost that one does.
  SELECT id, parent_id AS above FROM node WHERE layer = 'unknown'
  UNION ALL
  SELECT c.id, n.parent_id FROM climb c JOIN node n ON n.id = c.above WHERE n.layer = 'unknown'),
     owned AS (SELECT c.id, n.brief, n.layer FROM climb c JOIN node n ON n.id = c.above WHERE n.layer <> 'unknown'),
     sorted AS (
  SELECT r.lane, r.id, r.brief, r.inside, TRY_CAST(r.inside - coalesce(c.inside, 0) AS BIGINT) AS self, r.layer <> 'unknown' AS named,
         CASE WHEN r.category = 'python_function' THEN 'function' WHEN r.operator THEN 'operator'
              WHEN l.id IS NOT NULL THEN 'call' ELSE 'annotation' END AS kind,
         CASE WHEN w.id IS NOT NULL THEN 'waiting' WHEN r.layer <> 'unknown' THEN r.layer ELSE o.layer END AS layer, coalesce(o.brief, r.brief) AS owner,
         coalesce(r.end_ts > max(r.end_ts) OVER (PARTITION BY r.lane, r.brief ORDER BY r.ts, r.end_ts DESC, r.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS outermost,
         coalesce(r.ts < max(r.end_ts) FILTER (r.operator) OVER (PARTITION BY r.lane ORDER BY r.ts, r.end_ts DESC, r.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false) AS beneath
  FROM read r
  LEFT JOIN called c ON c.lane = r.lane AND c.id = r.id
  LEFT JOIN owned o ON o.id = r.id
  LEFT JOIN launch l ON l.id = r.id
  LEFT JOIN host_wait w ON w.id = r.id),
     step AS (SELECT DISTINCT t.slice_id AS id FROM host_step h JOIN stage t ON t.id = h.stage_id WHERE t.slice_id IS NOT NULL),
     plain AS (
  -- A step's own annotation tells nothing of what is done in it.
  SELECT s.lane, s.id, s.layer, s.named, s.beneath, s.self, s.outermost, CASE WHEN p.id IS NULL THEN s.brief ELSE 'nothing that was recorded' END AS brief,
         CASE WHEN p.id IS NULL THEN s.kind ELSE 'none' END AS kind, CASE WHEN p.id IS NULL THEN s.inside ELSE s.self END AS inside,
         CASE WHEN p.id IS NULL OR s.layer IS NOT NULL THEN s.owner ELSE 'nothing that was recorded' END AS owner
  FROM sorted s
  LEFT JOIN step p ON p.id = s.id),
     total AS (SELECT lane, sum(dur) AS dur FROM piece GROUP BY lane),
     told AS (SELECT lane, sum(self) AS dur FROM sorted GROUP BY lane),
     every AS (
  SELECT lane, id, brief, kind, coalesce(layer, CASE WHEN kind IN ('operator', 'call') THEN 'launching' ELSE 'unknown' END) AS layer, owner, named, beneath, inside, self, outermost
  FROM plain
  UNION ALL
  SELECT t.lane, NULL, 'nothing that was recorded', 'none', 'unknown', 'nothing that was recorded', false, false, t.dur - coalesce(d.dur, 0), t.dur - coalesce(d.dur, 0), true
  FROM total t
  LEFT JOIN told d ON d.lane = t.lane
  WHERE t.dur > coalesce(d.dur, 0))
SELECT l.part, l.stage, l.device, l.source_id, l.track_id, e.id, e.brief AS name, e.kind, e.layer, e.owner, e.named, e.beneath, TRY_CAST(e.inside AS BIGINT) AS inside,
       TRY_CAST(e.self AS BIGINT) AS self, e.outermost
FROM every e
JOIN lane l ON l.lane = e.lane
ORDER BY l.part, l.source_id, l.device, l.stage, l.track_id, e.id
