-- Do shapes of matrix products keep the tensor cores from being used well?
-- @needs    gemm_call
-- @bound    compute
-- @param    limit        0.05       share of the stage's time in such products from which it is told
-- @column   stage                   which stage
-- @column   products [count]        calls per step whose n or k is no multiple of 8
-- @column   example                 the shape that takes most time
-- @column   share [ratio]           their device time, of the steps' walls
-- @column   stake [ratio]           by what it is ranked: half of that
-- @column   gain [ratio]            half of that
-- @column   severity                info
-- @finding  {stage} computes {products} matrix products per step whose sizes are no multiple of 8, {share} of its time, most of it as {example}
-- @remedy   Pad the sizes to multiples of 8 (16-bit formats) or 16 (8-bit): vocabulary, head and expert dimensions.
-- @gain     half of their time: a misaligned product runs at about half the rate of an aligned one; a rule of thumb, not measured
WITH steps AS (
  SELECT belongs AS stage, count(DISTINCT step) AS steps, sum(wall) AS wall
  FROM step_time WHERE judged AND stage <> 'between' GROUP BY belongs),
     odd AS (
  SELECT h.belongs AS stage, g.m || ' x ' || g.n || ' x ' || g.k AS shape, count(*) AS n, sum(g.dur) AS dur
  FROM gemm_call g
  JOIN (SELECT DISTINCT step, belongs FROM step_time WHERE judged) h ON h.step = g.step
  WHERE (g.n % 8 <> 0 OR g.k % 8 <> 0) AND g.n >= 16 AND g.k >= 16
  GROUP BY ALL)
SELECT o.stage, sum(o.n) * 1e0 / any_value(s.steps) AS products, max_by(o.shape, o.dur) AS example,
       sum(o.dur) * 1e0 / any_value(s.wall) AS share, sum(o.dur) * 0.5 / any_value(s.wall) AS stake,
       sum(o.dur) * 0.5 / any_value(s.wall) AS gain,
       CASE WHEN sum(o.dur) * 1e0 / any_value(s.wall) >= $limit THEN 'info' END AS severity
FROM odd o
JOIN steps s ON s.stage = o.stage
GROUP BY o.stage
ORDER BY share DESC, stage
