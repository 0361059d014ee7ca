-- What is copied, how fast, from which kind of memory?
-- @needs    memcpy
-- @column   stage                   stage whose steps issued it; outside for copies outside all steps
-- @column   direction               HtoD, DtoH, DtoD, PtoP
-- @column   memory                  kinds of memory, from and to
-- @column   copies [count]          how many
-- @column   bytes [B]               bytes in all
-- @column   bytes_per_step [B]      bytes per step; NULL outside steps
-- @column   bytes_per_token [B]     bytes per token; NULL where the tokens of a step are not known
-- @column   total [ns]              sum of their durations
-- @column   rate [B/s]              bytes over the sum of durations
-- @column   best [B/s]              fastest copy of at least 1 MB in this direction in the recording
-- @column   small_ratio [ratio]     of the copies, those below 64 KiB
WITH steps AS (
  SELECT t.belongs, count(DISTINCT t.step) AS steps, sum(h.tokens) AS tokens
  FROM (SELECT DISTINCT step, belongs FROM step_time WHERE stage <> 'between') t
  JOIN host_step h ON h.step = t.step
  GROUP BY t.belongs),
     placed AS (
  SELECT coalesce(h.belongs, 'outside') AS stage, m.kind, coalesce(m.src_kind, '?') || ' to ' || coalesce(m.dst_kind, '?') AS memory,
         m.bytes, m.dur, max(CASE WHEN m.bytes >= 1000000 THEN m.bytes * 1e9 * 1e0 / nullif(m.dur, 0) END) OVER (PARTITION BY m.kind) AS best
  FROM memcpy m
  JOIN step_op s ON s.id = m.id
  LEFT JOIN host_step h ON h.step = s.step)
SELECT p.stage, p.kind AS direction, p.memory, count(*) AS copies, TRY_CAST(sum(bytes) AS BIGINT) AS bytes,
       sum(bytes) * 1e0 / any_value(steps.steps) AS bytes_per_step, sum(bytes) * 1e0 / any_value(steps.tokens) AS bytes_per_token,
       TRY_CAST(sum(dur) AS BIGINT) AS total, sum(bytes) * 1e9 * 1e0 / nullif(sum(dur), 0) AS rate, any_value(best) AS best,
       avg(CASE WHEN bytes < 65536 THEN 1.0 ELSE 0 END) AS small_ratio
FROM placed p
LEFT JOIN steps ON steps.belongs = p.stage
GROUP BY p.stage, p.kind, p.memory
ORDER BY total DESC, p.stage, p.kind, p.memory
