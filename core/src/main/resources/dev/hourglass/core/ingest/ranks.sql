-- Ranks of a distributed run that a tool merged into one file: each becomes a source of its own.

-- @query label
-- What the name or a label of each process says of its rank: what tools that merge put in brackets before it, or its number.
CREATE OR REPLACE TEMP TABLE merged_rank AS
WITH named AS (
  SELECT upid, source_id,
         coalesce(nullif(regexp_extract(left(name, 80), '^\[([^\]]*[0-9][^\]]*)\]', 1), ''),
                  nullif(regexp_extract(lower(left(coalesce(name, '') || ' ' || coalesce(labels, ''), 200)), '\brank[ _:#]*([0-9]{1,6})\b', 1), '')) AS label
  FROM process),
     label AS (
  SELECT source_id, label, TRY_CAST(regexp_extract(label, '([0-9]{1,6})$', 1) AS BIGINT) AS number FROM named WHERE label IS NOT NULL GROUP BY source_id, label),
     placed AS (
  SELECT source_id, label, number, count(*) OVER own AS labels, count(number) OVER own AS numbers,
         row_number() OVER (PARTITION BY source_id ORDER BY number, label) - 1 AS nth,
         count(*) OVER (PARTITION BY source_id, number) AS alike
  FROM label
  WINDOW own AS (PARTITION BY source_id)),
     ranked AS (
  SELECT *, bool_and(alike = 1) OVER (PARTITION BY source_id) AND numbers = labels AS numbered FROM placed)
SELECT n.upid, r.source_id, r.label, CASE WHEN r.numbered THEN r.number ELSE r.nth END AS rank,
       CASE WHEN r.nth = 0 THEN r.source_id
            ELSE (SELECT max(id) FROM source) + dense_rank() OVER (ORDER BY r.nth = 0, r.source_id, r.nth) END AS part
FROM ranked r
JOIN named n ON n.source_id = r.source_id AND n.label = r.label
WHERE r.labels > 1

-- @query any
SELECT count(*) FROM merged_rank

-- @query sources
INSERT INTO source BY NAME
SELECT s.* REPLACE (m.part AS id, s.name || ' [' || m.label || ']' AS name, m.rank AS rank)
FROM source s
JOIN (SELECT DISTINCT source_id, part, label, rank FROM merged_rank) m ON m.source_id = s.id AND m.part <> s.id

-- @query first
UPDATE source SET name = source.name || ' [' || m.label || ']', rank = m.rank FROM merged_rank m WHERE m.part = source.id AND m.source_id = source.id

-- @query by_process
UPDATE $table SET source_id = m.part FROM merged_rank m WHERE m.upid = $table.upid AND m.source_id = $table.source_id

-- @query by_track
UPDATE $table SET source_id = t.source_id FROM track t WHERE t.id = $table.track_id AND t.source_id <> $table.source_id

-- @query by_slice
UPDATE $table SET source_id = t.source_id FROM slice s JOIN track t ON t.id = s.track_id WHERE s.id = $table.id AND t.source_id <> $table.source_id

-- @query drop
DROP TABLE merged_rank

-- @query mixed
-- Sources whose calls are of several processes while kernels of one stream overlap: GPUs of several ranks under one number.
WITH several AS (SELECT source_id FROM launch WHERE upid IS NOT NULL GROUP BY source_id HAVING count(DISTINCT upid) > 1),
     ordered AS (
  SELECT k.source_id, k.ts < max(k.ts + k.dur) OVER (PARTITION BY k.source_id, k.device, k.stream ORDER BY k.ts, k.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - 1000 AS overlaps
  FROM kernel k
  JOIN several s ON s.source_id = k.source_id
  WHERE k.ts IS NOT NULL)
SELECT s.name
FROM ordered o
JOIN source s ON s.id = o.source_id
GROUP BY s.name
HAVING count(*) FILTER (o.overlaps) * 10 > count(*)
