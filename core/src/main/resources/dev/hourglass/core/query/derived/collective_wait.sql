-- How long a rank waits in each collective for the others: what it takes longer on it than on the rank that came last. Collectives are matched by stage, step, process group and order; a rank is a GPU of a source. Waiting is the first part of a collective, and neither work nor communication.
-- @column id                 the kernel, as in device_op
-- @column source_id          the rank's source
-- @column device             its GPU
-- @column step               the step that issued it
-- @column stage              its stage
-- @column seq                position of the step, as in host_step
-- @column ts [ns]            start of the kernel
-- @column waited [ns]        waiting, from the start on
-- @column exposed [ns]       of it, that no compute runs beside
-- @column ranks [count]      ranks that took part
CREATE OR REPLACE TABLE collective_wait AS
WITH called AS (
  SELECT o.id, o.source_id, o.device, o.ts, o.end_ts - o.ts AS dur, s.step, h.belongs AS stage, h.seq, coalesce(k.process_group, '') AS process_group,
         row_number() OVER (PARTITION BY o.source_id, o.device, s.step, coalesce(k.process_group, '') ORDER BY o.ts, o.id) AS nth
  FROM device_op o
  JOIN step_op s ON s.id = o.id
  JOIN host_step h ON h.step = s.step
  LEFT JOIN kernel k ON k.id = o.id
  WHERE o.class = 'comm' AND o.kind = 'kernel' AND h.stage <> 'between'),
     met AS (
  SELECT stage, seq, process_group, nth, min(dur) AS least, count(DISTINCT (source_id, device)) AS ranks FROM called GROUP BY ALL),
     waiting AS (
  SELECT c.id, c.source_id, c.device, c.step, c.stage, c.seq, c.ts, c.dur - m.least AS waited, m.ranks
  FROM called c
  JOIN met m ON m.stage = c.stage AND m.seq = c.seq AND m.process_group = c.process_group AND m.nth = c.nth
  WHERE m.ranks > 1),
     edge AS (
  SELECT id, source_id, device, ts AS at, -1 AS sign FROM waiting
  UNION ALL
  SELECT id, source_id, device, ts + waited, 1 FROM waiting),
     beside AS (
  SELECT e.id, TRY_CAST(sum(e.sign * coalesce(b.before + least(e.at, b.end_ts) - b.ts, 0)) AS BIGINT) AS ns
  FROM edge e
  ASOF LEFT JOIN (SELECT * FROM busy_span WHERE part = 'compute') b ON b.source_id = e.source_id AND b.device = e.device AND e.at >= b.ts
  GROUP BY e.id)
SELECT w.id, w.source_id, w.device, w.step, w.stage, w.seq, w.ts, w.waited, w.waited - b.ns AS exposed, w.ranks
FROM waiting w
JOIN beside b ON b.id = w.id
ORDER BY w.source_id, w.device, w.ts
