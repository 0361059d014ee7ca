-- How long does a copy of one expert's size take from host to GPU, and how fast is the link at its best?
-- @needs    memcpy
-- @param    least  1000000        bytes from which a copy may hold an expert
-- @column   copied [count]        copies from host to GPU of any size
-- @column   bytes [B]             size of those that move most in all; NULL where none is as large
-- @column   n [count]             copies of that size
-- @column   mean [ns]             their mean time
-- @column   stddev [ns]           sample standard deviation; NULL for one
-- @column   best [B/s]            the fastest copy of at least that many bytes, of those from pinned memory where there are some
-- @column   memory                the kind of memory that it is from; unknown where the recording does not tell
-- @column   predicted [ns]        bytes over best
WITH copy AS (SELECT bytes, dur, coalesce(src_kind, 'unknown') AS memory FROM memcpy WHERE kind = 'HtoD'),
     large AS (
  SELECT bytes, count(*) AS n, avg(dur) AS mean, stddev_samp(dur) AS stddev
  FROM copy
  WHERE bytes >= $least
  GROUP BY bytes
  ORDER BY count(*) * bytes DESC, bytes DESC
  LIMIT 1),
     fastest AS (
  SELECT memory, max(bytes * 1e9 / nullif(dur, 0)) AS best
  FROM copy
  WHERE bytes >= $least
  GROUP BY memory
  ORDER BY best IS NULL, memory <> 'pinned', best DESC, memory
  LIMIT 1),
     link AS (SELECT max(best) AS best, CASE WHEN max(best) IS NOT NULL THEN max(memory) END AS memory FROM fastest)
SELECT (SELECT count(*) FROM copy) AS copied, l.bytes, l.n, l.mean, l.stddev, k.best, k.memory, l.bytes * 1e9 / k.best AS predicted
FROM link k
LEFT JOIN large l ON true
