-- How long each rank waits for the others in collectives: what a collective takes longer on it than on the rank that came last. Collectives are matched by step and order. A rank is a GPU of a source. Empty where the session has one rank.
-- @column stage              which stage
-- @column source_id          the rank's source
-- @column device             its GPU
-- @column ranks [count]      ranks that took part
-- @column waited [ns]        waiting per step
CREATE VIEW rank_wait AS
WITH judged AS (
  SELECT DISTINCT step, belongs AS stage FROM step_time WHERE judged AND stage <> 'between'),
     collective AS (
  SELECT j.stage, o.source_id, h.seq, o.device, o.end_ts - o.ts AS dur,
         row_number() OVER (PARTITION BY j.stage, o.source_id, o.device, h.seq ORDER BY o.ts) AS nth
  FROM device_op o
  JOIN step_op s ON s.id = o.id
  JOIN judged j ON j.step = s.step
  JOIN host_step h ON h.step = s.step
  WHERE o.class = 'comm' AND o.kind = 'kernel'),
     met AS (
  SELECT stage, seq, nth, min(dur) AS least, count(DISTINCT (source_id, device)) AS ranks FROM collective GROUP BY stage, seq, nth)
SELECT c.stage, c.source_id, c.device, max(m.ranks) AS ranks,
       sum(c.dur - m.least) * 1e0 / count(DISTINCT c.seq) AS waited
FROM collective c
JOIN met m ON m.stage = c.stage AND m.seq = c.seq AND m.nth = c.nth
WHERE m.ranks > 1
GROUP BY c.stage, c.source_id, c.device
