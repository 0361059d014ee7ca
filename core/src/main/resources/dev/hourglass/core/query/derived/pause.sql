-- Spans between two steps of a thread in which no step was pending: an engine without requests, or a gap of the recorder. They are as long as ten usual steps and at least 1 ms; neither GPU nor host works in them, and where the recording has the thread's functions, it is in one that waits. They count in no figure of a stage.
-- @column step               the span, as in host_step
-- @column source_id          the source that it was read from
-- @column track_id           thread of the steps around it
-- @column ts [ns]            start
-- @column end_ts [ns]        end
-- @column kind               idle, or recorder where the numbers in the steps' names tell that steps are missing
CREATE OR REPLACE TABLE pause AS
WITH cycle AS (
  SELECT *, lead(ts) OVER lane - ts AS dur,
         TRY_CAST(regexp_extract(right(name, 40), '([0-9]+)[^0-9]*$', 1) AS BIGINT) AS number
  FROM host_step
  WHERE stage NOT IN ('between', 'run')
  WINDOW lane AS (PARTITION BY source_id, track_id ORDER BY ts)),
     counted AS (
  SELECT source_id, track_id, end_ts, lead(number) OVER lane - number AS ahead
  FROM cycle
  WINDOW lane AS (PARTITION BY source_id, track_id ORDER BY ts)),
     usual AS (SELECT source_id, track_id, median(dur) AS dur FROM cycle WHERE dur IS NOT NULL GROUP BY ALL),
     pace AS (SELECT source_id, track_id, mode(ahead) AS ahead FROM counted GROUP BY ALL),
     long AS (
  SELECT h.step, h.source_id, h.track_id, h.ts, h.end_ts, h.end_ts - h.ts AS dur
  FROM host_step h
  JOIN usual u ON u.source_id = h.source_id AND u.track_id = h.track_id
  WHERE h.stage = 'between' AND h.end_ts - h.ts >= greatest(1e6, 1e1 * u.dur)),
     edge AS (
  SELECT step, source_id, track_id, ts AS at, -1 AS sign FROM long
  UNION ALL
  SELECT step, source_id, track_id, end_ts, 1 FROM long),
     device AS (SELECT DISTINCT source_id, device FROM busy_span WHERE part = 'all'),
     busy AS (
  SELECT step, max(ns) AS ns
  FROM (SELECT e.step, e.device, sum(e.sign * coalesce(b.before + least(e.at, b.end_ts) - b.ts, 0)) AS ns
        FROM (SELECT e.*, d.device FROM edge e JOIN device d ON d.source_id = e.source_id) e
        ASOF LEFT JOIN (SELECT * FROM busy_span WHERE part = 'all') b
          ON b.source_id = e.source_id AND b.device = e.device AND e.at >= b.ts
        GROUP BY ALL)
  GROUP BY step),
     known AS (
  SELECT e.step, sum(e.sign * coalesce(s.before + least(e.at, s.end_ts) - s.ts, 0)) AS ns
  FROM edge e
  ASOF LEFT JOIN (SELECT * FROM host_span WHERE part = 'known') s ON s.track_id = e.track_id AND e.at >= s.ts
  GROUP BY e.step),
     frame AS (
  SELECT l.step, coalesce(max(least(s.ts + s.dur, l.end_ts) - s.ts) FILTER (WHERE
           regexp_matches(lower(right(s.name, 80)), 'wait|sleep|poll|select|acquire|recv|accept|park|\\.get\\b|get>|: get$|futex')), 0) AS waiting
  FROM long l
  JOIN slice s ON s.track_id = l.track_id AND s.ts >= l.ts AND s.ts < l.end_ts
  WHERE s.category = 'python_function' AND s.dur > 0
  GROUP BY l.step)
SELECT l.step, l.source_id, l.track_id, l.ts, l.end_ts, CASE WHEN p.ahead = 1 AND c.ahead > 1 THEN 'recorder' ELSE 'idle' END AS kind
FROM long l
JOIN counted c ON c.source_id = l.source_id AND c.track_id = l.track_id AND c.end_ts = l.ts
JOIN pace p ON p.source_id = l.source_id AND p.track_id = l.track_id
LEFT JOIN busy b ON b.step = l.step
LEFT JOIN known k ON k.step = l.step
LEFT JOIN frame f ON f.step = l.step
WHERE coalesce(b.ns, 0) * 1e1 <= l.dur AND coalesce(k.ns, 0) * 1e1 <= l.dur AND coalesce(f.waiting * 2e0 >= l.dur, true)
ORDER BY l.source_id, l.track_id, l.ts
