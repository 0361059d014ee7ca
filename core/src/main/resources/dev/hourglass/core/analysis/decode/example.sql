-- What happens inside a typical step, piece by piece?
-- @needs    token, op
-- @column   token             the step whose T_token is nearest to the median
-- @column   us [µs]           its T_token
-- @column   layer             transformer layer; NULL outside the layers
-- @column   name              the engine's name of the piece
-- @column   kind              the engine's operator
-- @column   component         component key
-- @column   start [ns]        since the start of the step
-- @column   dur [ns]          wall time
-- @column   weight_bytes [B]  bytes of weights read
WITH pick AS (
  SELECT token, ts, dur
  FROM token
  ORDER BY abs(dur - (SELECT quantile_cont(dur, 0.5) FROM token)), token
  LIMIT 1)
SELECT p.token, p.dur / 1000.0 AS us, o.layer, o.name, o.kind, o.component, o.ts - p.ts AS start, o.dur, o.weight_bytes
FROM pick p
JOIN op o ON o.token = p.token
ORDER BY o.ts, o.dur, o.name
