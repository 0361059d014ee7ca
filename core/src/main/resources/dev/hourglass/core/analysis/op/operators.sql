-- Which operators of the framework take the GPU's and the host's time?
-- @needs    op_detail, device_op
-- @param    rows         100        how many are listed
-- @column   stage                   stage whose steps issued the work; outside for work outside all steps
-- @column   operator                name
-- @column   calls [count]           calls that issued device work themselves
-- @column   self_gpu [ns]           device time of what it issued itself
-- @column   share [ratio]           of the device time of the stage's operators
-- @column   total_gpu [ns]          device time of what it and the operators inside it issued
-- @column   host [ns]               time of the host inside it, operators inside it included
-- @column   kernels [count]         device operations that it issued itself
-- @column   top_kernel              what takes most of that time
WITH issued AS (
  SELECT o.source_id, c.parent_id AS op, coalesce(h.belongs, 'outside') AS stage, o.short_name, count(*) AS n,
         sum(o.end_ts - o.ts) AS dur
  FROM device_op o
  JOIN slice c ON c.id = o.launch_id
  LEFT JOIN step_op s ON s.id = o.id
  LEFT JOIN host_step h ON h.step = s.step
  GROUP BY ALL),
     direct AS (
  SELECT i.op, i.stage, sum(i.n) AS n, sum(i.dur) AS dur
  FROM issued i
  JOIN op_detail d ON d.id = i.op
  GROUP BY i.op, i.stage),
     top AS (
  SELECT stage, name, first(short_name ORDER BY dur DESC, short_name) AS top_kernel
  FROM (SELECT i.stage, s.name, i.short_name, sum(i.dur) AS dur
        FROM issued i
        JOIN op_detail d ON d.id = i.op
        JOIN slice s ON s.id = i.op
        GROUP BY ALL)
  GROUP BY stage, name),
     up AS (
  WITH RECURSIVE climb AS (
    SELECT d.op, d.op AS ancestor, d.stage, d.dur FROM direct d
    UNION ALL
    SELECT c.op, s.parent_id, c.stage, c.dur
    FROM climb c
    JOIN slice s ON s.id = c.ancestor)
  SELECT ancestor, stage, sum(dur) AS dur FROM climb GROUP BY ancestor, stage),
     named AS (
  SELECT u.stage, s.name, count(*) FILTER (d.op IS NOT NULL) AS calls, TRY_CAST(sum(coalesce(d.dur, 0)) AS BIGINT) AS self_gpu,
         TRY_CAST(sum(u.dur) AS BIGINT) AS total_gpu, TRY_CAST(sum(s.dur) AS BIGINT) AS host, TRY_CAST(sum(coalesce(d.n, 0)) AS BIGINT) AS kernels
  FROM up u
  JOIN slice s ON s.id = u.ancestor
  LEFT JOIN direct d ON d.op = u.ancestor AND d.stage = u.stage
  WHERE s.category IN ('cpu_op', 'operator', 'Operator')
  GROUP BY u.stage, s.name)
SELECT stage, name AS operator, calls, self_gpu, self_gpu * 1e0 / nullif(sum(self_gpu) OVER (PARTITION BY stage), 0) AS share,
       total_gpu, host, kernels, top_kernel
FROM named
LEFT JOIN top USING (stage, name)
ORDER BY self_gpu DESC, total_gpu DESC, stage, name
LIMIT $rows
