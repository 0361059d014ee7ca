-- Which operators take the host's time, themselves and with what they call?
-- @needs    cpu_op
-- @param    rows         100        how many are listed
-- @column   stage                   stage in whose steps it ran; outside for what ran outside all steps
-- @column   operator                name
-- @column   calls [count]           how often, in all judged steps together
-- @column   per_step [count]        how often per step; NULL outside of steps
-- @column   self [ns]               time inside it and in no operator that it calls, all calls together
-- @column   total [ns]              time inside it, what it calls included, all calls together
-- @column   self_per_step [ns]      self per step; NULL outside of steps
-- @column   mean_self [ns]          self per call
-- @column   share [ratio]           of the time of the stage's steps; outside of steps of all self time there
-- @column   shapes                  shapes of the inputs in which most of its own time went; NULL where none were recorded
WITH RECURSIVE op AS (
  SELECT s.id, s.ts, s.dur, s.name, s.track_id, s.parent_id, d.input_dims
  FROM slice s
  LEFT JOIN op_detail d ON d.id = s.id
  WHERE s.category IN ('cpu_op', 'operator', 'Operator') AND s.dur >= 0),
     climb AS (
  -- To the innermost operator around each, past functions and annotations between.
  SELECT o.id, o.dur, p.id AS above, p.parent_id, p.category IN ('cpu_op', 'operator', 'Operator') AS found
  FROM op o
  JOIN slice p ON p.id = o.parent_id
  UNION ALL
  SELECT c.id, c.dur, p.id, p.parent_id, p.category IN ('cpu_op', 'operator', 'Operator')
  FROM climb c
  JOIN slice p ON p.id = c.parent_id
  WHERE NOT c.found),
     called AS (SELECT above AS id, sum(dur) AS dur FROM climb WHERE found GROUP BY above),
     step AS (SELECT h.step, h.track_id, h.ts, h.end_ts, j.stage FROM host_step h LEFT JOIN judged_step j ON j.step = h.step AND j.told <> 'token'
              WHERE h.stage NOT IN ('between', 'run')),
     span AS (SELECT stage, count(*) AS n, sum(end_ts - ts) AS dur FROM step WHERE stage IS NOT NULL GROUP BY stage),
     placed AS (
  SELECT o.*, greatest(o.dur - coalesce(c.dur, 0), 0) AS self, coalesce(o.ts < h.end_ts, false) AS within, h.stage
  FROM op o
  LEFT JOIN called c ON c.id = o.id
  ASOF LEFT JOIN step h ON h.track_id = o.track_id AND o.ts >= h.ts),
     kept AS (
  SELECT CASE WHEN within THEN stage ELSE 'outside' END AS stage, name, self, dur, input_dims
  FROM placed
  WHERE NOT within OR stage IS NOT NULL),
     shaped AS (
  SELECT stage, name, first(input_dims ORDER BY self DESC, input_dims) AS shapes
  FROM (SELECT stage, name, input_dims, sum(self) AS self FROM kept WHERE input_dims IS NOT NULL GROUP BY ALL)
  GROUP BY ALL),
     named AS (
  SELECT stage, name, count(*) AS calls, TRY_CAST(sum(self) AS BIGINT) AS self, TRY_CAST(sum(dur) AS BIGINT) AS total
  FROM kept
  GROUP BY stage, name)
SELECT n.stage, n.name AS operator, n.calls, n.calls * 1e0 / s.n AS per_step, n.self, n.total, n.self * 1e0 / s.n AS self_per_step,
       n.self * 1e0 / n.calls AS mean_self, n.self * 1e0 / nullif(coalesce(s.dur, sum(n.self) OVER (PARTITION BY n.stage)), 0) AS share, h.shapes
FROM named n
LEFT JOIN span s ON s.stage = n.stage
LEFT JOIN shaped h ON h.stage = n.stage AND h.name = n.name
ORDER BY n.self DESC, n.stage, operator
LIMIT $rows
