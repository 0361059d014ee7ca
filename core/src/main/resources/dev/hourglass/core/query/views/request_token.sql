-- One token that an engine gave a request, from the steps in which the request took part.
-- @column engine        engine process
-- @column request       the engine's name of the request
-- @column step          step that it came from
-- @column number        of the request's tokens, from 1
-- @column ts [ns]       when the engine had it, the end of the step
-- @column gap [ns]      since the request's token before; NULL for its first one
CREATE VIEW request_token AS
WITH part AS (
  SELECT r.engine, r.request, r.step, r.phase, s.ts + s.dur AS ts,
         lead(r.phase) OVER (PARTITION BY r.engine, r.request ORDER BY r.step) AS next
  FROM request_step r
  JOIN step s ON s.step = r.step AND s.engine IS NOT DISTINCT FROM r.engine
  WHERE s.dur IS NOT NULL)
SELECT engine, request, step, row_number() OVER token AS number, ts, ts - lag(ts) OVER token AS gap
FROM part
WHERE phase = 'decode' OR next = 'decode'
WINDOW token AS (PARTITION BY engine, request ORDER BY step)
