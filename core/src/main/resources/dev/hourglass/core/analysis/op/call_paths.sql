-- By which call paths does a typical step of each stage reach the GPU?
-- @needs    device_op, launch
-- @param    rows         400        how many are listed of each stage
-- @column   stage                   stage; its step whose wall is nearest to the median is shown
-- @column   path                    modules and operators from the outermost to the innermost, then what ran on the GPU
-- @column   time [ns]               device time in that step
-- @column   share [ratio]           of the step's device time
-- @column   calls [count]           device operations
-- @column   category                what part of a model the last is likely to be
WITH middle AS (
  SELECT belongs, median(wall) AS wall FROM step_time WHERE judged AND stage <> 'between' GROUP BY belongs),
     typical AS (
  SELECT t.belongs AS stage, first(t.step ORDER BY abs(t.wall - m.wall), t.step) AS step
  FROM step_time t
  JOIN middle m ON m.belongs = t.belongs
  WHERE t.judged AND t.stage <> 'between'
  GROUP BY t.belongs),
     issued AS (
  SELECT y.stage, c.parent_id AS node, o.short_name, o.category, count(*) AS n, sum(o.end_ts - o.ts) AS dur
  FROM typical y
  JOIN step_op s ON s.step = y.step
  JOIN device_op o ON o.id = s.id
  LEFT JOIN slice c ON c.id = o.launch_id
  GROUP BY ALL),
     climb AS (
  WITH RECURSIVE up AS (
    SELECT DISTINCT node, node AS here, 0 AS height FROM issued WHERE node IS NOT NULL
    UNION ALL
    SELECT u.node, s.parent_id, u.height + 1
    FROM up u
    JOIN slice s ON s.id = u.here)
  SELECT u.node,
         string_agg(CASE WHEN starts_with(s.name, 'nn.Module: ') THEN regexp_replace(substr(s.name, 12), '_[0-9]+$', '')
                         ELSE s.name END, ' › ' ORDER BY u.height DESC)
           FILTER (WHERE s.category IN ('cpu_op', 'operator', 'Operator') OR starts_with(s.name, 'nn.Module: ')) AS path
  FROM up u
  JOIN slice s ON s.id = u.here
  GROUP BY u.node),
     per AS (
  SELECT i.stage, coalesce(c.path || ' › ', '') || i.short_name AS path, TRY_CAST(sum(i.dur) AS BIGINT) AS time, TRY_CAST(sum(i.n) AS BIGINT) AS calls,
         any_value(i.category) AS category
  FROM issued i
  LEFT JOIN climb c ON c.node = i.node
  GROUP BY ALL)
SELECT stage, path, time, time * 1e0 / nullif(sum(time) OVER (PARTITION BY stage), 0) AS share, calls, category
FROM per
QUALIFY row_number() OVER (PARTITION BY stage ORDER BY time DESC, path) <= $rows
ORDER BY stage, time DESC, path
